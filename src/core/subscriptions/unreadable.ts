import type { UnreadableSubscription } from "../../zoho/subscription.ts";

/** What Zoho lists of one channel in a form that cannot be read. */
export interface UnreadableChannel {
  /** A 64-bit number as its digits; undefined where not even that can be read. */
  readonly channelId?: string;
  /** API names of the modules that can be told, each once. */
  readonly modules: readonly string[];
  /** Names of the members that are missing or of an unknown form, each once. */
  readonly faults: readonly string[];
}

/** One for each channel; an entry that names none stands for itself, as nobody knows whose it is. */
export function groupUnreadable(entries: readonly UnreadableSubscription[]): UnreadableChannel[] {
  const groups = Map.groupBy(entries, entry => entry.channelId ?? entry);
  return [...groups.values()].map(joinUnreadable);
}

function joinUnreadable(entries: readonly UnreadableSubscription[]): UnreadableChannel {
  const channelId = entries[0]?.channelId;
  const modules = entries.flatMap(({ module }) => module ?? []);
  const faults = entries.flatMap(each => each.faults);
  return { ...(channelId === undefined ? {} : { channelId }), modules: unique(modules), faults: unique(faults) };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
