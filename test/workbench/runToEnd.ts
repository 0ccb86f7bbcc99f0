import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it prints is added to this file, and nothing of it is shown. */
  readonly logFile: string;
}

/** Runs a program without a shell. Rejects with one sentence that names the log when it does not end with 0. */
export async function runToEnd(program: string, args: readonly string[], options: RunOptions): Promise<void> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, "a");
  try {
    const code = await exitCodeOf(program, args, options, log);
    if (code !== 0)
      throw new Error(`${describe(program, args)} failed (${code}). Its output is in ${options.logFile}.`);
  } finally {
    closeSync(log);
  }
}

/** The last lines of a log file, for a message about what went wrong. */
export function tailOf(logFile: string, lines = 15): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

async function exitCodeOf(
  program: string,
  args: readonly string[],
  options: RunOptions,
  log: number,
): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", log, log],
      windowsHide: true,
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
}

function describe(program: string, args: readonly string[]): string {
  const words = [program, ...args].map(word => word.split(/[/\\]/).at(-1) ?? word);
  return words.slice(0, 4).join(" ");
}
