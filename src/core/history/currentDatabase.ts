import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";

/** What the history needs of a prepared statement. */
export interface Statement {
  run(...values: SQLInputValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...values: SQLInputValue[]): Record<string, SQLOutputValue> | undefined;
  all(...values: SQLInputValue[]): Record<string, SQLOutputValue>[];
}

/** What the history needs of a database. */
export interface HistoryDatabase {
  exec(sql: string): void;
  prepare(sql: string): Statement;
}

/** The database that the history is in at the moment. Its statements go on where another takes its place. */
export class CurrentDatabase implements HistoryDatabase {
  readonly #onError: (error: unknown) => void;
  #database: DatabaseSync;

  /** `onError` hears of what the database throws, before whoever asked for it does. */
  constructor(database: DatabaseSync, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /** Closes the one before. */
  replace(database: DatabaseSync): void {
    this.#database.close();
    this.#database = database;
  }

  close(): void {
    this.#database.close();
  }

  exec(sql: string): void {
    this.#watched(() => this.#database.exec(sql));
  }

  prepare(sql: string): Statement {
    let database = this.#database;
    let statement = this.#watched(() => database.prepare(sql));
    const current = (): Statement => {
      if (database === this.#database) return statement;
      database = this.#database;
      return (statement = database.prepare(sql));
    };
    return {
      run: (...values) => this.#watched(() => current().run(...values)),
      get: (...values) => this.#watched(() => current().get(...values)),
      all: (...values) => this.#watched(() => current().all(...values)),
    };
  }

  #watched<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#onError(error);
      throw error;
    }
  }
}
