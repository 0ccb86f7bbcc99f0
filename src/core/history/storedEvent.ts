import type { InspectorFilter, Operation } from "../../protocol/inspector.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";

/** One entry of the event history. Ids rise in the order in which this machine stored the entries, and are never reused. */
export type StoredEvent = StoredRequest | StoredGap | StoredRecovery;

export interface StoredRequest {
  readonly kind: "request";
  readonly id: number;
  /** The event's place in its relay channel. */
  readonly sequence: number;
  /** When the relay had it: milliseconds since 1970. */
  readonly receivedAt: number;
  /** An encoded captured request (protocol/capturedRequest.ts); the sealed bytes as they came where `unreadable`. */
  readonly payload: Uint8Array;
  readonly unreadable?: UnreadableReason;
  /** Which Zoho channel and module it notifies of, where it is a notification. */
  readonly subject?: NotificationSubject;
}

/**
 * The relay said that it no longer had these events when this machine asked for them; or that its log was reset, in which
 * case this machine may have the events of these numbers, and the relay may have taken others that it lost.
 */
export interface StoredGap {
  readonly kind: "gap";
  readonly id: number;
  /** The first sequence that is concerned. */
  readonly sequence: number;
  /** When this machine heard of it: milliseconds since 1970. */
  readonly receivedAt: number;
  /** How many sequences are concerned. */
  readonly count: number;
  readonly reason: GapReason;
}

/** A change that no delivery told of, as it was found in the CRM itself. */
export interface StoredRecovery {
  readonly kind: "recovered";
  readonly id: number;
  /** Counts what was recovered over the connection. */
  readonly sequence: number;
  /** When it was found: milliseconds since 1970. */
  readonly receivedAt: number;
  readonly operation: Operation;
  readonly recordId: string;
  /** The CRM's time of the change: milliseconds since 1970. */
  readonly changedAt: number;
  readonly subject: NotificationSubject;
  /** See recoveredPayload.ts. */
  readonly payload: Uint8Array;
}

export type GapReason = "retention" | "reset";

export interface NotificationSubject {
  /** The channel id of the subscription at Zoho, not the relay's channel. */
  readonly channelId: string;
  readonly module: string;
}

/** Whether a list with `filter` shows `event`. A gap belongs to no subscription, so a filtered list has none. */
export function matchesFilter(event: StoredEvent, filter: InspectorFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (event.kind === "gap" || event.subject?.channelId !== filter.channelId) return false;
  return filter.module === undefined || filter.module === event.subject.module;
}
