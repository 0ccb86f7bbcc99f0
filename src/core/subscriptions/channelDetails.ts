import type { SubscribeRequest, Subscription } from "../../zoho/subscription.ts";

/** All that Zoho knows of a channel, as one: what a request must say that is to leave nothing out. */
export interface ChannelDetails {
  /** A 64-bit number as its digits. */
  readonly channelId: string;
  /** Such as "Leads.create"; every operation by its name. */
  readonly events: readonly string[];
  readonly notifyUrl: string;
  /** Where some of its modules send instead, as where Zoho took another address for a part only; none where all agree. */
  readonly otherUrls?: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly token?: string;
  readonly notifyOnRelatedAction: boolean;
  readonly returnAffectedFieldValues: boolean;
  /** Zoho's own shape, at most one for each module; what is not understood here is kept and sent back. */
  readonly conditions: readonly unknown[];
}

/** The subscriptions of one channel as one; undefined where there are none. */
export function detailsOf(subscriptions: readonly Subscription[]): ChannelDetails | undefined {
  const [first] = subscriptions;
  if (first === undefined) return undefined;
  const token = subscriptions.find(each => each.token !== undefined)?.token;
  const urls = withoutRepetition(subscriptions.map(({ notifyUrl }) => notifyUrl));
  return {
    channelId: first.channelId,
    events: withoutRepetition(subscriptions.flatMap(({ events }) => events).flatMap(expanded)),
    notifyUrl: first.notifyUrl,
    ...(urls.length > 1 ? { otherUrls: urls.slice(1) } : {}),
    // The latest: sending an earlier one back would cut a module short.
    expiresAt: Math.max(...subscriptions.map(({ expiresAt }) => expiresAt)),
    ...(token === undefined ? {} : { token }),
    notifyOnRelatedAction: first.notifyOnRelatedAction,
    returnAffectedFieldValues: first.returnAffectedFieldValues,
    conditions: conditionsOf(subscriptions),
  };
}

/** The request that makes a channel what `details` say. */
export function toRequest({ conditions, otherUrls: _, ...details }: ChannelDetails): SubscribeRequest {
  return { ...details, ...(conditions.length === 0 ? {} : { notificationCondition: conditions }) };
}

/** Zoho's "Leads.all" as the operations that it stands for, as Zoho lists them. */
export function expanded(event: string): readonly string[] {
  const all = /^(.*)\.all$/.exec(event)?.[1];
  return all === undefined ? [event] : ["create", "edit", "delete"].map(operation => `${all}.${operation}`);
}

export function withoutRepetition(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** Zoho shows a condition with its own module, or repeats it with each of the channel. */
function conditionsOf(subscriptions: readonly Subscription[]): readonly unknown[] {
  const byText = new Map<string, unknown>();
  for (const { notificationCondition } of subscriptions) {
    const entries: readonly unknown[] = Array.isArray(notificationCondition) ? notificationCondition : [];
    for (const entry of entries) byText.set(JSON.stringify(entry), entry);
  }
  return [...byText.values()];
}
