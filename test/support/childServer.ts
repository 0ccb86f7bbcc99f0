import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

/** A server of ours in a process of its own. */
export interface ChildServer {
  readonly url: string;
  readonly pid: number;
  /** Ends the process with `signal` and resolves with its exit code, null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Its exit code, once it has ended by itself or was ended. */
  readonly exited: Promise<number | null>;
  /** What it has written to standard error so far. */
  log(): string;
}

/** How a process ended that was expected to. */
export interface EndedProcess {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `script` until its ready line (`<name> ready <url>`). The process dies with the test at the latest. */
export async function startChildServer(
  test: TestContext,
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildServer> {
  const child = spawnNode(script, args, environment);
  const log = gather(child.stderr);
  const exited = exitOf(child);
  test.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const url = await Promise.race([readyUrl(child), exited.then(() => undefined)]);
  if (url === undefined || child.pid === undefined) throw new Error(`${script} ended before it was ready: ${log()}`);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return { url, pid: child.pid, end, exited, log };
}

/** Runs `script` to its end. */
export async function runToExit(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<EndedProcess> {
  const child = spawnNode(script, args, environment);
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  const [code] = await Promise.all([exitOf(child), child.stdout === null ? undefined : once(child.stdout, "close")]);
  return { code, stdout: stdout(), stderr: stderr() };
}

function spawnNode(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise(resolve => {
    child.once("exit", code => resolve(code));
    child.once("error", () => resolve(null));
  });
}

async function readyUrl(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface(child.stdout)) {
    const url = /^\w+ ready (https?:\/\/\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}

function gather(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: string[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  return () => chunks.join("");
}
