import { Editors } from "./editors.ts";
import { Senders, requestTo } from "./senders.ts";
import { type Contender, type ContenderName, type Rounds, interleave } from "./contender.ts";
import { type Figure, type Target, toFigure, worst } from "./figure.ts";
import type { BenchChannel, ServerUnderTest } from "./serverUnderTest.ts";

/** What one round of full load came to. */
export interface LoadRound {
  /** Accepted and delivered, from the first request to the last delivery. */
  readonly eventsPerSecond: number;
  /** Microseconds of the server's processor time per event, over all its threads. */
  readonly cpuPerEvent: number;
  /** The same of the thread that the event loop runs on. */
  readonly mainPerEvent: number;
  /** The same of all others: storage, sealing, the collector of garbage. */
  readonly othersPerEvent: number;
  /** Microseconds of the load: this process, which shares the processors with the server. */
  readonly loadPerEvent: number;
}

const usualSenders = 32;
const manySenders = 128;

/** Senders and editors of one server at full load, for as many rounds as are asked for. */
export class Load {
  readonly #server: ServerUnderTest;
  readonly #senders: Senders;
  readonly #editors: Editors;
  readonly #targets: readonly Buffer[];

  private constructor(server: ServerUnderTest, senders: Senders, editors: Editors, targets: readonly Buffer[]) {
    this.#server = server;
    this.#senders = senders;
    this.#editors = editors;
    this.#targets = targets;
  }

  /** Senders that take the channels in turn, and one editor on each channel. */
  static async open(server: ServerUnderTest, channels: readonly BenchChannel[], senders = usualSenders): Promise<Load> {
    const editors = new Editors(server);
    await editors.openAll(channels);
    return new Load(server, await Senders.open(server.port, senders), editors, channels.map(requestTo));
  }

  /** Posts to the first `spread` of the channels. */
  async run(milliseconds: number, spread = Infinity): Promise<LoadRound> {
    const targets = this.#targets.slice(0, spread);
    const before = await this.#server.usage();
    const ownBefore = process.cpuUsage();
    const delivered = this.#editors.delivered;
    const start = performance.now();
    const end = start + milliseconds;
    const events = await this.#senders.flood(targets, () => performance.now() < end);
    await this.#editors.reach(delivered + events);
    const seconds = (performance.now() - start) / 1000;
    const own = process.cpuUsage(ownBefore);
    const after = await this.#server.usage();
    const [cpu, main] = [after.cpu - before.cpu, after.main - before.main];
    return {
      eventsPerSecond: events / seconds,
      cpuPerEvent: cpu / events,
      mainPerEvent: main / events,
      othersPerEvent: (cpu - main) / events,
      loadPerEvent: (own.user + own.system) / events,
    };
  }

  close(): void {
    this.#senders.close();
    this.#editors.close();
  }
}

const rounds = 7;
const warmUp = 1_500;
const roundLength = 1_000;

/** Full load on one channel with one editor, all contenders in turn, with a usual number of senders and with many. */
export async function throughputFigures(contenders: readonly Contender[]): Promise<Figure[]> {
  return [
    ...(await loadFigures(contenders, usualSenders, { ratioAtLeast: 0.85 })),
    ...(await loadFigures(contenders, manySenders, { ratioAtLeast: 1.1 })),
  ];
}

async function loadFigures(contenders: readonly Contender[], senders: number, target: Target): Promise<Figure[]> {
  const loads = await Promise.all(contenders.map(async contender => openLoad(contender, senders)));
  for (const { load } of loads) await load.run(warmUp);
  const results = await interleave(loads, rounds, async ({ load }) => load.run(roundLength));
  for (const { load } of loads) load.close();
  const [speeds, unit] = [pick(results, "eventsPerSecond"), "µs/event"];
  return [
    toFigure({ name: `accepted and delivered, ${senders} senders`, unit: "events/s" }, speeds, target),
    toFigure({ name: "  the slowest round", unit: "events/s" }, worst(speeds, Math.min)),
    toFigure({ name: "  processor time of the server", unit }, pick(results, "cpuPerEvent"), { ratioAtMost: 1.2 }),
    toFigure({ name: "    of its event loop", unit }, pick(results, "mainPerEvent")),
    toFigure({ name: "    of its other threads", unit }, pick(results, "othersPerEvent")),
    toFigure({ name: "  processor time of the load", unit }, pick(results, "loadPerEvent")),
  ];
}

async function openLoad(
  { name, server, createChannels }: Contender,
  senders: number,
): Promise<{ readonly name: ContenderName; readonly load: Load }> {
  return { name, load: await Load.open(server, await createChannels(1), senders) };
}

/** One of the figures of each round. */
export function pick(results: Rounds<LoadRound>, figure: keyof LoadRound): Rounds<number> {
  const { floor = [], clear = [], sealed = [] } = results;
  return { floor: floor.map(r => r[figure]), clear: clear.map(r => r[figure]), sealed: sealed.map(r => r[figure]) };
}
