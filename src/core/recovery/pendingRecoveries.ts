import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Lapse, LapseLog, LapseOf, OpenLapse } from "../subscriptions/lapse.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import type { RecoveryRequest } from "./recoveryService.ts";
import { type PendingRow, joinedRows, readRow } from "./pendingRow.ts";
import { isSameTime } from "./requestedTime.ts";
import { watchedModules } from "./watched.ts";

const prefix = "recovery/pending/";
const lapsePrefix = "recovery/lapse/";

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

  #rows(): PendingRow[] {
    return this.#notes.keys(prefix).flatMap(key => this.#read(key) ?? []);
  }

  #join(row: PendingRow): void {
    const before = this.#read(keyOf(row));
    this.#write(before === undefined ? row : joinedRows(before, row));
  }

  #write(row: PendingRow): void {
    this.#notes.set(keyOf(row), JSON.stringify(row));
  }

  #read(key: string): PendingRow | undefined {
    return readRow(this.#notes.get(key));
  }
}

function nameOf({ connectionId, channelId }: LapseOf): string {
  return `${connectionId}/${channelId}`;
}

function keyOf(lapse: LapseOf): string {
  return prefix + nameOf(lapse);
}
