import type { HistoryDatabase } from "./currentDatabase.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { inTransaction } from "../windows/transaction.ts";
import type { DoomedEntries } from "./doomedEntries.ts";
import { waitingFor } from "./waitingFor.ts";

/** Pages of the index of words that are written anew at a time: some ten milliseconds. */
const mergedPages = 200;
const pause = 50;
/** Between two slices of rows, so that whatever else is to be done here, and in other windows, comes first. */
const pauseBetweenSlices = 10;
/** The file is made as small as it is empty where it has no more pages in use than this: that takes no longer than a merge. */
const compactedPages = 1_000;
/** How long until it is tried again when another window is reading or writing just then. */
const retryAfter = second;

export interface ErasureOptions {
  readonly doomed: DoomedEntries;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Rows were taken out just now. */
  readonly onSlice: () => void;
}

/**
 * Sees to it that what was taken away leaves the files. Rows go in slices, and are overwritten as they do
 * (`secure_delete`). The
 * index of words only marks them, until its parts are merged; and the write-ahead log has what was written before, until
 * it is brought into the file. Both happen here, step by step behind the work of the window. How far it came is in the
 * database, so that the next window does what this one does not get to.
 */
export class Erasure implements Disposable {
  readonly #database: HistoryDatabase;
  readonly #doomed: DoomedEntries;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onSlice: () => void;
  readonly #owned = new DisposableStore();
  #isScheduled = false;
  #hasBegun = false;

  constructor(database: HistoryDatabase, { doomed, clock, logger, onSlice }: ErasureOptions) {
    this.#database = database;
    this.#doomed = doomed;
    this.#onSlice = onSlice;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** To be called once entries may have been taken away. */
  begin(): void {
    if (this.#isDue()) this.#schedule(pause);
  }

  /** Where next to nothing is left, the file becomes as small as it is empty; where another window is reading, it stays large. */
  compact(): void {
    if (this.#pages().used > compactedPages) return;
    try {
      this.#withoutWaiting(() => this.#database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
    } catch (error) {
      this.#logger.info(`The event history was cleared but not compacted: ${describeCauses(error)}`);
    }
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #schedule(delay: number): void {
    if (this.#owned.isDisposed || this.#isScheduled) return;
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
      if (this.#takeSlice()) this.#schedule(pauseBetweenSlices);
      else if (this.#merge()) this.#schedule(pause);
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
    if (this.#isHollow()) this.compact();
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

  #takeSlice(): boolean {
    const isAny = this.#withoutWaiting(() => inTransaction(this.#database, () => this.#doomed.takeSlice()));
    if (isAny) this.#onSlice();
    return isAny;
  }

  /** Brings the log into the file and empties it; false while others use it. */
  #emptyLog(): boolean {
    return this.#withoutWaiting(() => this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0);
  }

  /** This is nobody's turn: whoever has the file keeps it. */
  #withoutWaiting<T>(work: () => T): T {
    return waitingFor(this.#database, 0, work);
  }

  #isHollow(): boolean {
    const { used, free } = this.#pages();
    return free > used;
  }

  #pages(): { readonly used: number; readonly free: number } {
    const free = this.#pragma("freelist_count");
    return { used: this.#pragma("page_count") - free, free };
  }

  #pragma(name: string): number {
    return Number(this.#database.prepare(`PRAGMA ${name}`).get()?.[name]);
  }

  #number(sql: string): number {
    return Number(this.#database.prepare(sql).get()?.["n"]);
  }
}
