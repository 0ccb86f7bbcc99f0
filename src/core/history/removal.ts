import type { HistoryDatabase } from "./currentDatabase.ts";
import type { DoomedEntries } from "./doomedEntries.ts";
import { isKept } from "./isKept.ts";

/** Removing the oldest changes every offset, so it is done rarely and for this share of the limit at once. */
const trimmedShare = 1 / 20;

/** Among so many of those that came last the newest of what is taken away is looked for. */
const lookedThrough = 10_000;

/**
 * Takes entries away: for every reader at once, with all that belongs to them. Few have left the tables, too, when its
 * methods return; of many the rest is for Erasure. Its methods belong inside a transaction.
 */
export class Removal {
  readonly #database: HistoryDatabase;
  readonly #doomed: DoomedEntries;
  readonly #maxEvents: number;
  /** There cannot be too many entries before there is one with this id. */
  #roomThrough = 0;

  constructor(database: HistoryDatabase, doomed: DoomedEntries, maxEvents: number) {
    this.#database = database;
    this.#doomed = doomed;
    this.#maxEvents = maxEvents;
  }

  /** Takes everything away. */
  clear(now: number): void {
    this.#doomed.markAll();
    this.#database.exec("UPDATE place SET forgotten_through = last_sequence");
    this.#forget(now);
    this.#doomed.takeSlice();
  }

  /** Takes these entries away; what another window still brings of them does not come back. */
  delete(ids: readonly number[]): void {
    this.#doomed.mark(ids);
    this.#forget(this.#newestMarked(ids));
    this.#doomed.takeSlice();
  }

  /** Takes the oldest away where there are more than the limit. What is pinned neither goes nor counts. */
  trim(): void {
    const newest = this.#number("SELECT ifnull(max(id), 0) AS n FROM event");
    if (newest <= this.#roomThrough) return;
    const count = this.#number(`SELECT count(*) - sum(pinned > 0) AS n FROM event WHERE ${isKept("id")}`);
    if (count <= this.#maxEvents) this.#roomThrough = newest + this.#maxEvents - count;
    else this.#takeOldest(count - Math.floor(this.#maxEvents * (1 - trimmedShare)));
  }

  #takeOldest(count: number): void {
    const ids = this.#database
      .prepare(`SELECT id FROM event WHERE pinned = 0 AND ${isKept("id")} ORDER BY id LIMIT ?`)
      .all(count)
      .map(row => Number(row["id"]));
    const last = ids.at(-1) ?? 0;
    this.#database
      .prepare(
        `UPDATE place SET forgotten_through = max(forgotten_through, gone.through) FROM (
           SELECT place, max(sequence + max(gap_count - 1, 0)) AS through FROM event WHERE id <= ? GROUP BY place
         ) AS gone WHERE place.id = gone.place`,
      )
      .run(last);
    const until = this.#database.prepare("SELECT received_at FROM event WHERE id = ?").get(last);
    this.#doomed.mark(ids);
    this.#forget(Number(until?.["received_at"] ?? 0));
    this.#doomed.takeSlice();
  }

  /**
   * When the newest of these, which are marked, was received. Where all are older than the many that were looked at, it is
   * told too late rather than too early.
   */
  #newestMarked(ids: readonly number[]): number {
    if (ids.length <= lookedThrough) return this.#newest(ids);
    const row = this.#database
      .prepare(
        `SELECT received_at AS n FROM (SELECT id, received_at, row_number() OVER () AS place FROM (
           SELECT id, received_at FROM event ORDER BY received_at DESC LIMIT ${lookedThrough}))
         WHERE place = ${lookedThrough} OR NOT ${isKept("id")} ORDER BY received_at DESC LIMIT 1`,
      )
      .get();
    return Number(row?.["n"] ?? 0);
  }

  #newest(ids: readonly number[]): number {
    const sql = "SELECT max(received_at) AS n FROM event WHERE id IN (SELECT value FROM json_each(?))";
    return Number(this.#database.prepare(sql).get(JSON.stringify(ids))?.["n"] ?? 0);
  }

  #forget(until: number): void {
    this.#database
      .prepare("UPDATE past SET changes = changes + 1, forgotten_until = max(forgotten_until, ?)")
      .run(until);
  }

  #number(sql: string): number {
    return Number(this.#database.prepare(sql).get()?.["n"]);
  }
}
