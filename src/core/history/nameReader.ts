import type { SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import { type Clock, second } from "../../base/clock.ts";
import type { KnownNames } from "../filter/completion.ts";
import { isKept } from "./isKept.ts";

/** Of so many names the most frequent are offered. */
const mostNames = 200;

/** Words for operations are those of so many newest events: no index has them. */
const newestEvents = 5_000;

/** How long names are offered as they were, in milliseconds: they are asked for with every key, and counting takes time. */
const keptFor = 10 * second;

/** Reads the names that events have, most frequent first. */
export class NameReader {
  readonly #database: HistoryDatabase;
  readonly #clock: Clock;
  #known: { readonly names: KnownNames; readonly until: number } | undefined;

  constructor(database: HistoryDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  read(): KnownNames {
    const now = this.#clock.now();
    if (this.#known === undefined || now >= this.#known.until) {
      this.#known = { names: this.#count(), until: now + keptFor };
    }
    return this.#known.names;
  }

  #count(): KnownNames {
    const subjects = this.#database
      .prepare(
        `SELECT zoho_channel AS channel, module, count(*) AS events FROM event INDEXED BY event_by_channel
         WHERE zoho_channel IS NOT NULL AND ${isKept("id")} GROUP BY zoho_channel, module`,
      )
      .all();
    const fields = this.#database
      .prepare(`SELECT field, count(*) AS events FROM event_field WHERE ${isKept("event")} GROUP BY field`)
      .all();
    const operations = this.#database
      .prepare(
        `SELECT operation, count(*) AS events FROM (SELECT operation FROM event WHERE ${isKept("id")} ORDER BY id DESC LIMIT ?)
         GROUP BY operation`,
      )
      .all(newestEvents);
    return {
      module: mostFrequent(subjects, "module"),
      channel: mostFrequent(subjects, "channel"),
      field: mostFrequent(fields, "field"),
      operation: mostFrequent(operations, "operation"),
    };
  }
}

function mostFrequent(rows: readonly Readonly<Record<string, SQLOutputValue>>[], column: string): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (row[column] === null) continue;
    const name = String(row[column]);
    counts.set(name, (counts.get(name) ?? 0) + Number(row["events"]));
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .slice(0, mostNames)
    .map(([name]) => name);
}
