import * as l10n from "@vscode/l10n";
import type { Verification } from "../../../protocol/event.ts";
import { type Finding, broken, notApplicable, ok, warning } from "../finding.ts";

export interface TokenQuestion {
  /** The token that Zoho repeats in deliveries; undefined where it has none. */
  readonly listed: string | undefined;
  /** The one that this editor gave the channel; undefined where it did not make it. */
  readonly own: string | undefined;
  /** How a delivery with the listed token would verify. */
  readonly rehearsal: Verification;
  /** How the last real delivery of the channel verified; undefined where there was none. */
  readonly lastDelivery: Verification | undefined;
}

/** Deliveries of the channel carry the token by which this editor knows them. */
export function checkTokenEcho({ listed, own, rehearsal, lastDelivery }: TokenQuestion): Finding {
  if (listed === undefined) return withoutToken(own);
  if (own !== undefined && own !== listed) {
    return broken(
      l10n.t("The token at Zoho CRM is not the one that this editor set: somebody changed the subscription."),
      "recreate-subscription",
    );
  }
  if (rehearsal !== "verified")
    return broken(l10n.t("Deliveries with the subscription's token do not verify here. Refresh."), "refresh");
  return withToken(lastDelivery);
}

function withToken(lastDelivery: Verification | undefined): Finding {
  switch (lastDelivery) {
    case undefined:
      return ok(l10n.t("A delivery with the subscription's token verifies; none has come yet."));
    case "verified":
      return ok(l10n.t("The last delivery carried the subscription's token."));
    case "absent":
      return warning(l10n.t("The last delivery carried no token, as Zoho CRM's deletions now and then do."));
    case "mismatch":
    case "unknown":
      return warning(
        l10n.t(
          "The last delivery did not carry the subscription's token: it came from elsewhere, or before the token changed.",
        ),
      );
  }
}

/** A renewal that leaves the token out makes Zoho forget it. */
function withoutToken(own: string | undefined): Finding {
  if (own === undefined)
    return notApplicable(l10n.t("The subscription has no token, so its deliveries cannot be verified."));
  return broken(
    l10n.t(
      "Zoho CRM has lost the token of this subscription, so its deliveries cannot be verified. Renew it to set it again.",
    ),
    "renew-subscription",
  );
}
