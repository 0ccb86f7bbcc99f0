import { type Contender, type ContenderName, interleave } from "./contender.ts";
import { type Figure, toFigure } from "./figure.ts";
import { openFileLimit } from "./openFileLimit.ts";
import { Load, pick } from "./throughput.ts";

const mostChannels = 10_000;
const rounds = 3;
const warmUp = 500;
const roundLength = 800;
const kibibyte = 1024;
/** For senders, listeners, files and whatever else a process has open. */
const descriptorsToSpare = 1_000;

interface Crowd {
  readonly name: ContenderName;
  readonly load: Load;
  readonly bytesPerEditor: number;
}

/**
 * Memory per channel with an editor that has nothing to do, 10,000 of them (fewer where the process may not
 * open as many files: this process holds the editors of all contenders); then the cost of an event while 1, 10, 1,000 and all of the channels have traffic.
 */
export async function channelFigures(contenders: readonly Contender[]): Promise<Figure[]> {
  const count = Math.min(mostChannels, Math.floor((openFileLimit() - descriptorsToSpare) / contenders.length));
  const crowds: Crowd[] = [];
  for (const contender of contenders) crowds.push(await gather(contender, count));
  const figures = [memoryFigure(crowds, count)];
  for (const busy of [1, 10, 1_000, count]) figures.push(await costFigure(crowds, busy, figures[1]));
  for (const { load } of crowds) load.close();
  return figures;
}

async function gather({ name, server, createChannels }: Contender, count: number): Promise<Crowd> {
  const before = await server.memory();
  const channels = await createChannels(count);
  const load = await Load.open(server, channels);
  return { name, load, bytesPerEditor: ((await server.memory()) - before) / count };
}

function memoryFigure(crowds: readonly Crowd[], count: number): Figure {
  const entries = crowds.map(({ name, bytesPerEditor }) => [name, [bytesPerEditor / kibibyte]] as const);
  const label = { name: `memory per idle editor, of ${count.toLocaleString("en")}`, unit: "KiB" };
  return toFigure(label, Object.fromEntries(entries), { atMost: 30 });
}

/** `single`: the figure for one channel, which the others are held against. */
async function costFigure(crowds: readonly Crowd[], busy: number, single: Figure | undefined): Promise<Figure> {
  for (const { load } of crowds) await load.run(warmUp, busy);
  const results = await interleave(crowds, rounds, async ({ load }) => load.run(roundLength, busy));
  const label = { name: `cost over ${busy.toLocaleString("en")} channels`, unit: "µs/event" };
  const atMost = 1.3 * (single?.medians.sealed ?? NaN);
  return toFigure(label, pick(results, "cpuPerEvent"), single === undefined ? undefined : { atMost });
}
