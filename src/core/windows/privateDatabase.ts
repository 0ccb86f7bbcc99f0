import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { withFileLock } from "./fileLock.ts";

/** How a database becomes ready to be used, and what may be wrong with it. */
export interface DatabaseKind {
  /** Brings the schema up to date and looks whether it can be read; throws where it cannot. */
  readonly prepare: (database: DatabaseSync) => void;
  /** What to call a file that will never open, after that error; undefined where the cause may pass: then it stays. */
  readonly asideName: (file: string, error: unknown) => string | undefined;
}

/** An open database, and why it is a new one where the one before had to be moved aside. */
export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly movedAside?: { readonly to: string; readonly cause: unknown };
}

/**
 * Opens the database in `file`, made with its folder as needed. One that will never open is moved aside, never over
 * another, and a new one takes its place. What passes (another program has the file, the disk is full, nobody may write
 * here) moves nothing: then this throws. Waits at most `wait` milliseconds for other processes, then as long again for
 * a lock on the database.
 *
 * What people work with is in it: it is readable by its owner only. SQLite gives its side files the same mode.
 */
export function openPrivateDatabase(file: string, kind: DatabaseKind, wait: number): OpenedDatabase {
  // One window opens at a time: another would meet the files half moved, or move away what this one has just made.
  return withFileLock(`${file}.lock`, wait, () => {
    finishMove(file);
    try {
      return { database: open(file, kind, wait) };
    } catch (cause) {
      const name = kind.asideName(file, cause);
      if (name === undefined) throw cause;
      const to = freeName(name);
      moveAside(file, to);
      return { database: open(file, kind, wait), movedAside: { to, cause } };
    }
  });
}

/** SQLite says that the file is damaged, or is no database at all. */
export function isDamaged(error: unknown): boolean {
  return [sqliteCorrupt, sqliteNotADatabase].includes(sqliteCode(error));
}

const sqliteBusy = 5;
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : -1;
}

function open(file: string, { prepare }: DatabaseKind, wait: number): DatabaseSync {
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${wait}`);
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const parts = ["", "-wal", "-shm"];

function freeName(name: string): string {
  const isTaken = (candidate: string): boolean => parts.some(suffix => existsSync(candidate + suffix));
  let free = name;
  for (let number = 2; isTaken(free); number++) free = `${name}-${number}`;
  return free;
}

/** Where to, is written down first: a database and its log are never parted, whenever this process ends. */
function moveAside(file: string, to: string): void {
  refuseIfInUse(file);
  const note = moveNote(file);
  writeFileSync(`${note}.new`, to, { mode: 0o600 });
  renameSync(`${note}.new`, note);
  finishMove(file);
}

/** Moves what is left to move. A new database beside the log of another would be damaged by it. */
function finishMove(file: string): void {
  const note = moveNote(file);
  if (!existsSync(note)) return;
  const to = readFileSync(note, "utf8");
  const left = parts.filter(part => existsSync(file + part) && !existsSync(to + part));
  for (const part of left) renameSync(file + part, to + part);
  rmSync(note);
}

function moveNote(file: string): string {
  return `${file}.moving`;
}

/** Whoever has the file open would go on writing to it under its other name, where nobody looks. */
function refuseIfInUse(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK");
  } catch (error) {
    if (sqliteCode(error) === sqliteBusy) throw error;
  } finally {
    database.close();
  }
}
