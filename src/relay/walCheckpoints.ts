import { type Clock, second } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";

/** PASSIVE brings the write-ahead log into the database file as far as that is possible; TRUNCATE empties its file too. */
export type CheckpointMode = "PASSIVE" | "TRUNCATE";

/** Pages in the write-ahead log, and how many of them the database file has by now. */
export interface CheckpointResult {
  readonly logged: number;
  readonly checkpointed: number;
}

/**
 * Two megabytes, and half of that with the pages of an earlier relay: brought in within some milliseconds, while no
 * answer waits for it.
 */
const duePages = 256;
/** What a burst has made longer than this (4 MiB) is cut off again as soon as it can be. */
const longPages = 512;
/** 64 MiB, after which nothing is written before the log could be brought in. */
const mostPages = 8_192;
const quietTime = 5 * second;

/**
 * Decides when the write-ahead log is brought into the database file. Between two transactions, once the answers of the
 * first are out, because a commit that does it on the way has all its senders wait for a second flush of the disk.
 */
export class WalCheckpoints implements Disposable {
  readonly #clock: Clock;
  readonly #checkpoint: (mode: CheckpointMode) => CheckpointResult;
  /** Pages that the last checkpoint left in the log, and those written since. */
  #left = 0;
  #written = 0;
  #quiet = false;
  #look: Disposable | undefined;
  #disposed = false;

  /** `checkpoint` throws when the database file cannot be written. */
  constructor(clock: Clock, checkpoint: (mode: CheckpointMode) => CheckpointResult) {
    this.#clock = clock;
    this.#checkpoint = checkpoint;
  }

  /** A transaction has added about so many pages. */
  wrote(pages: number): void {
    this.#written += pages;
    this.#quiet = false;
    if (!this.#disposed) this.#look ??= this.#lookLater();
  }

  /** To be called before a transaction. Throws when the log is as long as it may be, and cannot be brought in. */
  makeRoom(): void {
    if (this.#left + this.#written <= mostPages) return;
    this.#run("PASSIVE");
    if (this.#left > mostPages) throw new Error(`The write-ahead log holds ${this.#left} pages and cannot be emptied`);
  }

  /** To be called when nobody waits for an answer. */
  afterAnswers(): void {
    if (this.#written >= duePages) this.#try("PASSIVE");
  }

  /** Leaves nothing in the log now. Throws when the database file cannot be written. */
  empty(): void {
    this.#run("TRUNCATE");
  }

  dispose(): void {
    this.#disposed = true;
    this.#look?.dispose();
    this.#look = undefined;
  }

  /** After one whole interval without a write, the log and its file are emptied. */
  #lookLater(): Disposable {
    return this.#clock.after(quietTime, () => {
      const quiet = this.#quiet;
      this.#quiet = true;
      this.#look = quiet ? undefined : this.#lookLater();
      if (quiet) this.#try("TRUNCATE");
    });
  }

  /** What fails is tried again when as much has been written: no event is lost by it, only room. */
  #try(mode: CheckpointMode): void {
    try {
      this.#run(mode);
    } catch {
      this.#left += this.#written;
      this.#written = 0;
    }
  }

  #run(mode: CheckpointMode): void {
    const { logged, checkpointed } = this.#checkpoint(mode);
    const complete = checkpointed === logged;
    // SQLite begins at the front of the file once all of it has been brought in.
    this.#left = complete ? 0 : logged;
    this.#written = 0;
    if (complete && mode === "PASSIVE" && logged > longPages) this.#checkpoint("TRUNCATE");
  }
}
