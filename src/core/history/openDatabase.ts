import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Problem } from "../../base/problem.ts";
import { type DatabaseKind, isDamaged, openPrivateDatabase } from "../windows/privateDatabase.ts";
import { NewerSchemaError, migrate } from "./schema.ts";
import { type Hindrance, hindranceOf } from "./hindrance.ts";

/** How long a write waits for another window's: milliseconds. Writes take far less; a longer wait would be felt. */
export const busyTimeout = 2_000;

/** The same for what is tried again soon by itself. */
export const shortTimeout = 100;

export interface OpenedDatabase {
  /** Undefined where no file can be used now. */
  readonly database?: DatabaseSync;
  /** What the person should know: the history began anew, or is not kept. */
  readonly notice?: Problem;
}

/** Damage that showed while the file was in use, and that a look at all of it has found again. */
class FoundDamageError extends Error {
  override readonly name = "FoundDamageError";
}

/**
 * Opens the history's database, made and migrated as needed. One that will never open here is moved aside, never
 * deleted, and a new one takes its place. `now` is in milliseconds since 1970 and names what is moved aside; `wait` is how
 * long others are waited for, in milliseconds.
 */
export function openDatabase(file: string, now: number, wait = busyTimeout): OpenedDatabase {
  try {
    const kind = { prepare: prepareFile(file), asideName: asideAt(now) };
    const { database, movedAside } = openPrivateDatabase(file, kind, wait);
    rmSync(suspectOf(file), { force: true });
    if (movedAside === undefined) return { database };
    const { to, cause } = movedAside;
    return { database, notice: movedAsideProblem(to, cause) };
  } catch (error) {
    return { notice: notKeptProblem(file, hindranceOf(error), error) };
  }
}

/** A history for the time that no file can be used. `taken_out` has which entries have left it: they leave the file, too. */
export function openInMemory(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  prepare(database);
  database.exec(`
    CREATE TABLE taken_out (place INTEGER NOT NULL, sequence INTEGER NOT NULL) STRICT;
    CREATE TRIGGER note_taken_out AFTER DELETE ON event WHEN old.gap_count = 0
      BEGIN INSERT INTO taken_out (place, sequence) VALUES (old.place, old.sequence); END;
  `);
  return database;
}

/** Where it is noted that all of the file is to be looked at before it is used. */
export function suspectOf(file: string): string {
  return `${file}.suspect`;
}

function prepareFile(file: string): DatabaseKind["prepare"] {
  return database => {
    prepare(database);
    if (existsSync(suspectOf(file)) && !isWhole(database)) throw new FoundDamageError("Parts of the file are damaged");
  };
}

/**
 * `synchronous = NORMAL` may lose the last commits when the machine loses power, but never breaks the file; the relay
 * then sends those events again, because the sequence to resume from is lost with them.
 */
function prepare(database: DatabaseSync): void {
  database.exec("PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  // Pages that are written again and again go into the file more seldom than with the usual 1,000 pages of the log.
  database.exec("PRAGMA wal_autocheckpoint = 4000");
  // What is deleted is overwritten with zeros.
  database.exec("PRAGMA secure_delete = ON");
  migrate(database);
  database.prepare("SELECT count(*) FROM event").get();
}

function isWhole(database: DatabaseSync): boolean {
  return database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"] === "ok";
}

function asideAt(now: number): DatabaseKind["asideName"] {
  return (file, error) => {
    if (error instanceof NewerSchemaError) return `${file}.newer-${now}`;
    return isDamaged(error) || error instanceof FoundDamageError ? `${file}.damaged-${now}` : undefined;
  };
}

function movedAsideProblem(aside: string, cause: unknown): Problem {
  const kept = path.basename(aside);
  return {
    code: "HISTORY_MOVED_ASIDE",
    message:
      cause instanceof NewerSchemaError
        ? l10n.t(
            "The event history was written by a newer version of this extension, so a new one was begun. The old one is kept as {0}.",
            kept,
          )
        : l10n.t(
            "The event history could not be read because its file is damaged, so a new one was begun. The old one is kept as {0}.",
            kept,
          ),
    remedy: "open-log",
    cause,
  };
}

function notKeptProblem(file: string, hindrance: Hindrance, cause: unknown): Problem {
  return { code: "HISTORY_NOT_KEPT", message: notKeptSentence(file, hindrance), remedy: "open-log", cause };
}

function notKeptSentence(file: string, hindrance: Hindrance): string {
  switch (hindrance) {
    case "busy":
      return l10n.t(
        "Another program is using the event history, so new events are only in this window for now. They're stored as soon as that program is done: close it if it doesn't belong there.",
      );
    case "full":
      return l10n.t(
        "The disk is full, so new events are only in this window for now. Free some space: they're stored as soon as there's room.",
      );
    case "no-permission":
      return l10n.t(
        "You may not write in {0}, so new events are only in this window for now. Change who may write there: they're stored as soon as you may.",
        path.dirname(file),
      );
    case "other":
      return l10n.t(
        "Events cannot be stored on this machine, so they are only in this window for now. The log says why: they're stored as soon as that has passed.",
      );
    default:
      return assertNever(hindrance);
  }
}
