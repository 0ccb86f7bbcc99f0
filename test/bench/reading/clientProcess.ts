import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { repositoryRoot } from "../../workbench/repository.ts";
import type { ClientTask, ClientUsage, SentMessage } from "./client.ts";

const usageSchema: v.GenericSchema<ClientUsage> = v.object({
  cpu: v.number(),
  events: v.number(),
  messages: v.number(),
  characters: v.number(),
});

const messagesSchema: v.GenericSchema<readonly SentMessage[]> = v.array(v.object({ at: v.number(), text: v.string() }));

/** How long events may be on their way, in milliseconds. */
const patience = 60_000;

/** The client of one checkout, in a process of its own. */
export class ClientProcess {
  readonly checkout: string;
  /** Where a relay takes in what is sent to it. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(checkout: string, address: string, child: ChildProcess, folder: string) {
    this.checkout = checkout;
    this.address = address;
    this.#child = child;
    this.#folder = folder;
  }

  /** `READING_BENCH_PROFILE=<folder>` has it leave a profile of its processor time there. */
  static async start(checkout: string, task: Omit<ClientTask, "folder">): Promise<ClientProcess> {
    const folder = mkdtempSync(join(tmpdir(), "reading-bench-"));
    const profiles = process.env["READING_BENCH_PROFILE"];
    const child = fork(join(repositoryRoot, "test/bench/reading/client.ts"), [checkout], {
      execArgv: profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const client = (address: string): ClientProcess => new ClientProcess(checkout, address, child, folder);
    return client(v.parse(v.string(), await ask(child, { ...task, folder } satisfies ClientTask)));
  }

  async usage(): Promise<ClientUsage> {
    return v.parse(usageSchema, await ask(this.#child, "usage"));
  }

  /** From now on {@link messages} gives what it tells its page. */
  async record(): Promise<void> {
    await ask(this.#child, "record");
  }

  async messages(): Promise<readonly SentMessage[]> {
    return v.parse(messagesSchema, await ask(this.#child, "messages"));
  }

  /** What it has done once its page knows of so many events. */
  async whenShown(events: number): Promise<ClientUsage> {
    for (let waited = 0; waited < patience; waited += 100) {
      const usage = await this.usage();
      if (usage.events >= events) return usage;
      await delay(100);
    }
    throw new Error(`After a minute the page does not know of ${events} events.`);
  }

  async close(): Promise<void> {
    const ended = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function ask(child: ChildProcess, question: ClientTask | "usage" | "record" | "messages"): Promise<unknown> {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(() => {
    throw new Error("The client ended.");
  });
  child.send(question);
  try {
    const [answer] = (await Promise.race([once(child, "message"), exit])) as unknown[];
    return answer;
  } finally {
    exit.catch(() => undefined);
    ended.abort();
  }
}
