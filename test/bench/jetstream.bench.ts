/**
 * `npm run bench -- jetstream`: the slopes that docs/scale.md extrapolates from, in bursts of some seconds. On one
 * machine all NATS servers share its processors and its disk, so the absolute figures are a floor; what counts is how
 * they change with the number of channels.
 */
import type { EventLog } from "../../src/relay/eventLog.ts";
import { type NatsServer, type ServerOwner, startNatsServers } from "../support/natsServers.ts";
import { appendOne, eventBytes, inParallel, makeChannels, openEngine, residentBytes } from "./jetstream/engine.ts";
import { quantile } from "./statistics.ts";

const senders = 32;
const appends = 4_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function secondsFor(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Events per second over so many channels. */
async function throughput(log: EventLog, channels: readonly string[]): Promise<number> {
  const targets = Array.from({ length: appends }, (_, index) => channels[index % channels.length] ?? "");
  await inParallel(targets.slice(0, 500), senders, async channel => appendOne(log, channel));
  return (
    appends / (await secondsFor(async () => inParallel(targets, senders, async channel => appendOne(log, channel))))
  );
}

async function latency(log: EventLog, channel: string): Promise<string> {
  const times: number[] = [];
  for (let index = 0; index < 300; index++) times.push(1000 * (await secondsFor(async () => appendOne(log, channel))));
  return `${quantile(times, 0.5).toFixed(1)} ms, 99th percentile ${quantile(times, 0.99).toFixed(1)} ms`;
}

async function catchUp(log: EventLog, channel: string): Promise<number> {
  const { newest } = (await log.bounds(channel)) ?? { newest: 0 };
  const seconds = await secondsFor(async () => {
    for (let after = 0; after < newest;) {
      after = (await log.read(channel, after, { events: 256, bytes: 256 * 1024 })).at(-1)?.sequence ?? newest;
    }
  });
  return newest / seconds;
}

/** What a channel costs a server that holds all of them: its record, and one event. */
async function memoryPerChannel(log: EventLog, [server]: readonly NatsServer[], count: number): Promise<string> {
  if (server === undefined) throw new Error("There is no server");
  const before = residentBytes(server);
  const channels = await makeChannels(log, count);
  const withRecords = residentBytes(server);
  await inParallel(channels, 64, async channel => appendOne(log, channel));
  const withEvents = residentBytes(server);
  const each = (bytes: number): string => `${Math.round(bytes / count)} bytes`;
  return `${each(withRecords - before)} for its record, ${each(withEvents - withRecords)} for its first event`;
}

async function memoryPerWatch(log: EventLog, count: number): Promise<number> {
  const channels = await makeChannels(log, count);
  const before = heapBytes();
  const watcher = { appended: () => undefined, accessChanged: () => undefined, deleted: () => undefined };
  const watches = channels.map(channel => log.watch(channel, watcher));
  await log.isReady();
  const each = (heapBytes() - before) / count;
  for (const watch of watches) watch.dispose();
  return Math.round(each);
}

/** What is in use, after a collection where Node was started with `--expose-gc`. */
function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function measure(owner: ServerOwner, count: 1 | 3): Promise<void> {
  const servers = await startNatsServers(owner, count);
  const log = await openEngine(servers);
  say(`\n${count === 1 ? "One NATS server" : "Three NATS servers, three replicas"}`);
  // First of all: later a server's memory is full of what it no longer needs.
  say(`  memory of a server per channel: ${await memoryPerChannel(log, servers, 20_000)}`);
  const [alone = ""] = await makeChannels(log, 1);
  say(`  one event at a time: ${await latency(log, alone)}`);
  for (const channels of [1, 10, 100, 1_000, 10_000]) {
    const rate = await throughput(log, await makeChannels(log, channels));
    say(`  ${senders} senders over ${channels} channels: ${Math.round(rate)} events/s of ${eventBytes} bytes`);
  }
  const [full = ""] = await makeChannels(log, 1);
  await inParallel(Array.from({ length: 20_000 }), 256, async () => appendOne(log, full));
  say(`  catch-up: ${Math.round(await catchUp(log, full))} events/s`);
  say(`  memory of a relay per watched channel: ${await memoryPerWatch(log, 10_000)} bytes`);
  await log.close();
}

const endings: (() => unknown)[] = [];
const owner: ServerOwner = { after: ending => void endings.push(ending as () => unknown), diagnostic: say };
try {
  await measure(owner, 1);
  await measure(owner, 3);
} finally {
  for (const end of endings.reverse()) await end();
}
