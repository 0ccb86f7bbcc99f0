import { type ChannelDetails, expanded, withoutRepetition } from "./channelDetails.ts";
import { isSameCondition, moduleOfCondition } from "./condition.ts";
import { moduleOf } from "./grants.ts";

/**
 * What somebody wants different about a channel, apart from how it is: it can be applied to the channel as it is found
 * at the last moment, and leaves alone what another changed meanwhile.
 */
export interface ChannelChange {
  readonly addEvents?: readonly string[];
  readonly removeEvents?: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  /** null: none. */
  readonly token?: string | null;
  readonly notifyUrl?: string;
  readonly notifyOnRelatedAction?: boolean;
  readonly returnAffectedFieldValues?: boolean;
  /** In Zoho's shape, by API name of the module; undefined takes the module's condition away. */
  readonly conditions?: ReadonlyMap<string, unknown>;
}

/** The channel with the change. A module that has no events left takes its condition along. */
export function applyChange(details: ChannelDetails, change: ChannelChange): ChannelDetails {
  const { token: _former, ...rest } = details;
  const token = change.token === undefined ? details.token : (change.token ?? undefined);
  const events = changedEvents(details.events, change);
  return {
    ...rest,
    events,
    notifyUrl: change.notifyUrl ?? details.notifyUrl,
    expiresAt: change.expiresAt ?? details.expiresAt,
    ...(token === undefined ? {} : { token }),
    notifyOnRelatedAction: change.notifyOnRelatedAction ?? details.notifyOnRelatedAction,
    returnAffectedFieldValues: change.returnAffectedFieldValues ?? details.returnAffectedFieldValues,
    conditions: changedConditions(details.conditions, change.conditions).filter(entry => isWatched(entry, events)),
  };
}

/** The change that leads from one to the other. */
export function changeBetween(before: ChannelDetails, after: ChannelDetails): ChannelChange {
  const added = after.events.filter(event => !before.events.includes(event));
  const removed = before.events.filter(event => !after.events.includes(event));
  const conditions = conditionsBetween(before.conditions, after.conditions);
  return {
    ...(added.length === 0 ? {} : { addEvents: added }),
    ...(removed.length === 0 ? {} : { removeEvents: removed }),
    ...(before.expiresAt === after.expiresAt ? {} : { expiresAt: after.expiresAt }),
    ...(before.token === after.token ? {} : { token: after.token ?? null }),
    ...(hasSameAddresses(before, after) ? {} : { notifyUrl: after.notifyUrl }),
    ...flagsBetween(before, after),
    ...(conditions.size === 0 ? {} : { conditions }),
  };
}

/** The condition that a channel has on a module, in Zoho's shape. */
export function conditionOn(conditions: readonly unknown[], module: string): unknown {
  return conditions.find(entry => moduleOfCondition(entry) === module);
}

function changedEvents(events: readonly string[], { addEvents = [], removeEvents = [] }: ChannelChange): string[] {
  const removed = new Set(removeEvents.flatMap(expanded));
  const kept = events.filter(event => !removed.has(event));
  return [...withoutRepetition([...kept, ...addEvents.flatMap(expanded)])];
}

function changedConditions(
  entries: readonly unknown[],
  changes: ReadonlyMap<string, unknown> = new Map(),
): readonly unknown[] {
  const others = entries.filter(entry => !changes.has(moduleOfCondition(entry) ?? ""));
  return [...others, ...[...changes.values()].filter(entry => entry !== undefined)];
}

function hasSameAddresses(before: ChannelDetails, after: ChannelDetails): boolean {
  const [was = [], is = []] = [before.otherUrls, after.otherUrls];
  return before.notifyUrl === after.notifyUrl && was.length === is.length && was.every(url => is.includes(url));
}

function isWatched(condition: unknown, events: readonly string[]): boolean {
  const module = moduleOfCondition(condition);
  return module === undefined || events.some(event => moduleOf(event) === module);
}

function flagsBetween(before: ChannelDetails, after: ChannelDetails): ChannelChange {
  const { notifyOnRelatedAction, returnAffectedFieldValues } = after;
  return {
    ...(before.notifyOnRelatedAction === notifyOnRelatedAction ? {} : { notifyOnRelatedAction }),
    ...(before.returnAffectedFieldValues === returnAffectedFieldValues ? {} : { returnAffectedFieldValues }),
  };
}

function conditionsBetween(before: readonly unknown[], after: readonly unknown[]): ReadonlyMap<string, unknown> {
  const modules = withoutRepetition([...before, ...after].flatMap(entry => moduleOfCondition(entry) ?? []));
  const pairs = modules.map(module => [module, conditionOn(before, module), conditionOn(after, module)] as const);
  const changed = pairs.filter(([, was, is]) => !isSameCondition(was, is));
  return new Map(changed.map(([module, , is]) => [module, is]));
}
