import * as v from "valibot";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Lapse, LapseLog, LapseOf, OpenLapse } from "../subscriptions/lapse.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import type { RecoveryRequest } from "./recoveryService.ts";
import { type OpenTime, isSameTime, joinedTimes } from "./requestedTime.ts";
import { type WatchedModule, watchedModuleSchema, watchedModules } from "./watched.ts";

const prefix = "recovery/pending/";
const lapsePrefix = "recovery/lapse/";

const rowSchema = v.object({
  connectionId: v.string(),
  channelId: v.string(),
  watched: v.array(watchedModuleSchema),
  from: v.number(),
  to: v.optional(v.number()),
  clock: v.optional(v.literal("zoho")),
  gap: v.optional(v.object({ from: v.number(), to: v.number() })),
  listedUntil: v.optional(v.number()),
});

/** A request without an end is of a channel that is not there again: until then there is more to be missed. */
type Row = Omit<RecoveryRequest, "to"> & OpenTime & OpenLapse;

export type RecoveryNotes = Pick<SharedNotes, "get" | "set" | "delete" | "keys">;

/**
 * What is still to be looked for, a row for each channel, known to all windows and kept over restarts. A row is written
 * before anything is done about it and goes when that is done, so whichever window lives picks it up.
 */
export class PendingRecoveries implements LapseLog, Disposable {
  readonly #notes: RecoveryNotes;
  readonly #ready = new Emitter<void>();

  /** There is something to look for. */
  readonly onDidBecomeReady: Event<void> = this.#ready.event;

  constructor(notes: RecoveryNotes) {
    this.#notes = notes;
  }

  /** Notes a request, joined with what is pending for its channel already. */
  add(request: RecoveryRequest): void {
    this.#join(request);
    this.#ready.fire();
  }

  begin({ connectionId, channelId, subscriptions, from, listedUntil }: Lapse): void {
    const watched = watchedModules(subscriptions);
    this.#join({ connectionId, channelId, watched, from, clock: "zoho", listedUntil });
    this.#notes.set(lapsePrefix + nameOf({ connectionId, channelId }), String(from));
  }

  end(lapse: LapseOf, to: number): void {
    const row = this.#read(keyOf(lapse));
    if (row === undefined || row.to !== undefined) return;
    this.#write({ ...row, to: Math.max(to, row.from), clock: "zoho" });
    this.#ready.fire();
  }

  open(connectionId: string): readonly OpenLapse[] {
    return this.#rows().filter(row => row.connectionId === connectionId && row.to === undefined);
  }

  forget(lapse: LapseOf): void {
    this.#notes.delete(keyOf(lapse));
  }

  /** Since when the channel had been without deliveries when it last lapsed; milliseconds since 1970. */
  lastLapse(lapse: LapseOf): number | undefined {
    const noted = this.#notes.get(lapsePrefix + nameOf(lapse));
    return noted === undefined ? undefined : Number(noted);
  }

  /** What can be looked for now. */
  list(): RecoveryRequest[] {
    return this.#rows().flatMap(({ to, listedUntil: _, ...row }) => (to === undefined ? [] : [{ ...row, to }]));
  }

  /** A request was dealt with; what was joined to it meanwhile stays pending. */
  settle(request: RecoveryRequest): void {
    const now = this.#read(keyOf(request));
    if (now !== undefined && isSameTime(now, request)) this.#notes.delete(keyOf(request));
  }

  dispose(): void {
    this.#ready.dispose();
  }

  #rows(): Row[] {
    return this.#notes.keys(prefix).flatMap(key => this.#read(key) ?? []);
  }

  #join(row: Row): void {
    const before = this.#read(keyOf(row));
    this.#write(before === undefined ? row : joined(before, row));
  }

  #write(row: Row): void {
    this.#notes.set(keyOf(row), JSON.stringify(row));
  }

  #read(key: string): Row | undefined {
    const text = this.#notes.get(key);
    const parsed = text === undefined ? undefined : v.safeParse<v.GenericSchema<unknown, Row>>(rowSchema, jsonOf(text));
    return parsed?.success === true ? parsed.output : undefined;
  }
}

/** All that either watches is looked for, in the time of both. */
function joined(before: Row, row: Row): Row {
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

function nameOf({ connectionId, channelId }: LapseOf): string {
  return `${connectionId}/${channelId}`;
}

function keyOf(lapse: LapseOf): string {
  return prefix + nameOf(lapse);
}

/** What another version wrote counts as nothing. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
