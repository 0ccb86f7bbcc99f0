import type { Subscription, SubscriptionList } from "../../../../src/zoho/subscription.ts";

/** A subscription as Zoho lists it, with what the test wants different. */
export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  return {
    channelId: "1105420521999070702",
    module: "Leads",
    events: ["Leads.create"],
    expiresAt: 0,
    notifyUrl: "https://relay.example.com/in/abc",
    notifyOnRelatedAction: false,
    returnAffectedFieldValues: true,
    ...changes,
  };
}

/** A list of which everything can be read. */
export function aList(...subscriptions: readonly Subscription[]): SubscriptionList {
  return { subscriptions, unreadable: [], complete: true };
}
