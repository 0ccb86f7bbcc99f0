import * as l10n from "@vscode/l10n";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { moveDatabaseAside, openPrivateDatabase } from "../windows/privateDatabase.ts";
import { NewerSchemaError, migrate } from "./schema.ts";

/** How long a write waits for another window's: milliseconds. Writes take far less; a longer wait would be felt. */
const busyTimeout = 2_000;

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** What the person should know: the history began anew, or is not kept. */
  readonly notice?: Problem;
}

/**
 * Opens the history's database, made and migrated as needed. One that cannot be read is moved aside, never deleted,
 * and a new one takes its place. Where no file can be used at all, the history lives in memory.
 */
export function openDatabase(file: string, now: number, logger: Logger): OpenedDatabase {
  try {
    return { database: openFile(file) };
  } catch (error) {
    logger.warn(`The event history at ${file} could not be opened: ${describeCauses(error)}`);
    return isUnusable(error) ? startAnew(file, now, error, logger) : keepInMemory(error);
  }
}

function openFile(file: string): DatabaseSync {
  return openPrivateDatabase(file, prepare);
}

/**
 * `synchronous = NORMAL` may lose the last commits when the machine loses power, but never breaks the file; the relay
 * then sends those events again, because the sequence to resume from is lost with them.
 */
function prepare(database: DatabaseSync): DatabaseSync {
  database.exec(`PRAGMA busy_timeout = ${busyTimeout}; PRAGMA foreign_keys = ON`);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  migrate(database);
  database.prepare("SELECT count(*) FROM event").get();
  return database;
}

const corrupt = 11;
const notADatabase = 26;

function isUnusable(error: unknown): boolean {
  if (error instanceof NewerSchemaError) return true;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
  return code === corrupt || code === notADatabase;
}

function startAnew(file: string, now: number, cause: unknown, logger: Logger): OpenedDatabase {
  const aside = `${file}.${cause instanceof NewerSchemaError ? "newer" : "damaged"}-${now}`;
  try {
    moveDatabaseAside(file, aside);
    const database = openFile(file);
    logger.warn(`The event history was moved to ${aside} and begun anew.`);
    return { database, notice: movedAsideProblem(aside, cause) };
  } catch (error) {
    return keepInMemory(error);
  }
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

function keepInMemory(cause: unknown): OpenedDatabase {
  return {
    database: prepare(new DatabaseSync(":memory:")),
    notice: {
      code: "HISTORY_NOT_KEPT",
      message: l10n.t("Events cannot be stored on this machine, so they are shown only until this window closes."),
      remedy: "open-log",
      cause,
    },
  };
}
