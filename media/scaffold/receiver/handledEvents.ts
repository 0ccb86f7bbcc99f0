import { type FileHandle, mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** How many changes are remembered: older ones do not come again. */
const most = 10_000;

/**
 * The changes that were handled, in a file, so that a restart does not handle them again. A change counts as handled once
 * your code is done with it: what throws is handled when it comes again, and so is what a crash cut off.
 */
export class HandledEvents {
  readonly #file: FileHandle;
  readonly #identities: Set<string>;
  readonly #underWay = new Map<string, Promise<void>>();

  private constructor(file: FileHandle, identities: Set<string>) {
    this.#file = file;
    this.#identities = identities;
  }

  /** Opens the file, which need not exist, and forgets the oldest of too many. */
  static async open(path: string): Promise<HandledEvents> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, "utf8").catch(() => "");
    // What follows the last line end was cut off while it was written.
    const kept = text.split("\n").slice(0, -1).slice(-most);
    await writeFile(`${path}.new`, kept.map(line => `${line}\n`).join(""));
    await rename(`${path}.new`, path);
    return new HandledEvents(await open(path, "a"), new Set(kept));
  }

  /**
   * Runs `work` unless the change of this identity was handled, and tells whether it ran. Of two at the same time the
   * second waits for the first. Without an identity it always runs.
   */
  async once(identity: string | undefined, work: () => Promise<void>): Promise<boolean> {
    if (identity === undefined) {
      await work();
      return true;
    }
    const first = this.#underWay.get(identity);
    if (first !== undefined || this.#identities.has(identity)) {
      await first;
      return false;
    }
    const done = this.#run(identity, work);
    this.#underWay.set(identity, done);
    await done.finally(() => this.#underWay.delete(identity));
    return true;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #run(identity: string, work: () => Promise<void>): Promise<void> {
    await work();
    await this.#file.appendFile(`${identity}\n`);
    await this.#file.datasync();
    this.#identities.add(identity);
  }
}
