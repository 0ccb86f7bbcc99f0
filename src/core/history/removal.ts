import type { DatabaseSync } from "node:sqlite";

/** What belongs to an event, by the column that has its id. */
const belongings = [
  ["payload", "event"],
  ["event_record", "event"],
  ["event_field", "event"],
  ["event_text", "rowid"],
  ["attempt", "event"],
  ["forward_job", "event"],
  ["event", "id"],
] as const;

/** Removing the oldest changes every offset, so it is done rarely and for this share of the limit at once. */
const trimmedShare = 1 / 20;

/** Takes entries away, with all that belongs to them. Its methods belong inside a transaction. */
export class Removal {
  readonly #database: DatabaseSync;
  readonly #maxEvents: number;
  /** There cannot be too many entries before there is one with this id. */
  #roomThrough = 0;

  constructor(database: DatabaseSync, maxEvents: number) {
    this.#database = database;
    this.#maxEvents = maxEvents;
  }

  /** Takes everything away. */
  clear(now: number): void {
    this.#database.exec(`
      UPDATE source SET forgotten_through = last_sequence;
      DELETE FROM dropped;
      DELETE FROM payload;
      DELETE FROM event_record;
      DELETE FROM event_field;
      DELETE FROM attempt;
      DELETE FROM forward_job;
      DELETE FROM event;
      INSERT INTO event_text (event_text) VALUES ('delete-all');
    `);
    this.#forget(now);
  }

  /** Takes these entries away; what another window still brings of them does not come back. */
  delete(ids: readonly number[]): void {
    const chosen = JSON.stringify(ids);
    const among = "IN (SELECT value FROM json_each(?))";
    this.#database
      .prepare(`INSERT OR IGNORE INTO dropped SELECT source, sequence FROM event WHERE gap_count = 0 AND id ${among}`)
      .run(chosen);
    const newest = this.#database.prepare(`SELECT max(received_at) AS at FROM event WHERE id ${among}`).get(chosen);
    for (const [table, column] of belongings) {
      this.#database.prepare(`DELETE FROM ${table} WHERE ${column} ${among}`).run(chosen);
    }
    this.#forget(Number(newest?.["at"] ?? 0));
  }

  /** Takes the oldest away where there are more than the limit. What is pinned neither goes nor counts. */
  trim(): void {
    const newest = this.#number("SELECT ifnull(max(id), 0) AS n FROM event");
    if (newest <= this.#roomThrough) return;
    const count = this.#number(
      "SELECT (SELECT count(*) FROM event) - (SELECT count(*) FROM event WHERE pinned > 0) AS n",
    );
    if (count <= this.#maxEvents) this.#roomThrough = newest + this.#maxEvents - count;
    else this.#trimTo(Math.floor(this.#maxEvents * (1 - trimmedShare)));
  }

  #trimTo(kept: number): void {
    const last = this.#number(`SELECT id AS n FROM event WHERE pinned = 0 ORDER BY id DESC LIMIT 1 OFFSET ${kept}`);
    this.#database
      .prepare(
        `UPDATE source SET forgotten_through = max(forgotten_through, ifnull(
           (SELECT max(sequence + max(gap_count - 1, 0)) FROM event WHERE source = source.id AND id <= ?), 0))`,
      )
      .run(last);
    this.#database.exec(
      "DELETE FROM dropped WHERE sequence <= (SELECT forgotten_through FROM source WHERE id = dropped.source)",
    );
    const until = this.#database.prepare("SELECT received_at FROM event WHERE id = ?").get(last);
    for (const [table, column] of belongings) this.#database.prepare(trimStatement(table, column)).run(last);
    this.#forget(Number(until?.["received_at"] ?? 0));
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

function trimStatement(table: string, column: string): string {
  const spared = table === "event" ? "" : `AND ${column} NOT IN (SELECT id FROM event WHERE pinned > 0)`;
  return `DELETE FROM ${table} WHERE ${column} <= ? ${table === "event" ? "AND pinned = 0" : spared}`;
}
