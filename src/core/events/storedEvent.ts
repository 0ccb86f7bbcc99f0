import type { EventSource, Handling, Operation } from "../../protocol/event.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";

/** One entry of the event history. Ids rise in the order in which this machine stored the entries, and are never reused. */
export type StoredEvent = StoredRequest | StoredGap | StoredRecovery;

/** What every entry has. */
interface StoredEntry {
  readonly id: number;
  /** When the relay had it, or this machine heard of it: milliseconds since 1970. */
  readonly receivedAt: number;
  /** When this machine stored it: milliseconds since 1970. */
  readonly storedAt: number;
  readonly source: EventSource;
  /** Kept beyond retention. */
  readonly pinned?: true;
  /** What the local handler made of it, if it was to have it. */
  readonly handling?: Handling;
}

export interface StoredRequest extends StoredEntry {
  readonly kind: "request";
  /** The event's place in its relay channel, or among those that were made on this machine. */
  readonly sequence: number;
  /** An encoded captured request (protocol/capturedRequest.ts); the sealed bytes as they came where `unreadable`. */
  readonly payload: Uint8Array;
  readonly unreadable?: UnreadableReason;
  /** Which Zoho channel and module it notifies of, where it is a notification that names a channel. */
  readonly subject?: RequestSubject;
  /** The relay had it before the editor that stored it had caught up with it. */
  readonly isBacklog?: true;
  /** Of an edited event that was sent from here: the event that it was made from. It may be gone. */
  readonly parentId?: number;
}

/**
 * The relay said that it no longer had these events when this machine asked for them; or that its log was reset, in which
 * case this machine may have the events of these numbers, and the relay may have taken others that it lost.
 */
export interface StoredGap extends StoredEntry {
  readonly kind: "gap";
  /** The first sequence that is concerned. */
  readonly sequence: number;
  /** How many sequences are concerned. */
  readonly count: number;
  readonly reason: GapReason;
}

/** A change that no delivery told of, as it was found in the CRM itself: it was received when it was found. */
export interface StoredRecovery extends StoredEntry {
  readonly kind: "recovered";
  /** Counts what was recovered over the connection. */
  readonly sequence: number;
  readonly operation: Operation;
  readonly recordId: string;
  /** The CRM's time of the change: milliseconds since 1970. */
  readonly changedAt: number;
  readonly subject: NotificationSubject;
  /** See recoveredPayload.ts. */
  readonly payload: Uint8Array;
}

export type GapReason = "retention" | "reset";

/** What a delivery is about: the module is unknown of those that name none. */
export interface RequestSubject {
  readonly channelId: string;
  readonly module?: string;
}

export interface NotificationSubject {
  /** The channel id of the subscription at Zoho, not the relay's channel. */
  readonly channelId: string;
  readonly module: string;
}
