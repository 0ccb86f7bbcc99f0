import type { Subscription } from "../../../../src/zoho/subscription.ts";

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
