import type { DatabaseSync } from "node:sqlite";
import type { KnownNames } from "../filter/completion.ts";

/** Of so many names the most frequent are offered. */
const mostNames = 200;

/** The names that events have, most frequent first. */
export function knownNames(database: DatabaseSync): KnownNames {
  const names = (column: string, table: string): string[] =>
    database
      .prepare(
        `SELECT ${column} AS name FROM ${table} WHERE ${column} IS NOT NULL
         GROUP BY ${column} ORDER BY count(*) DESC, ${column} LIMIT ${mostNames}`,
      )
      .all()
      .map(row => String(row["name"]));
  return {
    module: names("module", "event"),
    channel: names("zoho_channel", "event"),
    field: names("field", "event_field"),
  };
}
