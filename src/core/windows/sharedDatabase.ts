import { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { moveDatabaseAside, openPrivateDatabase } from "./privateDatabase.ts";

/** How long a write waits for another window's: milliseconds. Writes take far less; a longer wait would be felt. */
const busyTimeout = 2_000;

const schema = `
  CREATE TABLE IF NOT EXISTS claim (key TEXT PRIMARY KEY, holder TEXT NOT NULL, taken_at INTEGER NOT NULL, until INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS entry (key TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS entry_by_key ON entry (key, at);
  CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS bulletin (number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL);
`;

/** The small database through which the windows of one machine agree. Holds no secrets. */
export interface SharedDatabase extends Disposable {
  readonly database: DatabaseSync;
}

/**
 * Opens the database at `file`, made as needed. One that is damaged is moved aside and begun anew: what is in it can be
 * asked for again. Where no file can be used, this window keeps its own in memory, and the log says so.
 */
export function openSharedDatabase(file: string, logger: Logger): SharedDatabase {
  const database = openFirst(
    [
      (): DatabaseSync => openFile(file),
      (): DatabaseSync => openFile(moveAside(file)),
      (): DatabaseSync => prepare(new DatabaseSync(":memory:")),
    ],
    error => logger.warn(`What windows share could not be opened at ${file}: ${describeCauses(error)}`),
  );
  return { database, dispose: () => closeOnce(database) };
}

function openFirst(ways: readonly (() => DatabaseSync)[], onError: (error: unknown) => void): DatabaseSync {
  const [first, ...others] = ways;
  if (first === undefined) throw new Error("There is no way left to open the shared database");
  try {
    return first();
  } catch (error) {
    onError(error);
    return openFirst(others, onError);
  }
}

function openFile(file: string): DatabaseSync {
  return openPrivateDatabase(file, prepare);
}

/** Makes a database one that windows can agree through. */
export function prepare(database: DatabaseSync): DatabaseSync {
  database.exec(`PRAGMA busy_timeout = ${busyTimeout}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`);
  database.exec(schema);
  return database;
}

function moveAside(file: string): string {
  moveDatabaseAside(file, `${file}.damaged`);
  return file;
}

function closeOnce(database: DatabaseSync): void {
  if (database.isOpen) database.close();
}
