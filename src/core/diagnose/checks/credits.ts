import * as l10n from "@vscode/l10n";
import { type Finding, broken, ok, warning } from "../finding.ts";

/** A tenth of the smallest edition's day. */
const few = 500;

/** Zoho takes more calls today. `remaining` is undefined where the answers do not tell: less than half is used. */
export function checkCredits(remaining: number | undefined): Finding {
  if (remaining === undefined)
    return ok(l10n.t("More than half of today's API credits are left: Zoho CRM counts down from half."));
  if (remaining === 0) {
    return broken(
      l10n.t("The organisation has no API credits left today, so subscriptions cannot be read or renewed."),
    );
  }
  const left = remaining.toLocaleString("en");
  return remaining < few
    ? warning(l10n.t("Only {0} API credits are left today.", left))
    : ok(l10n.t("{0} API credits are left today.", left));
}
