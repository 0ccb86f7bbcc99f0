import * as v from "valibot";
import { joinedTimes } from "./requestedTime.ts";
import { type WatchedModule, watchedModuleSchema } from "./watched.ts";

const rowSchema = v.object({
  connectionId: v.string(),
  channelId: v.string(),
  watched: v.pipe(v.array(watchedModuleSchema), v.readonly()),
  from: v.number(),
  to: v.optional(v.number()),
  clock: v.optional(v.literal("zoho")),
  gap: v.optional(v.object({ from: v.number(), to: v.number() })),
  listedUntil: v.optional(v.number()),
});

/**
 * What is still to be looked for of one channel, as it is noted for all windows. Without an end it is of a channel that is
 * not there again: until then there is more to be missed.
 */
export type PendingRow = Readonly<v.InferOutput<typeof rowSchema>>;

/** What another version wrote counts as nothing. */
export function readRow(text: string | undefined): PendingRow | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), rowSchema), text);
  return parsed.success ? parsed.output : undefined;
}

/** All that either watches is looked for, in the time of both. */
export function joinedRows(before: PendingRow, row: PendingRow): PendingRow {
  const { connectionId, channelId, listedUntil = before.listedUntil } = row;
  const watched = merged(before.watched, row.watched);
  return { connectionId, channelId, watched, ...joinedTimes(before, row), listedUntil };
}

function merged(before: readonly WatchedModule[], after: readonly WatchedModule[]): WatchedModule[] {
  const byModule = new Map(before.map(each => [each.module, each]));
  for (const each of after) {
    const known = byModule.get(each.module);
    const operations = [...new Set([...(known?.operations ?? []), ...each.operations])];
    byModule.set(each.module, { ...each, operations });
  }
  return [...byModule.values()];
}
