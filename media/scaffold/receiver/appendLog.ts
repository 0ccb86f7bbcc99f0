import { type FileHandle, open, rename } from "node:fs/promises";

/** Lines in a file that is only appended to: whoever else opens it, and whenever a process dies, what stands there stays. */
export class AppendLog {
  readonly #path: string;
  /** Undefined while it is replaced: the next write opens it. */
  #file: FileHandle | undefined;
  #isClosed = false;
  #length: number;
  /** Whether the file may end in a part of a line. */
  #isTorn: boolean;

  private constructor(path: string, file: FileHandle, length: number, isTorn: boolean) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
    this.#isTorn = isTorn;
  }

  /** Opens the file, which need not exist, and reads its lines. A file that is there and cannot be read is an error. */
  static async open(path: string): Promise<{ readonly log: AppendLog; readonly lines: readonly string[] }> {
    const file = await open(path, "a+");
    try {
      const lines = (await file.readFile("utf8")).split(/\r?\n/);
      // What follows the last line end was cut off while it was written.
      const rest = lines.pop();
      const whole = lines.filter(line => line !== "");
      return { log: new AppendLog(path, file, whole.length, rest !== ""), lines: whole };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How many lines the file has. */
  get length(): number {
    return this.#length;
  }

  /** Appends lines, and is done when they are on the disk. The calls must not overlap. */
  async append(lines: readonly string[]): Promise<void> {
    if (this.#isClosed) throw new Error("The log is closed.");
    this.#file ??= await open(this.#path, "a");
    const text = `${this.#isTorn ? "\n" : ""}${joined(lines)}`;
    // A disk that is full takes a part.
    this.#isTorn = true;
    await this.#file.appendFile(text);
    this.#isTorn = false;
    this.#length += lines.length;
    await this.#file.datasync();
  }

  /**
   * Puts a file with these lines in the place of the file, so that a crash leaves the one or the other. Where this fails,
   * the file stays as it is. The calls must not overlap, nor with {@link append}.
   */
  async replace(lines: readonly string[]): Promise<void> {
    await writeToDisk(`${this.#path}.new`, joined(lines));
    // Windows replaces no file that is open.
    await this.#closeFile();
    await rename(`${this.#path}.new`, this.#path);
    this.#length = lines.length;
    this.#isTorn = false;
  }

  /** Nothing is appended after that. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

function joined(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join("");
}

async function writeToDisk(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
