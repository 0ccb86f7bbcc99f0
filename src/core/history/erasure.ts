import type { DatabaseSync } from "node:sqlite";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { busyTimeout } from "./openDatabase.ts";

/** Pages of the index of words that are written anew at a time: some ten milliseconds. */
const mergedPages = 200;
const pause = 50;
/** How long until it is tried again when another window is reading or writing just then. */
const retryAfter = second;

/**
 * Sees to it that what was taken away leaves the files. Rows are overwritten as they are deleted (`secure_delete`). The
 * index of words only marks them, until its parts are merged; and the write-ahead log has what was written before, until
 * it is brought into the file. Both happen here, step by step behind the work of the window. How far it came is in the
 * database, so that the next window does what this one does not get to.
 */
export class Erasure implements Disposable {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #owned = new DisposableStore();
  #isScheduled = false;
  #hasBegun = false;

  constructor(database: DatabaseSync, clock: Clock, logger: Logger) {
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** To be called once entries may have been taken away. */
  begin(): void {
    if (!this.#isScheduled && this.#isDue()) this.#schedule(pause);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #schedule(delay: number): void {
    if (this.#owned.isDisposed) return;
    this.#isScheduled = true;
    const timer = this.#clock.after(delay, () => {
      this.#owned.delete(timer);
      this.#isScheduled = false;
      this.#goOn();
    });
    this.#owned.add(timer);
  }

  #goOn(): void {
    try {
      const removals = this.#number("SELECT changes AS n FROM past");
      if (this.#merge()) this.#schedule(pause);
      else if (!this.#emptyLog()) this.#schedule(retryAfter);
      else this.#finish(removals);
    } catch (error) {
      this.#logger.info(`What was deleted from the event history is erased later: ${describeCauses(error)}`);
      this.#schedule(retryAfter);
    }
  }

  /** What was taken away since the index was looked at is for another round. */
  #finish(removals: number): void {
    this.#hasBegun = false;
    this.#database.prepare("UPDATE erasure SET through = max(through, ?)").run(removals);
    this.begin();
  }

  #isDue(): boolean {
    return this.#number("SELECT changes > through AS n FROM past, erasure") === 1;
  }

  /** One step; false when there was nothing left to merge. A negative number begins with all parts of the index. */
  #merge(): boolean {
    const before = this.#number("SELECT total_changes() AS n");
    const pages = this.#hasBegun ? mergedPages : -mergedPages;
    this.#database.prepare("INSERT INTO event_text (event_text, rank) VALUES ('merge', ?)").run(pages);
    this.#hasBegun = true;
    // As SQLite documents it: the command itself counts as one.
    return this.#number("SELECT total_changes() AS n") - before >= 2;
  }

  /** Brings the log into the file and empties it; false while others use it. Waits for nobody: this is nobody's turn. */
  #emptyLog(): boolean {
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      return this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0;
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    }
  }

  #number(sql: string): number {
    return Number(this.#database.prepare(sql).get()?.["n"]);
  }
}
