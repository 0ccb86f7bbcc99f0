import type { SQLInputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Handling } from "../../protocol/event.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** Changes entries that are kept, so that every window notices. Its methods belong inside a transaction. */
export class EventChanges {
  readonly #statements: PreparedStatements;

  constructor(database: HistoryDatabase) {
    this.#statements = new PreparedStatements(database);
  }

  setHandling(ids: readonly number[], handling: Handling | undefined): void {
    const { state = null, status = null, milliseconds = null, attempts = 0, problem = null } = handling ?? {};
    const latency = milliseconds === null ? null : Math.round(milliseconds);
    this.#change("handling = ?, status = ?, latency = ?, attempts = ?, problem = ?", ids, [
      ...[state, status, latency, attempts, problem],
    ]);
  }

  /** Says of events that are not under way how they stand; how often they were sent stays as it is. */
  setState(ids: readonly number[], state: Handling["state"], problem?: string): void {
    if (ids.length === 0) return;
    const attempts = "(SELECT count(*) FROM attempt WHERE attempt.event = event.id)";
    const what = `handling = ?, problem = ?, attempts = ${attempts}, status = NULL, latency = NULL`;
    this.#change(what, ids, [state, problem ?? null]);
  }

  setPinned(ids: readonly number[], pinned: boolean): void {
    this.#change("pinned = ?", ids, [Number(pinned)]);
  }

  /** Something that belongs to an entry changed. */
  touch(id: number): void {
    this.#change("id = id", [id], []);
  }

  #change(what: string, ids: readonly number[], values: readonly SQLInputValue[]): void {
    this.#statements.of("UPDATE past SET revision = revision + 1").run();
    this.#statements
      .of(
        `UPDATE event SET ${what}, revision = (SELECT revision FROM past)
         WHERE id IN (SELECT value FROM json_each(?))`,
      )
      .run(...values, JSON.stringify(ids));
  }
}
