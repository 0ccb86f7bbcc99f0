import * as l10n from "@vscode/l10n";
import { isPublic } from "../../../base/publicHost.ts";
import { pointsHere } from "../../subscriptions/channel.ts";
import { type Finding, broken, notChecked, ok, okWith, warning } from "../finding.ts";

/** The longest address that Zoho takes. */
const longestAddress = 255;

export interface AddressQuestion {
  readonly notifyUrl: string;
  /** The address that leads to this editor; undefined before the relay has given one. */
  readonly here: string | undefined;
  /** How it stands with the former address of this editor's that this is; undefined where it is none. */
  readonly former: { readonly isGone: boolean } | undefined;
  /** The CRM runs on this machine, so that it reaches what the outside does not. */
  readonly isLocal: boolean;
}

/**
 * Zoho can use the address, and it leads to this editor. What leads elsewhere is broken, whatever else is wrong with it:
 * a test event is posted to an address that is not, and must not reach anybody else.
 */
export function checkAddress({ notifyUrl, here, former, isLocal }: AddressQuestion): Finding {
  const fault = faultOf(notifyUrl, isLocal);
  if (fault !== undefined) return fault;
  if (former !== undefined) return formerAddress(former.isGone);
  if (here === undefined) return notChecked("relay");
  const url = new URL(notifyUrl);
  if (!leadsHere(notifyUrl, here)) return leadsElsewhere(url.host, new URL(here).host);
  if (isLocal && !isPublic(url))
    return ok(l10n.t("Leads to this editor through {0}, for this machine only.", url.host));
  if (!isLocal && url.protocol !== "https:") return inTheClear();
  return ok(
    l10n.t(
      "Public HTTPS, {0} of {1} characters, leads to this editor through {2}.",
      notifyUrl.length,
      longestAddress,
      url.host,
    ),
  );
}

/** The same address without HTTPS is still this editor's. */
function leadsHere(notifyUrl: string, here: string): boolean {
  return pointsHere({ notifyUrl }, [here, here.replace(/^https:/, "http:")]);
}

function faultOf(notifyUrl: string, isLocal: boolean): Finding | undefined {
  if (!URL.canParse(notifyUrl)) return broken(l10n.t("The subscription's address is no valid URL."), "point-here");
  if (notifyUrl.length > longestAddress) {
    return broken(
      l10n.t("The address has {0} characters; Zoho takes at most {1}.", notifyUrl.length, longestAddress),
      "point-here",
    );
  }
  return isLocal ? undefined : faultOfPublic(new URL(notifyUrl));
}

function faultOfPublic(url: URL): Finding | undefined {
  if (!isPublic(url)) {
    return broken(
      l10n.t(
        "{0} can be reached from this machine or network only. Use a relay that Zoho can reach, or a tunnel to yours.",
        url.host,
      ),
      "get-address",
    );
  }
  return undefined;
}

function inTheClear(): Finding {
  return warning(l10n.t("The address is not HTTPS, so what Zoho CRM sends can be read on the way."), "configure-relay");
}

function formerAddress(isGone: boolean): Finding {
  return isGone
    ? broken(l10n.t("This is your former address, which its relay doesn't have anymore."), "send-here")
    : okWith(l10n.t("Your former address, still read here."), "send-here");
}

function leadsElsewhere(host: string, here: string): Finding {
  return broken(
    host === here
      ? l10n.t("The subscription sends to another channel of the relay {0}, not to this editor.", host)
      : l10n.t("The subscription sends to {0}, not to this editor.", host),
    "point-here",
  );
}
