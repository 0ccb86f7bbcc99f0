import { applyChange } from "./channelChange.ts";
import type { ChannelDetails } from "./channelDetails.ts";
import { moduleOf } from "./grants.ts";

/** What can happen to a record, in the order in which it is shown. */
export const watchedOperations = ["create", "edit", "delete"] as const;
export type WatchedOperation = (typeof watchedOperations)[number];

/** What a person chose of a new channel, before its options. */
export interface Chosen {
  /** API names. */
  readonly modules: readonly string[];
  readonly operations: readonly WatchedOperation[];
  /** Milliseconds. */
  readonly expiresIn: number;
}

/** Every module with every operation, such as "Leads.create". */
export function eventNames(modules: readonly string[], operations: readonly WatchedOperation[]): string[] {
  return modules.flatMap(module =>
    watchedOperations.filter(each => operations.includes(each)).map(each => `${module}.${each}`),
  );
}

/** What is watched of a module. */
export function operationsOn(events: readonly string[], module: string): readonly WatchedOperation[] {
  return watchedOperations.filter(operation => events.includes(`${module}.${operation}`));
}

/**
 * A channel that was drafted from `before`, once `after` is chosen instead: what was set beyond that stays, such as the
 * events of one module, a condition on a module that is still watched, or a token. `now` in milliseconds since 1970.
 */
export function redraft(draft: ChannelDetails, before: Chosen, after: Chosen, now: number): ChannelDetails {
  const [was, is] = [before, after].map(({ modules, operations }) => eventNames(modules, operations));
  const changed = applyChange(draft, {
    addEvents: is?.filter(event => was?.includes(event) !== true) ?? [],
    removeEvents: was?.filter(event => is?.includes(event) !== true) ?? [],
    ...(before.expiresIn === after.expiresIn ? {} : { expiresAt: now + after.expiresIn }),
  });
  const watched = new Set(changed.events.map(moduleOf));
  const bare = after.modules.filter(module => !watched.has(module));
  return applyChange(changed, { addEvents: eventNames(bare, after.operations) });
}
