import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { Channel, ChannelReading } from "./channel.ts";

export function nothingToWatchProblem(): Problem {
  return {
    code: "NOTHING_TO_WATCH",
    message: l10n.t("There is nothing to subscribe to: choose at least one module and one kind of change."),
    remedy: "none",
  };
}

export function unknownChannelProblem(): Problem {
  return {
    code: "UNKNOWN_CHANNEL",
    message: l10n.t("This subscription is no longer there. Refresh to see what is."),
    remedy: "refresh",
  };
}

/** Part of it is not known: writing the rest would take that part away. */
export function unreadableChannelProblem(): ZohoProblem {
  return {
    kind: "unreadable",
    code: "UNREADABLE_SUBSCRIPTION",
    message: l10n.t(
      "Zoho sent something unreadable about this subscription, so it isn't changed from here. Refresh, or check it with another tool.",
    ),
    remedy: "refresh",
  };
}

export const partlyKnownCode = "PARTLY_KNOWN";

/** It is gone, and making again what was read of it would not be all that it had. */
export function partlyKnownProblem(): ZohoProblem {
  return {
    kind: "unreadable",
    code: partlyKnownCode,
    message: l10n.t(
      "Only part of this subscription could be read before it was gone, so it isn't created again. Create a new one.",
    ),
    remedy: "create-subscription",
  };
}

/** What {@link channelGoneProblem} is told by; Zoho says the same of a channel that it no longer has. */
export const channelGoneCode = "NOT_SUBSCRIBED";

export function channelGoneProblem(): Problem {
  return {
    code: channelGoneCode,
    message: l10n.t("Zoho no longer has this subscription: it expired or was deleted. Refresh, and create it again."),
    remedy: "refresh",
  };
}

export function nothingLeftProblem(): Problem {
  return {
    code: "NOTHING_LEFT",
    message: l10n.t("Nothing would be left to watch. Delete the subscription instead."),
    remedy: "none",
  };
}

export const incompleteListCode = "LIST_INCOMPLETE";

/** There may be subscriptions that are not shown: the list moved while it was read, or Zoho gives only a part of it. */
export function incompleteListProblem({ cutAt }: Pick<ChannelReading, "cutAt"> = {}): ZohoProblem {
  return {
    kind: "unreadable",
    code: incompleteListCode,
    message:
      cutAt === undefined
        ? l10n.t("The list changed while it was read, so subscriptions may be missing here. It's read again shortly.")
        : l10n.t("Zoho gives only the first entries of this list ({0}), so subscriptions may be missing here.", cutAt),
    remedy: "refresh",
  };
}

export const partlyDeletedCode = "PARTLY_DELETED";

/** Zoho deletes module by module; these are left. */
export function partlyDeletedProblem({ subscriptions }: Pick<Channel, "subscriptions">): ZohoProblem {
  const modules = subscriptions.map(({ module }) => module).join(", ");
  return {
    kind: "unreadable",
    code: partlyDeletedCode,
    message: l10n.t("Zoho still has this subscription for {0}. Delete it again.", modules),
    remedy: "refresh",
  };
}

export const busyChannelCode = "CHANNEL_BUSY";

/** Another window, of this machine, writes the channel at this moment. */
export function busyChannelProblem(): Problem {
  return {
    code: busyChannelCode,
    message: l10n.t("Another window is changing this subscription. Try again in a moment."),
    remedy: "retry",
  };
}

/** As Zoho would say it of a channel that expired or was deleted. */
export function notSubscribedProblem(): ZohoProblem {
  return {
    kind: "not-subscribed",
    code: "NOT_SUBSCRIBED",
    message: l10n.t("This subscription no longer exists at Zoho: it expired or was deleted. Create it again."),
    remedy: "recreate-subscription",
  };
}

/** Somebody made it again in between, and otherwise than it was to be. */
export function changedMeanwhileProblem(): Problem {
  return {
    code: "CHANGED_MEANWHILE",
    message: l10n.t(
      "Somebody changed this subscription meanwhile, so nothing was written. Refresh to see how it is now.",
    ),
    remedy: "refresh",
  };
}
