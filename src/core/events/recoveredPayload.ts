import * as v from "valibot";
import { utf8DecodeStrict, utf8Encode } from "../../base/bytes.ts";
import { parseJson } from "../../base/json.ts";

const payloadSchema = v.object({
  /** Name of the user who made the change. */
  changedBy: v.optional(v.string()),
  /** What people called a record that is gone. */
  name: v.optional(v.string()),
  /** Of a deletion: whether the record had been created within the time that was missed. */
  origin: v.optional(v.picklist(["within", "before", "unknown"])),
  /** The record, or the entry of a deleted one, as the CRM gave it. */
  record: v.record(v.string(), v.unknown()),
});

/** What is kept of a recovered change beside what it is found by. */
export type RecoveredPayload = v.InferOutput<typeof payloadSchema>;

export function encodeRecoveredPayload(payload: RecoveredPayload): Uint8Array {
  return utf8Encode(JSON.stringify(payload));
}

/** The reverse; undefined where the bytes are damaged. Ids keep their digits. */
export function decodeRecoveredPayload(bytes: Uint8Array): RecoveredPayload | undefined {
  const text = utf8DecodeStrict(bytes);
  return text === undefined ? undefined : parseRecoveredPayload(text);
}

/** The same of text. */
export function parseRecoveredPayload(text: string): RecoveredPayload | undefined {
  const json = parseJson(text);
  const parsed = json.ok ? v.safeParse(payloadSchema, json.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}

/** The record as it stands in the place of a body: it is what there is to read. */
export function recordText({ record }: Pick<RecoveredPayload, "record">): string {
  return JSON.stringify(record, undefined, 2);
}
