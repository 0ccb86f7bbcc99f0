import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { AppendLog } from "./appendLog.ts";
import { FileLock } from "./fileLock.ts";

/** How many changes are remembered: older ones do not come again. */
const usualMost = 10_000;

/** A change of very many fields would fill the file, in characters. */
const longestLine = 1_000;

/**
 * The changes that were handled, in a file, so that a restart does not handle them again. A change counts as handled once
 * your code is done with it: what throws is handled when it comes again, and so is what a crash cut off. One process at a
 * time has the file.
 */
export class HandledEvents {
  readonly #lock: FileLock;
  readonly #log: AppendLog;
  readonly #most: number;
  /** At more lines the file is written again with the newest. */
  #mostLines: number;
  readonly #written: Set<string>;
  /** What your code is done with, and the file does not say yet. */
  readonly #unwritten = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(lock: FileLock, log: AppendLog, lines: readonly string[], most: number) {
    this.#lock = lock;
    this.#log = log;
    this.#most = most;
    this.#mostLines = 2 * most;
    this.#written = new Set(lines.slice(-most));
  }

  /** Opens the file, which need not exist. Throws where another process has it, and where it is there and cannot be read. */
  static async open(path: string, most = usualMost): Promise<HandledEvents> {
    await mkdir(dirname(path), { recursive: true });
    const lock = await FileLock.take(`${path}.lock`);
    try {
      const { log, lines } = await AppendLog.open(path);
      return new HandledEvents(lock, log, lines, most);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /**
   * Runs `work` unless the change of this identity was handled, and tells whether it ran. Of two at the same time the
   * second waits for the first. Without an identity it always runs.
   */
  async once(identity: string | undefined, work: () => Promise<void>): Promise<boolean> {
    if (identity === undefined) {
      await this.#lock.verify();
      await work();
      return true;
    }
    const line = lineOf(identity);
    const first = this.#underWay.get(line);
    if (first !== undefined) {
      await first;
      return false;
    }
    const done = this.#run(line, work);
    this.#underWay.set(line, done);
    return done.finally(() => this.#underWay.delete(line));
  }

  /** Waits for your code to be done with what is under way, and writes it down. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
    await this.#lastWrite;
    await this.#log.close();
    await this.#lock.release();
  }

  async #run(line: string, work: () => Promise<void>): Promise<boolean> {
    await this.#lock.verify();
    // Nothing is begun while it could not be written down either.
    await this.#writeDown();
    if (this.#written.has(line)) return false;
    await work();
    this.#unwritten.add(line);
    await this.#writeDown();
    return true;
  }

  /** One after the other: a write takes all that wait, so that the next finds nothing left to do. */
  async #writeDown(): Promise<void> {
    const write = this.#lastWrite.then(async () => this.#writeAll());
    this.#lastWrite = write.catch(() => undefined);
    await write.catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`What was handled could not be written down: ${reason}`, { cause });
    });
  }

  async #writeAll(): Promise<void> {
    const lines = [...this.#unwritten];
    if (lines.length === 0) return;
    await this.#log.append(lines);
    for (const line of lines) {
      this.#unwritten.delete(line);
      this.#written.add(line);
    }
    for (const oldest of this.#written) {
      if (this.#written.size <= this.#most) break;
      this.#written.delete(oldest);
    }
    if (this.#log.length > this.#mostLines) await this.#shorten();
  }

  /** All is written down already: where this fails, the file is longer than it need be, and that is all. */
  async #shorten(): Promise<void> {
    try {
      await this.#log.replace([...this.#written]);
      this.#mostLines = 2 * this.#most;
    } catch (error) {
      console.warn("The log of handled events cannot be shortened, and is tried again later:", error);
      this.#mostLines = this.#log.length + this.#most;
    }
  }
}

function lineOf(identity: string): string {
  const fits = identity.length <= longestLine && !/[\r\n]/.test(identity) && identity !== "";
  return fits ? identity : `sha256 ${createHash("sha256").update(identity).digest("hex")}`;
}
