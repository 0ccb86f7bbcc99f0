import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ProcessTree } from "../../workbench/processTree.ts";
import { repositoryRoot } from "../../workbench/repository.ts";
import { type Mutation, applyMutation } from "./mutation.ts";

/** What is not the repository's own, or is made by it. */
const notCopied = new Set([".git", "dist", "node_modules", "test-results"]);

export type Ending = "passed" | "failed" | "overtime";

/** A copy of the repository for one run of tests at a time; the working tree is never touched. */
export class PrivateTree implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "mutations-"));
  readonly #logFile: string;

  /** What the tests print is added to `logFile`. */
  constructor(logFile: string) {
    this.#logFile = logFile;
    for (const name of readdirSync(repositoryRoot).filter(each => !notCopied.has(each))) {
      cpSync(join(repositoryRoot, name), join(this.#folder, name), { recursive: true });
    }
    symlinkSync(join(repositoryRoot, "node_modules"), join(this.#folder, "node_modules"), "junction");
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  /** Does something while the fault is in. */
  async withMutation<T>(mutation: Mutation, act: () => Promise<T>): Promise<T> {
    const path = join(this.#folder, mutation.file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, applyMutation(text, mutation));
    try {
      return await act();
    } finally {
      writeFileSync(path, text);
    }
  }

  /**
   * Runs one file of tests in a process of its own, which is ended with the first test that fails, or after `limitMs`, with
   * all it started.
   */
  async runTest(file: string, limitMs: number): Promise<Ending> {
    const failure = Promise.withResolvers<Ending>();
    const tree = ProcessTree.start({
      name: "tests",
      program: process.execPath,
      args: ["--test-reporter=tap", file],
      cwd: this.#folder,
      logFile: this.#logFile,
      onLine: line => {
        if (isFailure(line)) failure.resolve("failed");
      },
    });
    const limit = new AbortController();
    const late = wait(limitMs, "overtime" as const, { signal: limit.signal }).catch(() => "passed" as const);
    const done = tree.ended.then(why => (why.endsWith("exit code 0.") ? ("passed" as const) : ("failed" as const)));
    const ending = await Promise.race([failure.promise, done, late]);
    limit.abort();
    await tree.close();
    return ending;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Of a test, or of one in a test: what failed may leave something open that keeps the process from ending. */
function isFailure(line: string): boolean {
  return line.trimStart().startsWith("not ok ");
}
