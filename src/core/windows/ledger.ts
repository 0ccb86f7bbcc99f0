import { day } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { StatementSource } from "./sharedDatabase.ts";

/** Entries older than this are dropped: longer than any of Zoho's windows of counting. */
const kept = day;

/**
 * When something was done, by any window, so that all of them together stay within a limit. Never throws: a limit that
 * cannot be counted is no reason not to work, and the log says so.
 */
export class Ledger {
  readonly #database: StatementSource;
  readonly #logger: Logger;

  constructor(database: StatementSource, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Notes that `key` happened at `at` (milliseconds since 1970), and forgets what is more than a day before it. */
  add(key: string, at: number): void {
    this.#orLog(undefined, () => {
      this.#database.prepare("INSERT INTO entry (key, at) VALUES (?, ?)").run(key, at);
      this.#database.prepare("DELETE FROM entry WHERE at < ?").run(at - kept);
    });
  }

  /** When `key` happened, from `from` on, oldest first. */
  since(key: string, from: number): readonly number[] {
    return this.#orLog([], () =>
      this.#database
        .prepare("SELECT at FROM entry WHERE key = ? AND at >= ? ORDER BY at")
        .all(key, from)
        .map(row => Number(row["at"])),
    );
  }

  #orLog<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#logger.warn(`ledger: ${describeCauses(error)}`);
      return otherwise;
    }
  }
}
