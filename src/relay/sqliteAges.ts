import type { DatabaseSync, StatementSync } from "node:sqlite";
import * as v from "valibot";
import { minute } from "../base/clock.ts";

/** What time it is for a log, as nobody can set it. */
export interface LogTime {
  /** Milliseconds since the database was opened. */
  readonly ran: number;
  /** How long the log had been stopped before that; what came in before is so much older. */
  readonly stopped: number;
  /** Milliseconds since 1970, by the clock of the machine. */
  readonly now: number;
}

const writeInterval = 10 * minute;
const stateSchema = v.object({ age: v.number(), seen: v.nullable(v.number()) });
const arrivalSchema = v.object({ arrival: v.nullable(v.number()) });
const atSchema = v.object({ at: v.nullable(v.number()) });

/**
 * How old events are, by how long the log has been there since: a clock that is set while it runs changes nothing. The
 * table `passed` says by when all events up to an arrival had come in, to the minute. Times in it are the log's age.
 * Transactions are the caller's.
 */
export class SqliteAges {
  /** When the log was seen last, before it was opened; milliseconds since 1970. Undefined of one that is new. */
  readonly lastSeen: number | undefined;
  /** As of when the database was opened. */
  readonly #age: number;
  readonly #newestArrival: StatementSync;
  readonly #passedBefore: StatementSync;
  readonly #lastPassed: StatementSync;
  readonly #firstBeyond: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertStart: StatementSync;
  readonly #update: StatementSync;
  readonly #deleteUpTo: StatementSync;
  readonly #deleteBeyond: StatementSync;
  readonly #lowerStart: StatementSync;
  #written: LogTime | undefined;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql);
    this.#newestArrival = prepare("SELECT max(arrival) AS arrival FROM event");
    this.#passedBefore = prepare(
      `SELECT max(arrival) AS arrival FROM passed, log_age
       WHERE at - iif(arrival <= start, ?, 0) <= ?`,
    );
    this.#lastPassed = prepare("SELECT max(arrival) AS arrival FROM passed");
    this.#firstBeyond = prepare("SELECT min(at) AS at FROM passed WHERE arrival > ?");
    this.#insert = prepare("INSERT OR IGNORE INTO passed (arrival, at) VALUES (?, ?)");
    this.#insertStart = prepare(
      `INSERT OR IGNORE INTO passed (arrival, at)
       SELECT start, ? FROM log_age WHERE start > (SELECT coalesce(max(arrival), 0) FROM passed)`,
    );
    this.#update = prepare("UPDATE log_age SET age = ?, seen = ?, stopped = ?");
    this.#deleteUpTo = prepare("DELETE FROM passed WHERE arrival <= ?");
    this.#deleteBeyond = prepare("DELETE FROM passed WHERE arrival > ?");
    this.#lowerStart = prepare("UPDATE log_age SET start = min(start, ?)");
    this.#countStop(database);
    const { age, seen } = v.parse(stateSchema, prepare("SELECT age, seen FROM log_age").get());
    this.#age = age;
    this.lastSeen = seen ?? undefined;
  }

  /** The arrival up to which events came in so long ago, in milliseconds; 0 where none did. */
  arrivalBefore(milliseconds: number, { ran, stopped }: LogTime): number {
    return arrivalOf(this.#passedBefore.get(stopped, this.#age + ran - milliseconds));
  }

  /** To be called about once a minute. Where nothing happens, little is written. */
  remember(time: LogTime): void {
    this.#insertStart.run(this.#age);
    const newest = arrivalOf(this.#newestArrival.get());
    const isNew = newest > arrivalOf(this.#lastPassed.get());
    if (isNew) this.#insert.run(newest, this.#age + time.ran);
    if (!isNew && this.#written !== undefined && isForeseen(time, this.#written)) return;
    this.#update.run(this.#age + time.ran, time.now, time.stopped);
    this.#written = time;
  }

  /** To be called when no event is left up to this arrival. */
  forget(arrival: number): void {
    this.#deleteUpTo.run(arrival);
  }

  /** To be called when the newest events may be gone: their arrivals are given to others. */
  reuse(): void {
    const newest = arrivalOf(this.#newestArrival.get());
    const { at } = v.parse(atSchema, this.#firstBeyond.get(newest));
    if (at !== null) {
      this.#deleteBeyond.run(newest);
      if (newest > 0) this.#insert.run(newest, at);
    }
    this.#lowerStart.run(newest);
  }

  /** Makes what came in before the log was opened the last time older by how long it had been stopped then. */
  #countStop(database: DatabaseSync): void {
    database.exec(`
      BEGIN IMMEDIATE;
      UPDATE passed SET at = at - (SELECT stopped FROM log_age) WHERE arrival <= (SELECT start FROM log_age);
      UPDATE log_age SET stopped = 0, start = (SELECT coalesce(max(arrival), 0) FROM event);
      COMMIT;
    `);
  }
}

/** Whether nothing is new since `before`, which is not long ago, but that time has passed. */
function isForeseen({ ran, stopped, now }: LogTime, before: LogTime): boolean {
  const passed = ran - before.ran;
  return passed < writeInterval && stopped === before.stopped && Math.abs(now - before.now - passed) < minute;
}

function arrivalOf(row: unknown): number {
  return v.parse(arrivalSchema, row).arrival ?? 0;
}
