import { given } from "../../base/given.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import type { Verification } from "../../protocol/event.ts";
import { lanesOf } from "../events/lanes.ts";
import { type ReadEvent, notificationOf, readEvent } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";

/** An event of the history that holds a request which can be sent, and what there is to know of it for sending. */
export interface ForwardedEvent {
  readonly id: number;
  /** Its place in its relay channel. */
  readonly sequence: number;
  /** Milliseconds since 1970, by the relay's clock. */
  readonly receivedAt: number;
  readonly request: CapturedRequest;
  /** See lanesOf. */
  readonly lanes: readonly string[];
  readonly notification?: {
    readonly module?: string | undefined;
    /** An operation of subscribing, or another word of the delivery. */
    readonly operation?: string | undefined;
    readonly channelId?: string | undefined;
    readonly recordIds: readonly string[];
    readonly verification: Verification;
  };
}

/** Undefined for what holds no request: gaps, what was found in the CRM, and what could not be opened. */
export function forwardedEventOf(event: StoredEvent, tokens: TokenVerifier): ForwardedEvent | undefined {
  return toForwardedEvent(readEvent(event), tokens);
}

/** The same of an event that was read. */
export function toForwardedEvent(read: ReadEvent, tokens: TokenVerifier): ForwardedEvent | undefined {
  if (read.kind !== "request") return undefined;
  const { id, sequence, receivedAt } = read.event;
  const notification = ruledNotification(read, tokens);
  return { id, sequence, receivedAt, request: read.request, lanes: lanesOf(read), ...given({ notification }) };
}

function ruledNotification(read: ReadEvent, tokens: TokenVerifier): ForwardedEvent["notification"] {
  const notification = notificationOf(read);
  if (notification === undefined) return undefined;
  const { module, operation, channelId, recordIds } = notification;
  return { module, operation, channelId, recordIds, verification: verificationOf(read, tokens) };
}
