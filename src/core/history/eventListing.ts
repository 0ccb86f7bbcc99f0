import type { SQLInputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Sort } from "../../protocol/inspector.ts";
import type { EventStatements } from "./eventStatements.ts";
import type { EventQuery } from "./eventQuery.ts";
import { isKept } from "./isKept.ts";
import { toOrder } from "./sortOrder.ts";
import type { StoredEvent } from "../events/storedEvent.ts";

export interface EventListingOptions {
  readonly database: HistoryDatabase;
  readonly statements: EventStatements;
  readonly query: EventQuery;
  readonly sort: Sort | undefined;
  /** Gets ready to look for entries, and gives the id up to which they can be found. */
  readonly prepare: () => number;
}

/**
 * The entries that a filter shows, by offset in the list, as they were when it was made. Holds their ids, so that any
 * page of it is near; what is gone since is left out of its page.
 */
export class EventListing {
  readonly #database: HistoryDatabase;
  readonly #statements: EventStatements;
  readonly #query: EventQuery;
  readonly #sort: Sort | undefined;
  readonly #prepare: () => number;
  readonly #ids: number[];
  /** Entries up to this id were looked at. */
  #through: number;

  constructor({ database, statements, query, sort, prepare }: EventListingOptions) {
    this.#database = database;
    this.#statements = statements;
    this.#query = query;
    this.#sort = sort;
    this.#prepare = prepare;
    this.#through = this.#newest();
    this.#ids = this.#find("id <= ?", [this.#through]);
  }

  get count(): number {
    return this.#ids.length;
  }

  idsAt(offset: number, limit: number): number[] {
    return this.#ids.slice(offset, offset + limit);
  }

  page(offset: number, limit: number): StoredEvent[] {
    return this.#statements.these(this.idsAt(offset, limit));
  }

  /** Where the list has this entry, or undefined when it has not. */
  offsetOf(id: number): number | undefined {
    const offset = this.#sort === undefined ? searchSorted(this.#ids, id) : this.#ids.indexOf(id);
    return offset === -1 ? undefined : offset;
  }

  /**
   * Takes in what was stored since: the number of entries that joined the list, at its end. Where they belong in a sorted
   * list only a new one says, so that one takes nothing in.
   */
  extend(): number {
    if (this.#sort !== undefined) return 0;
    const newest = this.#newest();
    if (newest <= this.#through) return 0;
    const added = this.#find("id > ? AND id <= ?", [this.#through, newest]);
    this.#through = newest;
    for (const id of added) this.#ids.push(id);
    return added.length;
  }

  /** Whether a sorted list lacks entries that its filter shows. */
  isBehind(): boolean {
    return this.#sort !== undefined && this.#find("id > ? AND id <= ?", [this.#through, this.#newest()]).length > 0;
  }

  /** Those of `ids` that the filter shows as they are now. */
  shown(ids: readonly number[]): Set<number> {
    return new Set(
      this.#find("id IN (SELECT value FROM json_each(?)) AND id <= ?", [JSON.stringify(ids), this.#newest()]),
    );
  }

  #newest(): number {
    return Math.min(this.#prepare(), this.#statements.newestId());
  }

  #find(range: string, bounds: readonly SQLInputValue[]): number[] {
    const { words, condition } = this.#query;
    const found = words === undefined ? [] : [words];
    const values = [...found, ...bounds, ...(condition?.values ?? [])];
    // Thousands of ids come out of the database faster as one text than as so many rows.
    const sql = `SELECT group_concat(id) AS ids FROM (${this.#statementFor(range)})`;
    return parseIds(String(this.#database.prepare(sql).get(...values)?.["ids"] ?? ""));
  }

  /** The index of words is asked first where it can be; the events themselves only where there is more to know of them. */
  #statementFor(range: string): string {
    const { words, condition } = this.#query;
    const conditions = [range, isKept("id"), ...(condition === undefined ? [] : [condition.sql])];
    if (words === undefined) return this.#inOrder("id FROM event", conditions);
    const isEnough = condition === undefined && this.#sort === undefined;
    const found = "(SELECT rowid AS id FROM event_text WHERE event_text MATCH ? ORDER BY rowid)";
    return this.#inOrder(isEnough ? `id FROM ${found}` : `id FROM ${found} CROSS JOIN event USING (id)`, conditions);
  }

  #inOrder(selected: string, conditions: readonly string[]): string {
    return `SELECT ${selected} WHERE ${conditions.map(each => `(${each})`).join(" AND ")} ORDER BY ${toOrder(this.#sort)}`;
  }
}

/** Numbers with commas between them. */
function parseIds(text: string): number[] {
  const ids: number[] = [];
  let id = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== comma) id = id * 10 + code - zero;
    if (code !== comma && index + 1 < text.length) continue;
    ids.push(id);
    id = 0;
  }
  return ids;
}

const comma = 0x2c;
const zero = 0x30;

function searchSorted(ids: readonly number[], wanted: number): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? wanted) < wanted) low = middle + 1;
    else high = middle;
  }
  return ids[low] === wanted ? low : -1;
}
