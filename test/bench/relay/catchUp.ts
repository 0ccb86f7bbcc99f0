import { type Contender, interleave } from "./contender.ts";
import { Editors } from "./editors.ts";
import { type Figure, toFigure } from "./figure.ts";
import { Senders, requestTo } from "./senders.ts";
import type { BenchChannel, ServerUnderTest } from "./serverUnderTest.ts";

const backlog = 100_000;
const senderCount = 64;
const rounds = 3;

/** An editor that comes to a channel with 100,000 events, again and again, all contenders in turn. */
export async function catchUpFigures(contenders: readonly Contender[]): Promise<Figure[]> {
  const channels = new Map<Contender, BenchChannel[]>();
  for (const contender of contenders) channels.set(contender, await fill(contender));
  const results = await interleave(contenders, rounds, async contender =>
    catchUp(contender.server, channels.get(contender) ?? []),
  );
  return [
    toFigure({ name: `catch-up of ${backlog.toLocaleString("en")} events`, unit: "events/s" }, results, {
      atLeast: 10_000,
    }),
  ];
}

async function fill(contender: Contender): Promise<BenchChannel[]> {
  const channels = await contender.createChannels(1);
  const senders = await Senders.open(contender.server.port, senderCount);
  let left = backlog;
  await senders.flood(channels.map(requestTo), () => left-- > 0);
  senders.close();
  return channels;
}

/** Events per second, from the wish to connect to the last event. */
async function catchUp(server: ServerUnderTest, channels: readonly BenchChannel[]): Promise<number> {
  const editors = new Editors(server);
  const start = performance.now();
  await editors.openAll(channels);
  await editors.reach(backlog);
  const seconds = (performance.now() - start) / 1000;
  editors.close();
  return backlog / seconds;
}
