import { Editors } from "./editors.ts";
import { Senders, requestTo } from "./senders.ts";
import { type Contender, type Rounds, interleave } from "./contender.ts";
import { type Figure, toFigure } from "./figure.ts";
import type { BenchChannel, ServerUnderTest } from "./serverUnderTest.ts";

/** What one round of full load came to. */
export interface LoadRound {
  /** Accepted and delivered, from the first request to the last delivery. */
  readonly eventsPerSecond: number;
  /** Microseconds of the server's processor time per event, over all its threads. */
  readonly cpuPerEvent: number;
  /** The same of the load: this process, which shares the processors with the server. */
  readonly loadPerEvent: number;
}

const senderCount = 32;

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

  /** 32 senders that take the channels in turn, and one editor on each channel. */
  static async open(server: ServerUnderTest, channels: readonly BenchChannel[]): Promise<Load> {
    const editors = new Editors(server);
    await editors.openAll(channels);
    return new Load(server, await Senders.open(server.port, senderCount), editors, channels.map(requestTo));
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
    const { cpu } = await this.#server.usage();
    return {
      eventsPerSecond: events / seconds,
      cpuPerEvent: (cpu - before.cpu) / events,
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

/** Full load on one channel with one editor, all contenders in turn. */
export async function throughputFigures(contenders: readonly Contender[]): Promise<Figure[]> {
  const loads = await Promise.all(contenders.map(openLoad));
  for (const { load } of loads) await load.run(warmUp);
  const results = await interleave(loads, rounds, async ({ load }) => load.run(roundLength));
  for (const { load } of loads) load.close();
  return [
    toFigure({ name: "accepted and delivered", unit: "events/s" }, pick(results, "eventsPerSecond"), {
      ratioAtLeast: 0.8,
    }),
    toFigure({ name: "processor time of the server", unit: "µs/event" }, pick(results, "cpuPerEvent")),
    toFigure({ name: "processor time of the load", unit: "µs/event" }, pick(results, "loadPerEvent")),
  ];
}

async function openLoad(contender: Contender): Promise<{ readonly name: Contender["name"]; readonly load: Load }> {
  return { name: contender.name, load: await Load.open(contender.server, await contender.createChannels(1)) };
}

/** One of the figures of each round. */
export function pick(results: Rounds<LoadRound>, figure: keyof LoadRound): Rounds<number> {
  const { floor = [], clear = [], sealed = [] } = results;
  return { floor: floor.map(r => r[figure]), clear: clear.map(r => r[figure]), sealed: sealed.map(r => r[figure]) };
}
