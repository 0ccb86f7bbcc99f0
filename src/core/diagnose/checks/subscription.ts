import * as l10n from "@vscode/l10n";
import { type Channel, type ChannelReading, isReadable } from "../../subscriptions/channel.ts";
import { incompleteListProblem, unreadableChannelProblem } from "../../subscriptions/channelProblems.ts";
import type { SubscriptionsState } from "../../subscriptions/subscriptionService.ts";
import { type UnreadableChannel, groupUnreadable } from "../../subscriptions/unreadable.ts";
import { type Finding, broken, brokenBy, ok, warning } from "../finding.ts";

/** What is to be diagnosed: one channel that was chosen, or whatever the connection has. */
export interface SubscriptionQuestion {
  /** As the server has the connection's channels now. */
  readonly state: SubscriptionsState;
  /** Undefined where no channel was chosen. */
  readonly channelId: string | undefined;
}

/** The channel is there at Zoho, or is an expired one of ours. */
export function checkSubscription({ state, channelId }: SubscriptionQuestion): Finding {
  if (state.kind === "failed") return brokenBy(state.problem);
  if (state.kind === "loading") return broken(l10n.t("The subscriptions could not be read. Try again."), "retry");
  const channel = channelId === undefined ? undefined : findChannel(state, channelId);
  const unreadable = groupUnreadable(state.unreadable);
  return channel === undefined ? absent(state, unreadable, channelId) : present(channel, unreadable);
}

/** It is only gone for certain where all of the list could be read. */
function absent(state: ChannelReading, unreadable: readonly UnreadableChannel[], channelId?: string): Finding {
  const suspects = unreadable.filter(each => channelId === undefined || (each.channelId ?? channelId) === channelId);
  if (suspects.length > 0) return notReadable(suspects);
  if (!state.complete) return warning(incompleteListProblem(state).message, "refresh");
  return broken(
    channelId === undefined
      ? l10n.t("There is no subscription, so Zoho CRM sends nothing. Create one.")
      : l10n.t("Zoho CRM no longer has this subscription: it was deleted. Create it anew."),
    "create-subscription",
  );
}

function present(channel: Channel, unreadable: readonly UnreadableChannel[]): Finding {
  const listed = channel.createdHere
    ? l10n.t("Zoho CRM lists the subscription, made by this editor.")
    : l10n.t("Zoho CRM lists the subscription, made elsewhere.");
  if (!isReadable(channel)) return warning(`${listed} ${unreadableChannelProblem().message}`);
  if (unreadable.length === 0) return ok(listed);
  const names = namesOf(unreadable);
  const others = l10n.t("Zoho sent something unreadable about others, which are left alone: {0}.", names);
  return warning(`${listed} ${others}`);
}

/** What is asked about may be among them. */
function notReadable(unreadable: readonly UnreadableChannel[]): Finding {
  return warning(
    l10n.t("Zoho sent something unreadable, so this can't be checked and is left alone: {0}.", namesOf(unreadable)),
  );
}

/** The modules, and of ids only the end: a report is passed on. */
function namesOf(unreadable: readonly UnreadableChannel[]): string {
  return unreadable
    .map(({ channelId = "", modules }) => [...modules, ...(channelId === "" ? [] : [`…${channelId.slice(-4)}`])])
    .map(words => (words.length === 0 ? l10n.t("Unknown subscription") : words.join(" ")))
    .join(", ");
}

export function findChannel(state: SubscriptionsState, channelId: string): Channel | undefined {
  return state.kind === "loading" ? undefined : state.channels.find(channel => channel.channelId === channelId);
}
