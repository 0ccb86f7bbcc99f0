import { randomUUID } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { uptime } from "node:os";

/** Another process has the lock, or took it away; the message says which. */
export class LockedError extends Error {}

/** The process that has a lock, as its file says. */
interface Holder {
  readonly pid: number;
  /** When it took the lock, in milliseconds since 1970. */
  readonly since: number;
}

/** How long taking a lock may last, in milliseconds: its file is empty for a moment. */
const longestTaking = 5_000;

/** What the files of this process's own locks say: to a second one in the same process each is somebody else's. */
const own = new Set<string>();

/** Lets one process at a time use what the lock is for. A process that died has none: its file is there, and counts no more. */
export class FileLock {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** Takes the lock, or throws {@link LockedError} while another process has it. */
  static async take(path: string): Promise<FileLock> {
    const text = JSON.stringify({ pid: process.pid, since: Date.now(), id: randomUUID() });
    own.add(text);
    try {
      if (!(await created(path, text))) {
        await removeLeftover(path);
        if (!(await created(path, text))) throw new LockedError(`Another process has just taken ${path}.`);
      }
      return new FileLock(path, text);
    } catch (error) {
      own.delete(text);
      throw error;
    }
  }

  /** Throws {@link LockedError} where the lock is not this one's any more, as when somebody deleted its file. */
  async verify(): Promise<void> {
    if ((await textOf(this.#path)) === this.#text) return;
    throw new LockedError(`${this.#path} was deleted or taken over. Start the handler again.`);
  }

  /** Gives the lock back, unless it is somebody else's by now. */
  async release(): Promise<void> {
    own.delete(this.#text);
    if ((await textOf(this.#path)) === this.#text) await rm(this.#path, { force: true });
  }
}

/** Whether there was no such file. */
async function created(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes the file of a process that died; throws for one that lives. */
async function removeLeftover(path: string): Promise<void> {
  const text = await textOf(path);
  if (text === undefined) return;
  const holder = holderIn(text);
  if (own.has(text)) throw new LockedError(`This process has ${path} already.`);
  if (holder === undefined && (await isYoung(path))) throw new LockedError(`Another process is just taking ${path}.`);
  if (holder !== undefined && isAlive(holder)) {
    const remedy = `End it first; if it is no handler, delete that file.`;
    throw new LockedError(`Process ${holder.pid} has ${path}. ${remedy}`);
  }
  await rm(path, { force: true });
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function isYoung(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path);
  return Math.abs(Date.now() - mtimeMs) < longestTaking;
}

function holderIn(text: string): Holder | undefined {
  try {
    const { pid, since } = JSON.parse(text) as Partial<Holder>;
    return Number.isSafeInteger(pid) && Number(pid) > 0 ? { pid: Number(pid), since: Number(since) } : undefined;
  } catch {
    return undefined;
  }
}

/** Numbers of processes are used again: the number of this one, and those from before the machine started, say nothing. */
function isAlive({ pid, since }: Holder): boolean {
  const started = Date.now() - uptime() * 1_000;
  if (pid === process.pid || since < started) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user must not be signalled, and lives.
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
