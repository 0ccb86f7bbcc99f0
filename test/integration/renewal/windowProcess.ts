import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";

/** What windows of one machine share: the database, the time and the vault. */
export interface WindowProcessDisk {
  readonly file: string;
  readonly now: number;
  readonly vault: readonly (readonly [key: string, value: string])[];
}

/** What a window process is told to do; it answers with lines. */
export type WindowProcessTask = WindowProcessDisk & {
  /** `renew`: open, do what is due, and say which requests that took. `hold`: take the claim and keep it. */
  readonly task: "renew" | "hold";
};

/** A window of the editor as a process of its own. */
export interface WindowProcess {
  ask(task: WindowProcessTask): Promise<readonly string[]>;
  /** Ends it as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a process and waits until it listens; it does not outlive the test. */
export async function startWindowProcess(test: TestContext): Promise<WindowProcess> {
  const child = fork(new URL("windowProcessMain.ts", import.meta.url));
  test.after(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return { ask: async task => ask(child, task), kill: async () => kill(child) };
}

async function ask(child: ChildProcess, task: WindowProcessTask): Promise<readonly string[]> {
  const answer = Promise.withResolvers<readonly string[]>();
  child.once("message", message => answer.resolve(Array.isArray(message) ? message.map(String) : []));
  child.once("exit", code => answer.reject(new Error(`The window process ended with ${code}`)));
  child.send(task);
  return answer.promise;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
