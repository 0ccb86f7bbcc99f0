import { type Channel, expiryHealth, remainingWords } from "../../subscriptions/channel.ts";
import { type Finding, broken, ok, warning } from "../finding.ts";

/** The channel lives, and not only for a little while. Instants and durations in milliseconds. */
export function checkExpiry({ expiresAt }: Pick<Channel, "expiresAt">, now: number, soon: number): Finding {
  const left = remainingWords(expiresAt - now);
  switch (expiryHealth(expiresAt, now, soon)) {
    case "expired":
      return broken("The subscription expired, so Zoho CRM sends nothing. Create it again.", "recreate-subscription");
    case "soon":
      return warning(`The subscription expires in ${left}. Renew it.`, "renew-subscription");
    case "healthy":
      return ok(`The subscription lasts another ${left}.`);
  }
}
