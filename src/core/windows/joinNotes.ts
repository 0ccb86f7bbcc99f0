import * as v from "valibot";
import { parseJson } from "../../base/json.ts";

/** What of a renewal's record outlives the grant it is about. */
const lastingSchema = v.object({ stopped: v.exactOptional(v.boolean()), renewedAt: v.exactOptional(v.number()) });
const recordSchema = v.looseObject({ expiresAt: v.exactOptional(v.number()), failures: v.optional(v.number(), 0) });

const watchedSchema = v.looseObject({ module: v.string(), operations: v.array(v.string()) });
const pendingSchema = v.looseObject({
  from: v.number(),
  to: v.exactOptional(v.number()),
  watched: v.array(watchedSchema),
});

type Watched = v.InferOutput<typeof watchedSchema>;

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

/** From the earlier to the later; without an end where one of them has none. */
function joinedPending(file: string, memory: string): string {
  const [before, after] = [read(pendingSchema, file), read(pendingSchema, memory)];
  if (before === undefined || after === undefined) return memory;
  const to = before.to === undefined || after.to === undefined ? undefined : Math.max(before.to, after.to);
  const watched = joinedWatched([...before.watched, ...after.watched]);
  return JSON.stringify({ ...after, watched, from: Math.min(before.from, after.from), to });
}

/** One entry for each module, with all of its operations. */
function joinedWatched(all: readonly Watched[]): readonly Watched[] {
  const byModule = new Map<string, Watched>();
  for (const each of all) {
    const known = byModule.get(each.module)?.operations ?? [];
    byModule.set(each.module, { ...each, operations: [...new Set([...known, ...each.operations])] });
  }
  return [...byModule.values()];
}

function read<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  const value = parseJson(text);
  const parsed = value.ok ? v.safeParse(schema, value.value) : undefined;
  return parsed?.success === true ? parsed.output : undefined;
}
