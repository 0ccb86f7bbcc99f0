import type { UnreadableReason } from "../../protocol/sealing.ts";
import type { GapReason } from "./storedEvent.ts";

/**
 * An event as a relay delivers it. The payload is an encoded captured request (src/protocol/capturedRequest.ts), or the
 * sealed bytes as they came where those are `unreadable`.
 */
export interface Capture {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly payload: Uint8Array;
  readonly unreadable?: UnreadableReason;
  /** The relay had it before this editor had caught up with it. */
  readonly isBacklog?: true;
}

/** Events `from` to `to` (inclusive) will not come. */
export interface EventGap {
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}

/** Where the events of one relay channel are kept on this machine. What throws, has not stored. */
export interface EventSink {
  /** The newest sequence stored or known to be gone; 0 before the first. */
  lastSequence(): number;
  /** Durable on return. Sequences that are there already are passed over: windows share a history. */
  store(captures: readonly Capture[]): void;
  recordGap(gap: EventGap): void;
}
