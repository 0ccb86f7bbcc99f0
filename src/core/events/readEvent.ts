import { assertNever } from "../../base/assertNever.ts";
import { utf8DecodeStrict, utf8Encode } from "../../base/bytes.ts";
import { given } from "../../base/given.ts";
import type { Result } from "../../base/result.ts";
import { type CapturedRequest, decodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import { probeMarkerOf } from "../../protocol/probe.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import { type Notification, type NotificationProblem, parseNotification } from "../../zoho/notification.ts";
import { type BodyFault, type DecodedBody, decodeBody, decodeLossyBody } from "./decodedBody.ts";
import { type RecoveredPayload, decodeRecoveredPayload, recordText } from "./recoveredPayload.ts";
import type { StoredEvent, StoredGap, StoredRecovery, StoredRequest } from "./storedEvent.ts";

/** A stored event as it was read. What it proves is not part of it: a token may be learned later (verification.ts). */
export type ReadEvent =
  | (ReadRequest & { readonly event: StoredRequest })
  | {
      readonly kind: "recovered";
      readonly event: StoredRecovery;
      readonly payload: RecoveredPayload;
      /** The record as text: it stands in the place of what was sent. */
      readonly body: Uint8Array;
    }
  | { readonly kind: "gap"; readonly event: StoredGap }
  | (Undecodable & { readonly event: StoredRequest | StoredRecovery });

/** A request, and what it is. */
export interface ReadRequest {
  readonly kind: "request";
  readonly request: CapturedRequest;
  readonly reading: RequestReading;
}

/** Sealed without a key, with a broken seal, or in a stored form that is damaged: its bytes are all there is. */
export interface Undecodable {
  readonly kind: "undecodable";
  readonly why: UnreadableReason | "stored-form";
}

/** What a request is. */
export type RequestReading = { readonly body: DecodedBody } & (
  | { readonly kind: "notification"; readonly notification: Notification }
  /** In no form of Zoho's notifications: see webhook.ts. */
  | { readonly kind: "webhook" }
  /** A test event of Diagnose. */
  | { readonly kind: "probe"; readonly marker: string }
  /** It seems to be a notification, and cannot be read. */
  | { readonly kind: "unreadable"; readonly fault: BodyFault }
);

/** Reads a stored event, once: what it is, and its body in its own form. */
export function readEvent(event: StoredEvent): ReadEvent {
  switch (event.kind) {
    case "gap":
      return { kind: "gap", event };
    case "recovered":
      return readRecovery(event);
    case "request":
      return { ...readPayload(event), event };
    default:
      return assertNever(event);
  }
}

/** Reads what is stored of a request, or is about to be. */
export function readPayload({
  payload,
  unreadable,
}: Pick<StoredRequest, "payload" | "unreadable">): ReadRequest | Undecodable {
  if (unreadable !== undefined) return { kind: "undecodable", why: unreadable };
  const decoded = decodeCapturedRequest(payload);
  if (!decoded.ok) return { kind: "undecodable", why: "stored-form" };
  return { kind: "request", request: decoded.value, reading: readRequest(decoded.value) };
}

/** Reads a request, once: what it is, and its body. */
export function readRequest(request: CapturedRequest): RequestReading {
  const body = decodeBody(request);
  return body.text === undefined ? readDamaged(request, body) : readText(request, body, parseNotification(body.text));
}

/** The request of an event; undefined for gaps, for what was found in the CRM, and for what could not be opened. */
export function requestOf(read: ReadEvent): CapturedRequest | undefined {
  return read.kind === "request" ? read.request : undefined;
}

/** The notification that an event is; undefined for everything else. */
export function notificationOf(read: ReadEvent): Notification | undefined {
  return read.kind === "request" && read.reading.kind === "notification" ? read.reading.notification : undefined;
}

/** What was sent, or what stands in its place: the record of what was recovered, the bytes of what cannot be read. */
export function bodyOf(read: ReadEvent): Uint8Array {
  switch (read.kind) {
    case "request":
      return read.request.body;
    case "recovered":
      return read.body;
    case "undecodable":
      return read.event.payload;
    case "gap":
      return new Uint8Array();
    default:
      return assertNever(read);
  }
}

/** The text of {@link bodyOf}; undefined where some of its bytes are no characters. */
export function textOf(read: ReadEvent): string | undefined {
  if (read.kind !== "request") return utf8DecodeStrict(bodyOf(read));
  const { text, isLossy } = read.reading.body;
  return isLossy ? undefined : text;
}

function readRecovery(event: StoredRecovery): ReadEvent {
  const payload = decodeRecoveredPayload(event.payload);
  if (payload === undefined) return { kind: "undecodable", event, why: "stored-form" };
  return { kind: "recovered", event, payload, body: utf8Encode(recordText(payload)) };
}

function readText(
  request: CapturedRequest,
  body: DecodedBody,
  parsed: Result<Notification, NotificationProblem>,
): RequestReading {
  if (parsed.ok) return { kind: "notification", body, notification: parsed.value };
  if (parsed.error.kind === "not-notification") return probeOrWebhook(request, body);
  return { kind: "unreadable", body, fault: { kind: "json", ...given({ position: parsed.error.position }) } };
}

/** A notification is one though some of its bytes are no characters. */
function readDamaged(request: CapturedRequest, body: DecodedBody): RequestReading {
  const lossy = decodeLossyBody(request);
  const parsed = parseNotification(lossy.text);
  if (parsed.ok) return { kind: "notification", body: lossy, notification: parsed.value };
  const claimsJson = /[/+]json\b/i.test(body.contentType);
  return claimsJson ? { kind: "unreadable", body, fault: { kind: "not-text" } } : probeOrWebhook(request, body);
}

function probeOrWebhook(request: CapturedRequest, body: DecodedBody): RequestReading {
  const marker = probeMarkerOf(request);
  return marker === undefined ? { kind: "webhook", body } : { kind: "probe", body, marker };
}
