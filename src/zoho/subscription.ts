/** What a channel reports about one module: `GET /actions/watch` has one for each (channel, module). */
export interface Subscription {
  /** A 64-bit number as its digits. */
  readonly channelId: string;
  /** API name of the module. */
  readonly module: string;
  /** Such as "Leads.create". */
  readonly events: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly notifyUrl: string;
  /** What Zoho repeats in every delivery, so that the receiver can tell whose it is. */
  readonly token?: string;
  readonly resourceId?: string;
  readonly resourceUri?: string;
  readonly notifyOnRelatedAction: boolean;
  readonly returnAffectedFieldValues: boolean;
  /** Zoho's own shape, kept to be sent back. */
  readonly notificationCondition?: unknown;
}

/**
 * An entry of `GET /actions/watch` that cannot be read, or is contradicted by another. What can be told of it is kept, so
 * that it can be shown.
 */
export interface UnreadableSubscription {
  /** The digits of the channel's id, where there are some. */
  readonly channelId?: string;
  readonly module?: string;
  /** Names of the members that are missing, of an unknown form or contradictory, such as "channel_expiry". */
  readonly faults: readonly string[];
}

/** What Zoho lists. */
export interface SubscriptionList {
  /** Each (channel, module) once. */
  readonly subscriptions: readonly Subscription[];
  /** Entries that cannot be read. The channels that they name must not be written: part of them is not known. */
  readonly unreadable: readonly UnreadableSubscription[];
  /** False where the list moved while it was read, or the server gave no way to all of it: what is not here may exist. */
  readonly complete: boolean;
  /** So many entries the server gives and no others, where that is why the list is not complete. */
  readonly cutAt?: number;
}

/** A channel as it should be after the call (POST or PUT). */
export interface SubscribeRequest {
  readonly channelId: string;
  readonly events: readonly string[];
  readonly notifyUrl: string;
  /** Milliseconds since 1970; Zoho may grant less. */
  readonly expiresAt: number;
  /** At most 50 characters. */
  readonly token?: string | undefined;
  readonly notifyOnRelatedAction: boolean;
  readonly returnAffectedFieldValues: boolean;
  readonly notificationCondition?: unknown;
}

/**
 * A longer life for a channel, and what else of it changes. Zoho forgets events and token of a channel when a change
 * leaves them out; all else that is left out stays as it is.
 */
export interface RenewRequest {
  readonly channelId: string;
  readonly events: readonly string[];
  readonly token: string | undefined;
  /** Milliseconds since 1970; Zoho may grant less. */
  readonly expiresAt: number;
  /** Mandatory in PATCH, though nothing of it changes. */
  readonly notifyUrl: string;
  readonly notifyOnRelatedAction?: boolean;
  readonly returnAffectedFieldValues?: boolean;
  readonly notificationCondition?: unknown;
}

/** What Zoho granted for one module of a channel. */
export interface GrantedSubscription {
  readonly channelId: string;
  readonly module: string;
  /** Milliseconds since 1970: the truth, whatever was asked for. */
  readonly expiresAt: number;
  readonly resourceId?: string;
  readonly resourceUri?: string;
}

/** Events to take from a channel; address and token go along, as PATCH demands the one and forgets the other. */
export interface RemoveEventsRequest {
  readonly channelId: string;
  readonly events: readonly string[];
  readonly notifyUrl: string;
  readonly token: string | undefined;
}

/** The module that an event such as "Leads.create" is about. */
export function moduleOf(event: string): string {
  return event.slice(0, event.lastIndexOf("."));
}
