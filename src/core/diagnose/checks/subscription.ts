import * as l10n from "@vscode/l10n";
import type { Channel } from "../../subscriptions/channel.ts";
import type { SubscriptionsState } from "../../subscriptions/subscriptionService.ts";
import { type Finding, broken, brokenBy, ok } from "../finding.ts";

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
  if (channelId === undefined) {
    return broken(l10n.t("There is no subscription, so Zoho CRM sends nothing. Create one."), "create-subscription");
  }
  const channel = findChannel(state, channelId);
  if (channel === undefined) {
    return broken(
      l10n.t("Zoho CRM no longer has this subscription: it was deleted. Create it anew."),
      "create-subscription",
    );
  }
  return ok(
    channel.createdHere
      ? l10n.t("Zoho CRM lists the subscription, made by this editor.")
      : l10n.t("Zoho CRM lists the subscription, made elsewhere."),
  );
}

export function findChannel(state: SubscriptionsState, channelId: string): Channel | undefined {
  return state.kind === "loading" ? undefined : state.channels.find(channel => channel.channelId === channelId);
}
