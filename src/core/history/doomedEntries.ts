import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import { idsInSegment, isKept, isMarked } from "./isKept.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** What belongs to an event, by the column that has its id, but for its jobs: those go first. */
const belongings = [
  ["payload", "event"],
  ["event_record", "event"],
  ["event_field", "event"],
  ["event_text", "rowid"],
  ["attempt", "event"],
  ["event", "id"],
] as const;

/** So many entries leave the tables in one step at most. */
const entriesAtOnce = 500;

/** Fewer do where much belongs to them: rows, and pages of bodies, that one step takes out. One entry always goes. */
const weightAtOnce = 3_000;

/** A job may wait in two hundred lanes, which go with it. */
const jobsAtOnce = 100;

/** How much an entry is, as {@link weightAtOnce} counts. */
const weight = `1 + bytes / 4096
  + (SELECT count(*) FROM event_record WHERE event = event.id)
  + (SELECT count(*) FROM event_field WHERE event = event.id)
  + (SELECT count(*) FROM attempt WHERE event = event.id)`;

const isCleared = (column: string): string => `${column} <= (SELECT cleared_through FROM past)`;

/** Looks for marked ids in an index of `column`, one row of `doomed` after the other. */
const markedIn = (table: string, column: string): string =>
  `doomed CROSS JOIN ${table}
   ON ${column} BETWEEN segment * ${idsInSegment} AND segment * ${idsInSegment} + ${idsInSegment - 1}
   AND ${isMarked(column)}`;

/**
 * Entries that were taken away and are still in the tables: see createDoomed.ts. Its methods belong inside a transaction,
 * and none of them is long, however many entries there are.
 */
export class DoomedEntries {
  readonly #statements: PreparedStatements;

  constructor(database: HistoryDatabase) {
    this.#statements = new PreparedStatements(database);
  }

  /** These ids are gone from now on. */
  mark(ids: readonly number[]): void {
    this.#statements
      .of(
        `INSERT INTO doomed SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
         ON CONFLICT DO UPDATE SET mask = mask | excluded.mask`,
      )
      .run(JSON.stringify([...masksOf(ids)]));
  }

  /** Everything that is here is gone from now on. */
  markAll(): void {
    this.#statements.of("UPDATE past SET cleared_through = (SELECT ifnull(max(id), 0) FROM event)").run();
  }

  /** Takes the next of them out, jobs before all else; gives whether there was anything to take out. */
  takeSlice(): boolean {
    const jobs = this.#takeJobs();
    if (jobs === jobsAtOnce) return true;
    // What waited behind those jobs can go now: every window is to look.
    if (jobs > 0) this.#run("UPDATE past SET changes = changes + 1");
    const ids = this.#nextEntries();
    if (ids.length === 0) return this.#takeLeftovers() || jobs > 0;
    this.takeOut(ids);
    return true;
  }

  /** Takes out these entries, which are few, with all that belongs to them. What a relay still has of them is not to come back. */
  takeOut(ids: readonly number[]): void {
    const chosen = JSON.stringify(ids);
    const among = "IN (SELECT value FROM json_each(?))";
    this.#run(
      `INSERT OR IGNORE INTO dropped SELECT place, sequence FROM event
       WHERE gap_count = 0 AND id ${among}
         AND sequence > (SELECT forgotten_through FROM place WHERE place.id = event.place)`,
      chosen,
    );
    for (const [table, column] of belongings) this.#run(`DELETE FROM ${table} WHERE ${column} ${among}`, chosen);
  }

  /** Whether this entry, which is in the tables, is one of them. */
  has(id: number): boolean {
    return this.#statements.of(`SELECT 1 FROM event WHERE id = ? AND ${isKept("id")}`).get(id) === undefined;
  }

  /** What is under way keeps its turn until it ends. */
  #takeJobs(): number {
    this.#run(`UPDATE forward_job SET ends = 1 WHERE standing = 'sending' AND ends = 0 AND NOT ${isKept("event")}`);
    const waits = `standing <> 'sending' LIMIT ${jobsAtOnce}`;
    const first = `SELECT id FROM forward_job WHERE ${isCleared("event")} AND ${waits}`;
    const others = `SELECT job.id FROM ${markedIn("forward_job AS job", "job.event")} WHERE ${waits}`;
    return (
      this.#run(`DELETE FROM forward_job WHERE id IN (${first})`) ||
      this.#run(`DELETE FROM forward_job WHERE id IN (${others})`)
    );
  }

  /** The next entries, as many as one step can take. */
  #nextEntries(): readonly number[] {
    const cleared = this.#all(
      `SELECT id, ${weight} AS weight FROM event WHERE ${isCleared("id")} ORDER BY id LIMIT ${entriesAtOnce}`,
    );
    if (cleared.length > 0) return lightEnough(cleared);
    const marked = this.#all(
      `SELECT id, ${weight} AS weight FROM ${markedIn("event", "id")} ORDER BY segment, id LIMIT ${entriesAtOnce}`,
    );
    return lightEnough(marked);
  }

  /** What was noted of entries that are all gone. */
  #takeLeftovers(): boolean {
    this.#run("DELETE FROM doomed");
    const dropped = this.#run(
      `DELETE FROM dropped WHERE (place, sequence) IN (
         SELECT dropped.place, sequence FROM place JOIN dropped ON dropped.place = place.id
           AND sequence <= place.forgotten_through LIMIT ${entriesAtOnce})`,
    );
    return dropped > 0;
  }

  #all(sql: string): Record<string, SQLOutputValue>[] {
    return this.#statements.of(sql).all();
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statements.of(sql).run(...values).changes);
  }
}

function lightEnough(rows: readonly Readonly<Record<string, SQLOutputValue>>[]): readonly number[] {
  let left = weightAtOnce;
  const fitting = rows.filter((row, index) => {
    left -= Number(row["weight"]);
    return index === 0 || left >= 0;
  });
  return fitting.map(({ id }) => Number(id));
}

function masksOf(ids: readonly number[]): Map<number, number> {
  const masks = new Map<number, number>();
  const named = new Set(ids);
  for (const id of named) {
    const segment = Math.floor(id / idsInSegment);
    masks.set(segment, (masks.get(segment) ?? 0) + 2 ** (id % idsInSegment));
  }
  return masks;
}
