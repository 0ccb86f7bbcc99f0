import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, createWriteStream, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

export interface ProcessTreeOptions {
  /** What the sentences about it call it: "The relay ended …". */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What it prints is added to this file. */
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Is given every line of its stdout. */
  readonly onLine?: (line: string) => void;
}

const gracePeriodMs = 8_000;
const stragglersMs = 1_000;
const lastWaitMs = 5_000;

/**
 * A program and all that it starts, as one thing that can be ended: a process group of its own (on Windows: a tree),
 * which ends by itself when this process is gone.
 */
export class ProcessTree {
  readonly name: string;
  readonly pid: number;
  /**
   * Resolves when the program has ended and its output was read, with why, for people: "The relay ended with exit
   * code 1." Never rejects.
   */
  readonly ended: Promise<string>;
  #running = true;
  #closing: Promise<void> | undefined;

  private constructor(name: string, pid: number, child: ChildProcess) {
    this.name = name;
    this.pid = pid;
    this.ended = whyItEnded(name, child).finally(() => (this.#running = false));
  }

  static start(options: ProcessTreeOptions): ProcessTree {
    const child = spawnOnLeash(options);
    if (child.pid === undefined) throw new Error(`The ${options.name} could not be started.`);
    if (child.stdout !== null) readOutput(child.stdout, options);
    return new ProcessTree(options.name, child.pid, child);
  }

  /**
   * Waits for what tells that the program is ready. When it ends instead, or takes too long, it is closed, and this
   * rejects with one sentence that names its log.
   */
  async ready<T>(sign: Promise<T>, limitMs: number, logFile: string): Promise<T> {
    const given = new AbortController();
    const late = wait(limitMs, undefined, { signal: given.signal }).then(
      () => `The ${this.name} was not ready within ${limitMs / 1000} s.`,
      () => "",
    );
    const fault = Promise.race([this.ended, late]).then(why => ({ why }));
    const outcome = await Promise.race([sign.then(value => ({ value })), fault]);
    given.abort();
    if ("value" in outcome) return outcome.value;
    await this.close();
    throw new Error(`${outcome.why} Its log is ${logFile}.`);
  }

  /** Asks it to end, then insists. Resolves when nothing of it is left; rejects when something would not end. */
  async close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (process.platform === "win32") return this.#endTree();
    if (this.#running) process.kill(this.pid, "SIGTERM");
    await Promise.race([this.ended, wait(gracePeriodMs, undefined, { ref: false })]);
    // What the program leaves behind gets no second invitation.
    if (await this.#isGoneWithin(stragglersMs)) return;
    this.#killGroup();
    if (await this.#isGoneWithin(lastWaitMs)) return;
    throw new Error(`The ${this.name} (process group ${this.pid}) could not be ended.`);
  }

  async #endTree(): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>(resolve => {
      execFile("taskkill", ["/PID", String(this.pid), "/T", "/F"], { windowsHide: true }, () => resolve());
    });
    await this.ended;
  }

  #killGroup(): void {
    if (processGroupExists(this.pid)) process.kill(-this.pid, "SIGKILL");
  }

  async #isGoneWithin(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (processGroupExists(this.pid)) {
      if (performance.now() > deadline) return false;
      await wait(50);
    }
    return true;
  }
}

/** Whether any process of the group is left (POSIX). */
export function processGroupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

async function whyItEnded(name: string, child: ChildProcess): Promise<string> {
  const output = new Promise<void>(resolve => child.stdout?.once("end", resolve));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve => {
    child.once("exit", (...how) => resolve(how));
  });
  // Something it started may still hold its output open; then that is not waited for.
  await Promise.race([output, wait(1_000, undefined, { ref: false })]);
  return `The ${name} ended with ${signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`}.`;
}

function readOutput(output: Readable, { logFile, onLine }: ProcessTreeOptions): void {
  output.pipe(createWriteStream(logFile, { flags: "a" }));
  if (onLine !== undefined) createInterface({ input: output }).on("line", onLine);
}

function spawnOnLeash(options: ProcessTreeOptions): ChildProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, "a");
  try {
    return spawn(process.execPath, [join(import.meta.dirname, "leash.ts"), options.program, ...options.args], {
      cwd: options.cwd,
      env: options.env,
      stdio: ["pipe", "pipe", log],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
  } finally {
    closeSync(log);
  }
}
