import type { HistoryDatabase, Statement } from "./currentDatabase.ts";

/** The statements of a database that are used again and again, each prepared once. */
export class PreparedStatements {
  readonly #database: HistoryDatabase;
  readonly #prepared = new Map<string, Statement>();

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  of(sql: string): Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}
