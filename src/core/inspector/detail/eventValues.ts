import { utf8Decode, utf8DecodeStrict } from "../../../base/bytes.ts";
import { JsonSource } from "../../../base/jsonSource.ts";
import { decodeCapturedRequest } from "../../../protocol/capturedRequest.ts";
import { parseNotification } from "../../../zoho/notification.ts";
import type { StoredEvent } from "../../events/storedEvent.ts";
import { type NamedField, actorNamed, namedFields, valuesIn } from "./namedFields.ts";

/** A larger payload is not compared field by field, in bytes: reading it would hold up the editor. */
const largestCompared = 4 * 1024 * 1024;

/** What an entry of the history tells of the fields of records. */
export interface EventValues {
  readonly fields: readonly NamedField[];
  /** Name of the user who made the change. */
  readonly actor?: string;
  /** When the CRM had these values: milliseconds since 1970, where that is known. */
  readonly at?: number;
  /** An operation of subscribing, or another word of a delivery. */
  readonly operation?: string | undefined;
}

/** Undefined for what is no change of a record, cannot be read, or is too large to compare. */
export function valuesOf(event: StoredEvent): EventValues | undefined {
  if (event.kind === "gap" || event.payload.byteLength > largestCompared) return undefined;
  return event.kind === "recovered" ? valuesOfRecovery(event) : valuesOfRequest(event);
}

function valuesOfRequest(event: StoredEvent & { kind: "request" }): EventValues | undefined {
  const request = event.unreadable === undefined ? decodeCapturedRequest(event.payload) : undefined;
  const text = request?.ok === true ? utf8Decode(request.value.body) : undefined;
  if (text === undefined) return undefined;
  const notification = parseNotification(text);
  const source = JsonSource.parse(text);
  if (!notification.ok || !source.ok) return undefined;
  const actor = actorNamed(source.value);
  const { serverTime: at, operation } = notification.value;
  return {
    fields: namedFields(source.value, notification.value.changes),
    operation,
    ...(at === undefined ? {} : { at }),
    ...(actor === undefined ? {} : { actor }),
  };
}

/** The record was as it is here when it was found. */
function valuesOfRecovery(event: StoredEvent & { kind: "recovered" }): EventValues | undefined {
  const text = utf8DecodeStrict(event.payload);
  const source = text === undefined ? undefined : JsonSource.parse(text);
  if (source?.ok !== true) return undefined;
  const record = source.value.member(source.value.root, "record");
  const fields = event.operation === "delete" ? [] : valuesIn(source.value, event.recordId, record);
  return { fields, operation: event.operation, at: event.receivedAt };
}
