import type { InspectorFilter } from "../../protocol/inspector.ts";

/** One entry of the event history. Ids rise in the order in which this machine stored the entries, and are never reused. */
export type StoredEvent = StoredRequest | StoredGap;

export interface StoredRequest {
  readonly kind: "request";
  readonly id: number;
  /** The event's place in its relay channel. */
  readonly sequence: number;
  /** When the relay had it: milliseconds since 1970. */
  readonly receivedAt: number;
  /** An encoded captured request (protocol/capturedRequest.ts). */
  readonly payload: Uint8Array;
  /** Which Zoho channel and module it notifies of, where it is a notification. */
  readonly subject?: NotificationSubject;
}

/** The relay said that it no longer had these events when this machine asked for them. */
export interface StoredGap {
  readonly kind: "gap";
  readonly id: number;
  /** The first sequence that is gone. */
  readonly sequence: number;
  /** When this machine heard of it: milliseconds since 1970. */
  readonly receivedAt: number;
  /** How many events are gone. */
  readonly count: number;
  readonly reason: GapReason;
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
