import { assertNever } from "../../base/assertNever.ts";
import { given } from "../../base/given.ts";
import { parseJson } from "../../base/json.ts";
import { type EventContent, type EventSource, toOperation } from "../../protocol/event.ts";
import type { Notification } from "../../zoho/notification.ts";
import type { DecodedBody } from "../events/decodedBody.ts";
import { notificationNames } from "../events/notificationNames.ts";
import { type ReadRequest, type RequestReading, readPayload } from "../events/readEvent.ts";
import type { StoredRequest } from "../events/storedEvent.ts";
import { tokenDigest } from "../events/tokenDigest.ts";

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
  /** What of the body no version of the parser knew, as parsed JSON or as text: see ShapeObserver. Not stored. */
  readonly odd?: unknown;
}

/** What a request that is stored, or is about to be, is to be found by. */
export function factsOfPayload(stored: Pick<StoredRequest, "payload" | "unreadable">): EventFacts {
  const read = readPayload(stored);
  if (read.kind === "request") return factsOfRequest(read);
  return { kind: "unreadable", source: "delivered", bytes: stored.payload.byteLength };
}

/** What a request that was read is to be found by. */
export function factsOfRequest(read: ReadRequest): EventFacts {
  return { bytes: read.request.body.byteLength, ...factsOfReading(read.reading) };
}

/** So many characters of a digest find it, and keep the table narrow; what it proves is for the whole of it to say. */
export const digestBeginning = 16;

function factsOfReading(reading: RequestReading): Omit<EventFacts, "bytes"> {
  switch (reading.kind) {
    case "notification":
      return { ...factsOfNotification(reading.notification), ...oddPartOf(reading.notification, reading.body) };
    case "webhook":
      return { kind: "other", source: "webhook" };
    case "probe":
      return { kind: "other", source: "test" };
    case "unreadable":
      return { kind: "unreadable", source: "delivered", ...given({ odd: reading.body.text }) };
    default:
      return assertNever(reading);
  }
}

/** A notification that was read in part only, or tells of an operation that is not known, is worth a look at its form. */
function oddPartOf({ unread, operation }: Notification, { text = "" }: DecodedBody): { odd?: unknown } {
  if (unread.length === 0 && toOperation(operation) !== undefined) return {};
  const json = parseJson(text);
  return { odd: json.ok ? json.value : text };
}

function factsOfNotification(notification: Notification): Omit<EventFacts, "bytes"> {
  const { operation, module, channelId, records, fields } = notificationNames(notification);
  const { token } = notification;
  return {
    kind: "notification",
    source: "delivered",
    operation,
    module,
    channelId,
    recordIds: records.names,
    fields: fields.names,
    token: token === undefined ? undefined : tokenDigest(token).slice(0, digestBeginning),
  };
}
