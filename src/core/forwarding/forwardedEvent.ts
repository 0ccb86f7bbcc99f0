import { utf8Decode } from "../../base/bytes.ts";
import { type CapturedRequest, decodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import type { Verification } from "../../protocol/event.ts";
import { probeMarkerOf } from "../../protocol/probe.ts";
import { parseNotification } from "../../zoho/notification.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";
import { markHeaders } from "./outgoingHeaders.ts";

/** An event of the history that holds a request which can be sent, and what there is to know of it for sending. */
export interface ForwardedEvent {
  readonly id: number;
  /** Its place in its relay channel. */
  readonly sequence: number;
  /** Milliseconds since 1970, by the relay's clock. */
  readonly receivedAt: number;
  readonly request: CapturedRequest;
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
  if (event.kind !== "request" || event.unreadable !== undefined) return undefined;
  const decoded = decodeCapturedRequest(event.payload);
  if (!decoded.ok) return undefined;
  const { id, sequence, receivedAt } = event;
  return { id, sequence, receivedAt, request: decoded.value, ...notificationOf(decoded.value, tokens) };
}

function notificationOf({ body }: CapturedRequest, tokens: TokenVerifier): Pick<ForwardedEvent, "notification"> {
  const parsed = parseNotification(utf8Decode(body));
  if (!parsed.ok) return {};
  const { module, operation, channelId, recordIds } = parsed.value;
  return {
    notification: { module, operation, channelId, recordIds, verification: verificationOf(parsed.value, tokens) },
  };
}

/** Not for a handler: the test events of Diagnose, and what this editor has forwarded before (a rule may lead back here). */
export function isForHandlers({ request }: ForwardedEvent): boolean {
  const wasForwarded = request.headers.some(([name]) => name.toLowerCase() === markHeaders.event.toLowerCase());
  return !wasForwarded && probeMarkerOf(request) === undefined;
}

/** What is sent one after another: everything about one record. An event about no record waits for nobody. */
export function lanesOf({ notification }: ForwardedEvent): readonly string[] {
  return notification === undefined ? [] : [...new Set(notification.recordIds)];
}
