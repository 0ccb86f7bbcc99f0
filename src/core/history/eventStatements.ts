import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Handling } from "../../protocol/event.ts";
import { isKept } from "./isKept.ts";
import { storedColumns, toStoredEvent } from "./eventRows.ts";
import { PreparedStatements } from "./preparedStatements.ts";
import type { RecentPayloads } from "./recentPayloads.ts";
import type { StoredEvent } from "../events/storedEvent.ts";

/** How often entries were taken away, and changed, by any window. */
export interface HistoryPast {
  readonly changes: number;
  readonly revision: number;
}

/** Reading queries of the history, each prepared once. Entries come in order of id, oldest first, unless said. */
export class EventStatements {
  readonly #statements: PreparedStatements;
  readonly #recent: Pick<RecentPayloads, "of"> | undefined;

  constructor(database: HistoryDatabase, recent?: Pick<RecentPayloads, "of">) {
    this.#statements = new PreparedStatements(database);
    this.#recent = recent;
  }

  /** Up to `limit` entries stored after `id`. */
  after(id: number, limit: number): StoredEvent[] {
    return this.#events("e.id > ? ORDER BY e.id LIMIT ?", id, limit);
  }

  /** The entries with these ids that are kept, in the order of `ids`. */
  these(ids: readonly number[]): StoredEvent[] {
    const found = this.#events("e.id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
    const byId = new Map(found.map(event => [event.id, event]));
    return ids.map(id => byId.get(id)).filter(event => event !== undefined);
  }

  get(id: number): StoredEvent | undefined {
    return this.#events("e.id = ?", id)[0];
  }

  /** The newest entry before `id` that a relay delivered. */
  requestBefore(id: number): StoredEvent | undefined {
    return this.#events("e.id < ? AND e.kind NOT IN ('gap', 'recovered') ORDER BY e.id DESC LIMIT 1", id)[0];
  }

  /** The newest entry before `id` that came from the same place, such as a relay's channel, and is no gap. */
  deliveredBefore(id: number): StoredEvent | undefined {
    const place = "(SELECT place FROM event WHERE id = ?1)";
    return this.#events(`e.id < ?1 AND e.place = ${place} AND e.gap_count = 0 ORDER BY e.id DESC LIMIT 1`, id)[0];
  }

  /** Up to `limit` entries of a record before `id`, newest first. */
  ofRecordBefore(recordId: string, id: number, limit: number): StoredEvent[] {
    const ids = "SELECT event FROM event_record WHERE record = ? AND event < ? ORDER BY event DESC LIMIT ?";
    return this.#events(`e.id IN (${ids}) ORDER BY e.id DESC`, recordId, id, limit);
  }

  /** Ids of entries that changed after `revision`. */
  changedSince(revision: number): number[] {
    const sql = "SELECT id FROM event INDEXED BY event_by_revision WHERE revision > 0 AND revision > ? ORDER BY id";
    return this.#all(sql, revision).map(row => Number(row["id"]));
  }

  /** Ids of the entries that are in one of these states with the local handler. */
  inState(states: readonly Handling["state"][]): number[] {
    const sql = `SELECT id FROM event WHERE handling IN (SELECT value FROM json_each(?)) AND ${isKept("id")} ORDER BY id`;
    return this.#all(sql, JSON.stringify(states)).map(row => Number(row["id"]));
  }

  count(): number {
    return this.#number(`SELECT count(*) AS n FROM event WHERE ${isKept("id")}`);
  }

  /** The newest id, or 0 when there is none. */
  newestId(): number {
    return this.#number("SELECT ifnull(max(id), 0) AS n FROM event");
  }

  past(): HistoryPast {
    const { changes, revision } = this.#statements.of("SELECT changes, revision FROM past").get() ?? {};
    return { changes: Number(changes), revision: Number(revision) };
  }

  /** See the schema's `forgotten_until`. */
  forgottenUntil(): number {
    return this.#number("SELECT forgotten_until AS n FROM past");
  }

  /** Changes whenever another window has written. */
  dataVersion(): unknown {
    return this.#statements.of("PRAGMA data_version").get()?.["data_version"];
  }

  #number(sql: string): number {
    return Number(this.#statements.of(sql).get()?.["n"]);
  }

  #events(condition: string, ...values: SQLInputValue[]): StoredEvent[] {
    const rows = this.#all(`SELECT ${storedColumns} WHERE ${isKept("e.id")} AND ${condition}`, ...values);
    return rows.map(row => toStoredEvent(row, this.#recent?.of(Number(row["id"]))));
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue>[] {
    return this.#statements.of(sql).all(...values);
  }
}
