import * as l10n from "@vscode/l10n";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type DatabaseKind, isDamaged, openPrivateDatabase } from "../windows/privateDatabase.ts";
import { NewerSchemaError, migrate } from "./schema.ts";

/** How long a write waits for another window's: milliseconds. Writes take far less; a longer wait would be felt. */
export const busyTimeout = 2_000;

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** What the person should know: the history began anew, or is not kept. */
  readonly notice?: Problem;
}

/**
 * Opens the history's database, made and migrated as needed. One that will never open here is moved aside, never
 * deleted, and a new one takes its place. Where no file can be used now, the history lives in memory. `now` is in
 * milliseconds since 1970 and names what is moved aside.
 */
export function openDatabase(file: string, now: number, logger: Logger): OpenedDatabase {
  try {
    const { database, movedAside } = openPrivateDatabase(file, { prepare, asideName: asideAt(now) }, busyTimeout);
    if (movedAside === undefined) return { database };
    const { to, cause } = movedAside;
    logger.warn(`The event history at ${file} could not be opened and was moved to ${to}: ${describeCauses(cause)}`);
    return { database, notice: movedAsideProblem(to, cause) };
  } catch (error) {
    logger.warn(`The event history at ${file} could not be opened: ${describeCauses(error)}`);
    return keepInMemory(error);
  }
}

/**
 * `synchronous = NORMAL` may lose the last commits when the machine loses power, but never breaks the file; the relay
 * then sends those events again, because the sequence to resume from is lost with them.
 */
function prepare(database: DatabaseSync): void {
  database.exec("PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  // What is deleted is overwritten with zeros.
  database.exec("PRAGMA secure_delete = ON");
  migrate(database);
  database.prepare("SELECT count(*) FROM event").get();
}

function asideAt(now: number): DatabaseKind["asideName"] {
  return (file, error) => {
    if (error instanceof NewerSchemaError) return `${file}.newer-${now}`;
    return isDamaged(error) ? `${file}.damaged-${now}` : undefined;
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

function keepInMemory(cause: unknown): OpenedDatabase {
  const database = new DatabaseSync(":memory:");
  prepare(database);
  return {
    database,
    notice: {
      code: "HISTORY_NOT_KEPT",
      message: l10n.t("Events cannot be stored on this machine, so they are shown only until this window closes."),
      remedy: "open-log",
      cause,
    },
  };
}
