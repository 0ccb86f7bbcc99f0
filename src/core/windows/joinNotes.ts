import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import { joinedRows, readRow } from "../recovery/pendingRow.ts";

/** What of a renewal's record outlives the grant it is about. */
const lastingSchema = v.object({ stopped: v.exactOptional(v.boolean()), renewedAt: v.exactOptional(v.number()) });
const recordSchema = v.looseObject({ expiresAt: v.exactOptional(v.number()), failures: v.optional(v.number(), 0) });

/**
 * The note at `key` that joins the file's with that of a window which could not read the file for a while. The window's is
 * newer. But a loan that the file knows has how the channel was before anybody borrowed it, and records of renewals and
 * pending recoveries were begun in memory without what was known.
 */
export function joinedNote(key: string, file: string, memory: string): string {
  if (key.startsWith("borrow/")) return file;
  if (key.startsWith("renewal/channel/")) return joinedRecord(file, memory);
  return key.startsWith("recovery/pending/") ? joinedPending(file, memory) : memory;
}

/** Failures of before another expiry are history; what a person chose is not. */
function joinedRecord(file: string, memory: string): string {
  const [before, after] = [read(recordSchema, file), read(recordSchema, memory)];
  if (before === undefined || after === undefined) return memory;
  if (before.expiresAt !== after.expiresAt) return JSON.stringify({ ...read(lastingSchema, file), ...after });
  return JSON.stringify({ ...before, ...after, failures: Math.max(before.failures, after.failures) });
}

function joinedPending(file: string, memory: string): string {
  const [before, after] = [readRow(file), readRow(memory)];
  return before === undefined || after === undefined ? memory : JSON.stringify(joinedRows(before, after));
}

function read<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  const value = parseJson(text);
  const parsed = value.ok ? v.safeParse(schema, value.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}
