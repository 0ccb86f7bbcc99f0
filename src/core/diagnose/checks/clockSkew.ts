import * as l10n from "@vscode/l10n";
import { minute, second } from "../../../base/clock.ts";
import { type Finding, broken, notApplicable, ok, warning } from "../finding.ts";

/** The Date header has whole seconds, and an answer takes its time. */
const noticed = 30 * second;
/** Expiries and tokens are handled with a minute to spare. */
const harmful = 5 * minute;

/** This machine's clock against Zoho's. `skew`: how far ours is ahead, in milliseconds; undefined where none told. */
export function checkClock(skew: number | undefined): Finding {
  if (skew === undefined) return notApplicable(l10n.t("No answer said what time it is at Zoho CRM."));
  const seconds = Math.round(Math.abs(skew) / second);
  const shown = seconds.toLocaleString("en");
  if (Math.abs(skew) >= harmful) return broken(harmfulSentence(skew > 0, shown));
  if (Math.abs(skew) >= noticed) return warning(noticedSentence(skew > 0, shown));
  return ok(l10n.t("This machine's clock and Zoho CRM's differ by {0} s.", seconds));
}

function harmfulSentence(isAhead: boolean, seconds: string): string {
  return isAhead
    ? l10n.t("This machine's clock is {0} s ahead of Zoho CRM's. Set it, or expiries are misjudged.", seconds)
    : l10n.t("This machine's clock is {0} s behind Zoho CRM's. Set it, or expiries are misjudged.", seconds);
}

function noticedSentence(isAhead: boolean, seconds: string): string {
  return isAhead
    ? l10n.t("This machine's clock is {0} s ahead of Zoho CRM's. Set it.", seconds)
    : l10n.t("This machine's clock is {0} s behind Zoho CRM's. Set it.", seconds);
}
