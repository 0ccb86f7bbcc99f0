import * as l10n from "@vscode/l10n";
import { embeddedName } from "../tunnel/embeddedName.ts";
import type { FormerAddress } from "./formerAddresses.ts";

/** The relay in a sentence. */
export function placeOf(relay: string): string {
  return relay === embeddedName ? l10n.t("this machine's relay") : relay;
}

/** How many subscriptions send there, beside its place. */
export function sendersWords({ senders }: FormerAddress): string {
  return l10n.t("subscriptions: {0}", senders);
}

/** How it stands with a former address, in a sentence or two. */
export function formerSentence({ relay, senders, isUnused, isReplaced, isGone, problem }: FormerAddress): string {
  const place = placeOf(relay);
  if (isGone)
    return l10n.t("Former address at {0}, deleted there. Subscriptions that still send to it: {1}.", place, senders);
  if (problem !== undefined) {
    return l10n.t(
      "Former address at {0}, can't be read now. Subscriptions that still send to it: {1}. {2}",
      ...[place, senders, problem.message],
    );
  }
  if (isUnused && isReplaced) {
    return l10n.t(
      "Former address at {0}. No subscription sends to it, so it's deleted once nothing has arrived for an hour.",
      place,
    );
  }
  return l10n.t("Former address at {0}, still read here. Subscriptions that send to it: {1}.", place, senders);
}
