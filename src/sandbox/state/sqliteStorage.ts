import { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { Storage } from "./storage.ts";

/** Another process holds the data directory. */
export class StorageBusyError extends Error {
  override readonly name = "StorageBusyError";
}

const rowsSchema = v.array(v.object({ id: v.string(), json: v.string() }));

/** SQLite's code for "another connection holds the lock". */
const sqliteBusy = 5;

/**
 * Keeps collections in one SQLite file. The file is locked for this process alone, by a lock that the operating system
 * releases even when the process is killed. Throws {@link StorageBusyError} when another process has it.
 */
export function openSqliteStorage(path: string): Storage {
  const database = new DatabaseSync(path);
  try {
    prepare(database);
  } catch (error) {
    database.close();
    throw isBusy(error) ? new StorageBusyError("The data directory is in use.", { cause: error }) : error;
  }
  return storageOn(database);
}

function prepare(database: DatabaseSync): void {
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS entries (
      position INTEGER PRIMARY KEY,
      collection TEXT NOT NULL,
      id TEXT NOT NULL,
      json TEXT NOT NULL,
      UNIQUE (collection, id)
    );
    COMMIT;
  `);
}

function storageOn(database: DatabaseSync): Storage {
  const select = database.prepare("SELECT id, json FROM entries WHERE collection = ? ORDER BY position");
  const upsert = database.prepare(
    "INSERT INTO entries (collection, id, json) VALUES (?, ?, ?) ON CONFLICT (collection, id) DO UPDATE SET json = excluded.json",
  );
  const remove = database.prepare("DELETE FROM entries WHERE collection = ? AND id = ?");
  let within = false;
  return {
    load: collection => v.parse(rowsSchema, select.all(collection)).map(({ id, json }) => [id, json]),
    put: (collection, id, json) => void upsert.run(collection, id, json),
    delete: (collection, id) => void remove.run(collection, id),
    transaction: action => {
      if (within) return action();
      within = true;
      try {
        return transaction(database, action);
      } finally {
        within = false;
      }
    },
    close: () => database.close(),
  };
}

function transaction<T>(database: DatabaseSync, action: () => T): T {
  database.exec("BEGIN");
  try {
    const result = action();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
}
