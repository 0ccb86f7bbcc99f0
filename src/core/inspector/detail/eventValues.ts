import { utf8Decode } from "../../../base/bytes.ts";
import { given } from "../../../base/given.ts";
import { JsonSource } from "../../../base/jsonSource.ts";
import type { ReadEvent, RequestReading } from "../../events/readEvent.ts";
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
export function valuesOf(read: ReadEvent): EventValues | undefined {
  if (read.kind !== "request" && read.kind !== "recovered") return undefined;
  if (read.event.payload.byteLength > largestCompared) return undefined;
  return read.kind === "recovered" ? valuesOfRecovery(read) : valuesOfRequest(read.reading);
}

function valuesOfRequest(reading: RequestReading): EventValues | undefined {
  if (reading.kind !== "notification") return undefined;
  const source = JsonSource.parse(reading.body.text ?? "");
  if (!source.ok) return undefined;
  const { serverTime, operation, changes } = reading.notification;
  const fields = namedFields(source.value, changes);
  return { fields, operation, ...given({ at: serverTime, actor: actorNamed(source.value) }) };
}

/** The record was as it is here when it was found. Read off what is stored, so that numbers keep their digits. */
function valuesOfRecovery({ event }: ReadEvent & { kind: "recovered" }): EventValues | undefined {
  const source = JsonSource.parse(utf8Decode(event.payload));
  if (!source.ok) return undefined;
  const record = source.value.member(source.value.root, "record");
  const fields = event.operation === "delete" ? [] : valuesIn(source.value, event.recordId, record);
  return { fields, operation: event.operation, at: event.receivedAt };
}
