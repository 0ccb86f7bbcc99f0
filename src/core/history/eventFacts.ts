import { utf8Decode, utf8DecodeStrict } from "../../base/bytes.ts";
import { parseJson } from "../../base/json.ts";
import { type CapturedRequest, decodeCapturedRequest, headerValue } from "../../protocol/capturedRequest.ts";
import { type EventSource, type EventContent, toOperation } from "../../protocol/event.ts";
import { probeMarkerOf } from "../../protocol/probe.ts";
import { type Notification, parseNotification } from "../../zoho/notification.ts";
import { tokenDigest } from "../events/tokenDigest.ts";
import { searchableText } from "../events/searchableText.ts";

/** What an event is found and sorted by. */
export interface EventFacts {
  /** As the inspector's rows say it. */
  readonly kind: EventContent["kind"];
  readonly source: EventSource;
  /** Size of what was sent. */
  readonly bytes: number;
  /** An operation of subscribing, or another word of a delivery. */
  readonly operation?: string | undefined;
  readonly module?: string | undefined;
  readonly channelId?: string | undefined;
  readonly recordIds?: readonly string[];
  readonly fields?: readonly string[];
  /** Beginning of the digest of the token; undefined where there was none. */
  readonly token?: string | undefined;
  readonly text?: string;
  /** What of the body no version of the parser knew, as parsed JSON or as text: see ShapeObserver. Not stored. */
  readonly odd?: unknown;
}

/** Reads off an encoded captured request what it is to be found by. */
export function factsOfPayload(payload: Uint8Array): EventFacts {
  const request = decodeCapturedRequest(payload);
  return request.ok ? factsOfRequest(request.value) : factsOfUnreadable(payload);
}

/** What there is to say of bytes that nobody here can read. */
export function factsOfUnreadable(payload: Uint8Array): EventFacts {
  return { kind: "unreadable", source: "delivered", bytes: payload.byteLength };
}

/** So many characters of a digest find it, and keep the table narrow; what it proves is for the whole of it to say. */
export const digestBeginning = 16;

export function factsOfRequest(request: CapturedRequest): EventFacts {
  const strict = utf8DecodeStrict(request.body);
  const body = strict ?? utf8Decode(request.body);
  const parsed = parseNotification(body);
  const size = { bytes: request.body.byteLength, text: searchableText(request, parsed.ok ? body : strict) };
  if (parsed.ok) return { ...size, ...factsOfNotification(parsed.value), ...oddPartOf(parsed.value, body) };
  if (strict === undefined) return { ...size, ...otherOrUnreadable(request, claimsJson(request)) };
  const isUnreadable = parsed.error.kind === "unreadable";
  return { ...size, ...otherOrUnreadable(request, isUnreadable), ...(isUnreadable ? { odd: body } : {}) };
}

/** A notification that was read in part only, or tells of an operation that is not known, is worth a look at its form. */
function oddPartOf({ unread, operation }: Notification, body: string): { odd?: unknown } {
  if (unread.length === 0 && toOperation(operation) !== undefined) return {};
  const json = parseJson(body);
  return { odd: json.ok ? json.value : body };
}

function factsOfNotification(notification: Notification): Omit<EventFacts, "bytes"> {
  const { operation, module, channelId, recordIds, changes, token } = notification;
  return {
    kind: "notification",
    source: "delivered",
    operation,
    module,
    channelId,
    recordIds,
    fields: changes.flatMap(change => change.fields),
    token: token === undefined ? undefined : tokenDigest(token).slice(0, digestBeginning),
  };
}

function otherOrUnreadable(request: CapturedRequest, unreadable: boolean): Pick<EventFacts, "kind" | "source"> {
  if (unreadable) return { kind: "unreadable", source: "delivered" };
  return { kind: "other", source: probeMarkerOf(request) === undefined ? "webhook" : "test" };
}

function claimsJson(request: CapturedRequest): boolean {
  return /[/+]json\b/i.test(headerValue(request, "content-type") ?? "");
}
