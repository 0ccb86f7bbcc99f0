import { readFileSync } from "node:fs";
import { ProcessTree } from "./processTree.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it prints is added to this file, and nothing of it is shown. */
  readonly logFile: string;
}

/** Runs a program without a shell. Rejects with one sentence that names the log when it does not end with 0. */
export async function runToEnd(program: string, args: readonly string[], options: RunOptions): Promise<void> {
  const tree = ProcessTree.start({ name: `command "${describe(program, args)}"`, program, args, ...options });
  const why = await tree.ended;
  if (!why.endsWith("exit code 0.")) throw new Error(`${why} Its output is in ${options.logFile}.`);
}

/** The last lines of a log file, for a message about what went wrong. */
export function tailOf(logFile: string, lines: number): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

function describe(program: string, args: readonly string[]): string {
  const words = [program, ...args].map(word => word.split(/[/\\]/).at(-1) ?? word);
  return words.slice(0, 4).join(" ");
}
