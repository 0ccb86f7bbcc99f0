import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { channelCreatedSchema, relayPaths } from "../../../src/protocol/relayApi.ts";
import { repositoryRoot } from "../../workbench/repository.ts";
import type { ProbeQuestion, Usage } from "./probe.ts";

/** Which server is measured: the relay, or the floor that it is held against. */
export type ServerKind = "floor" | "relay";

/** Where senders and editors of one channel go. */
export interface BenchChannel {
  readonly ingestPath: string;
  readonly streamPath: string;
  readonly readKey: string;
}

const programs: Record<ServerKind, string> = { floor: "test/bench/relay/floorRelay.ts", relay: "src/relay/main.ts" };
const probe = join(repositoryRoot, "test/bench/relay/probe.ts");
const readyDeadline = 20_000;
const createsAtOnce = 32;
const usageSchema = v.object({ cpu: v.number(), main: v.number() });

/** A server in a process of its own on 127.0.0.1, which ends with this process at the latest. */
export class ServerUnderTest {
  readonly kind: ServerKind;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(kind: ServerKind, port: number, child: ChildProcess) {
    this.kind = kind;
    this.port = port;
    this.#child = child;
  }

  /** `flags` are for Node itself. */
  static async start(
    kind: ServerKind,
    args: readonly string[] = [],
    flags: readonly string[] = [],
  ): Promise<ServerUnderTest> {
    const child = fork(join(repositoryRoot, programs[kind]), args, {
      execArgv: ["--expose-gc", "--import", probe, ...profiling(kind), ...flags],
      stdio: ["ignore", "pipe", "ignore", "ipc"],
    });
    try {
      return new ServerUnderTest(kind, await readyPort(child), child);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async usage(): Promise<Usage> {
    return v.parse(usageSchema, await this.#ask("usage"));
  }

  /** Bytes resident after a collection of garbage. */
  async memory(): Promise<number> {
    return v.parse(v.number(), await this.#ask("memory"));
  }

  async #ask(question: ProbeQuestion): Promise<unknown> {
    const answer = once(this.#child, "message");
    this.#child.send(question);
    const [value] = (await answer) as unknown[];
    return value;
  }

  /** Channels whose events are sealed to `publicKey`, if there is one. The floor has no channels: any name does. */
  async createChannels(count: number, publicKey?: string): Promise<BenchChannel[]> {
    const channels: BenchChannel[] = [];
    let left = count;
    const create = async (): Promise<void> => {
      while (left-- > 0) channels.push(await this.#createChannel(publicKey));
    };
    await Promise.all(Array.from({ length: createsAtOnce }, create));
    return channels;
  }

  async #createChannel(publicKey: string | undefined): Promise<BenchChannel> {
    if (this.kind === "floor") return channelNamed(crypto.randomUUID(), "none");
    const body = publicKey === undefined ? {} : { body: JSON.stringify({ publicKey }) };
    const response = await fetch(`http://127.0.0.1:${this.port}${relayPaths.channels}`, { method: "POST", ...body });
    const { channel, readKey } = v.parse(channelCreatedSchema, await response.json());
    return channelNamed(channel, readKey);
  }

  async close(): Promise<void> {
    const ended = once(this.#child, "exit");
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), readyDeadline);
    await ended;
    clearTimeout(late);
  }
}

function channelNamed(channel: string, readKey: string): BenchChannel {
  return { ingestPath: relayPaths.ingest(channel), streamPath: relayPaths.stream(channel), readKey };
}

/** `RELAY_BENCH_PROFILE=<folder>` has the relay leave a profile of its processor time there. */
function profiling(kind: ServerKind): string[] {
  const folder = process.env["RELAY_BENCH_PROFILE"];
  return kind === "floor" || folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

async function readyPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("The server has no output");
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line", { signal: AbortSignal.timeout(readyDeadline) })) as unknown[];
  const port = /^\w+ ready http:\/\/127\.0\.0\.1:(\d+)$/.exec(String(line))?.[1];
  if (port === undefined) throw new Error(`The server did not say where it listens: ${String(line)}`);
  return Number(port);
}
