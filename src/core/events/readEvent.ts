import { assertNever } from "../../base/assertNever.ts";
import { utf8DecodeStrict, utf8Encode } from "../../base/bytes.ts";
import { given } from "../../base/given.ts";
import { parseJson } from "../../base/json.ts";
import { type CapturedRequest, decodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import { probeMarkerOf } from "../../protocol/probe.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import { type Notification, type NotificationProblem, hasMarks, parseNotification } from "../../zoho/notification.ts";
import { type BodyFault, type DecodedBody, asLossyText, decodeBody, largestDecoded } from "./decodedBody.ts";
import { formerCharset } from "./charset.ts";
import { beginsLikeJson, claimsJson } from "./form.ts";
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

/** A list is looked into up to so many characters, to tell whether it is JSON, and a large body at each end, for its marks. */
const longestList = 64 * 1024;

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

/** Reads a stored event, once: what it is, and its body in its own form; nothing compressed of more than `most` bytes. */
export function readEvent(event: StoredEvent, most?: number): ReadEvent {
  switch (event.kind) {
    case "gap":
      return { kind: "gap", event };
    case "recovered":
      return readRecovery(event);
    case "request":
      return { ...readPayload(event, most), event };
    default:
      return assertNever(event);
  }
}

/** What payloads say, for as long as somebody holds them: an event that comes in is stored, sent on and shown at once. */
const readings = new WeakMap<Uint8Array, ReadRequest | Undecodable>();

/**
 * Reads what is stored of a request, or is about to be: the same bytes once. Of what is compressed no more than `most` is
 * undone, in bytes.
 */
export function readPayload(
  { payload, unreadable }: Pick<StoredRequest, "payload" | "unreadable">,
  most?: number,
): ReadRequest | Undecodable {
  if (unreadable !== undefined) return { kind: "undecodable", why: unreadable };
  const known = readings.get(payload);
  if (known !== undefined) return known;
  const read = readBytes(payload, most);
  if (most === undefined) readings.set(payload, read);
  return read;
}

function readBytes(payload: Uint8Array, most: number | undefined): ReadRequest | Undecodable {
  const decoded = decodeCapturedRequest(payload);
  if (!decoded.ok) return { kind: "undecodable", why: "stored-form" };
  return { kind: "request", request: decoded.value, reading: readRequest(decoded.value, most) };
}

/** Reads a request, once: what it is, and its body. */
export function readRequest(request: CapturedRequest, most?: number): RequestReading {
  const body = decodeBody(request, most);
  if (body.text === undefined) return readDamaged(request, body);
  if (body.isCut) return hidden(request, body);
  if (body.text.length > largestDecoded) return readLarge(request, body, body.text);
  // A notification that is no UTF-8 is read as such, with marks where characters are lost; other text by its former charset.
  const lossy = body.charsetBy === "guessed" && body.charset === formerCharset ? asLossyText(body) : undefined;
  const parsed = parseNotification(lossy?.text ?? body.text);
  return parsed.ok
    ? { kind: "notification", body: lossy ?? body, notification: parsed.value }
    : readOther(request, body, body.text, parsed.error);
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

/** The text that is in {@link bodyOf}, without what it was encoded with; undefined where some of it is no characters. */
export function textOf(read: ReadEvent): string | undefined {
  if (read.kind !== "request") return utf8DecodeStrict(bodyOf(read));
  const { text, isLossy } = read.reading.body;
  return isLossy ? undefined : text;
}

/** What is in {@link bodyOf}, without its codings; text in UTF-8, and without a byte order mark where it was encoded. */
export function plainOf(read: ReadEvent): Uint8Array {
  if (read.kind !== "request") return bodyOf(read);
  const { text, plain, charset, isLossy } = read.reading.body;
  return text === undefined || charset === "utf-8" || isLossy ? plain : utf8Encode(text);
}

function readRecovery(event: StoredRecovery): ReadEvent {
  const payload = decodeRecoveredPayload(event.payload);
  if (payload === undefined) return { kind: "undecodable", event, why: "stored-form" };
  return { kind: "recovered", event, payload, body: utf8Encode(recordText(payload)) };
}

function readOther(
  request: CapturedRequest,
  body: DecodedBody,
  text: string,
  problem: NotificationProblem,
): RequestReading {
  const broken = problem.kind === "unreadable" ? problem : problem.broken;
  const fault: BodyFault = { kind: "json", ...given({ position: broken?.position }) };
  if (problem.kind === "unreadable") return { kind: "unreadable", body, fault };
  const isFaulty = (broken !== undefined || isBrokenList(text)) && (claimsJson(body) || beginsLikeJson(text));
  return probeOrWebhook(request, isFaulty ? { ...body, fault: body.fault ?? fault } : body);
}

/** The parser of notifications looks into objects only. */
function isBrokenList(text: string): boolean {
  return text.length <= longestList && /^\s*\[/.test(text) && !parseJson(text).ok;
}

/** Only its kind is told: to look into it would hold up the editor. Zoho writes the long members between the marks. */
function readLarge(request: CapturedRequest, body: DecodedBody, text: string): RequestReading {
  const fault: BodyFault = { kind: "too-large" };
  return hasMarks(text.slice(0, longestList) + text.slice(-longestList))
    ? { kind: "unreadable", body, fault }
    : probeOrWebhook(request, { ...body, fault });
}

/** Bytes that claim to be JSON, or that stay hidden behind a coding, cannot be read. */
function readDamaged(request: CapturedRequest, body: DecodedBody): RequestReading {
  if (body.fault !== undefined) return hidden(request, body);
  const lossy = asLossyText(body);
  const parsed = body.plain.byteLength > largestDecoded ? undefined : parseNotification(lossy.text);
  if (parsed?.ok === true) return { kind: "notification", body: lossy, notification: parsed.value };
  const isJson = claimsJson(body);
  return isJson ? { kind: "unreadable", body, fault: { kind: "not-text" } } : probeOrWebhook(request, body);
}

/** What a coding hides may be anything. */
function hidden(request: CapturedRequest, body: DecodedBody): RequestReading {
  const marker = probeMarkerOf(request);
  if (marker !== undefined) return { kind: "probe", body, marker };
  return body.fault === undefined || body.isCodingGuessed
    ? { kind: "webhook", body }
    : { kind: "unreadable", body, fault: body.fault };
}

function probeOrWebhook(request: CapturedRequest, body: DecodedBody): RequestReading {
  const marker = probeMarkerOf(request);
  return marker === undefined ? { kind: "webhook", body } : { kind: "probe", body, marker };
}
