import { closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Opens the database in `file`, made with its folder as needed, and has `prepare` make it ready; where that throws, it is
 * closed again. What people work with is in it: it is readable by its owner only. SQLite gives its side files the same
 * mode.
 */
export function openPrivateDatabase(file: string, prepare: (database: DatabaseSync) => void): DatabaseSync {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file);
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Gives a database's file, and SQLite's side files of it, another name. */
export function moveDatabaseAside(file: string, aside: string): void {
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
}
