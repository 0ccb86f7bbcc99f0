import * as l10n from "@vscode/l10n";
import { type Channel, expiryHealth, remainingWords } from "../../subscriptions/channel.ts";
import { type Finding, broken, ok, warning } from "../finding.ts";

/** The channel lives, and not only for a little while. Instants and durations in milliseconds. */
export function checkExpiry({ expiresAt }: Pick<Channel, "expiresAt">, now: number, soon: number): Finding {
  const left = remainingWords(expiresAt - now);
  switch (expiryHealth(expiresAt, now, soon)) {
    case "expired":
      return broken(
        l10n.t("The subscription expired, so Zoho CRM sends nothing. Create it again."),
        "recreate-subscription",
      );
    case "soon":
      return warning(l10n.t("The subscription expires in {0}. Renew it.", left), "renew-subscription");
    case "healthy":
      return ok(l10n.t("The subscription lasts another {0}.", left));
  }
}
