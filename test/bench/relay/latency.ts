import { setTimeout as wait } from "node:timers/promises";
import { quantile } from "../statistics.ts";
import { type Contender, type Rounds, interleave } from "./contender.ts";
import { Editors } from "./editors.ts";
import { type Figure, toFigure, worst } from "./figure.ts";
import { Senders, requestTo } from "./senders.ts";

const perSecond = 200;
const senderCount = 32;
const eventsPerRound = 500;
const rounds = 5;

/** From sending to delivery under steady traffic, all contenders in turn; quantiles are taken within each round. */
export async function latencyFigures(contenders: readonly Contender[]): Promise<Figure[]> {
  const results = await interleave(contenders, rounds, measureLatencies);
  const at = (share: number): Rounds<number> => {
    const { floor = [], clear = [], sealed = [] } = results;
    const ofRounds = (values: readonly number[][]): number[] => values.map(round => quantile(round, share));
    return { floor: ofRounds(floor), clear: ofRounds(clear), sealed: ofRounds(sealed) };
  };
  return [
    toFigure({ name: `latency at ${perSecond}/s, p50`, unit: "ms" }, at(0.5)),
    toFigure({ name: `latency at ${perSecond}/s, p99`, unit: "ms" }, at(0.99), { ratioAtMost: 2.5 }),
    toFigure({ name: "  p99 of the slowest round", unit: "ms" }, worst(at(0.99), Math.max), { atMost: 10 }),
    toFigure({ name: "  the slowest event of all rounds", unit: "ms" }, worst(at(1), Math.max)),
  ];
}

/** In milliseconds. Events of one channel come in order, so the first to arrive is the first that was sent. */
async function measureLatencies({ server, createChannels }: Contender): Promise<number[]> {
  const sent: number[] = [];
  const latencies: number[] = [];
  const editors = new Editors(server, () => latencies.push(performance.now() - (sent[latencies.length] ?? NaN)));
  const channels = await createChannels(1);
  await editors.openAll(channels);
  const senders = await Senders.open(server.port, senderCount);
  const [request = Buffer.alloc(0)] = channels.map(requestTo);
  await sendSteadily(async () => {
    sent.push(performance.now());
    await senders.post(request);
  });
  await editors.reach(eventsPerRound);
  senders.close();
  editors.close();
  return latencies;
}

/** At a steady pace, whatever becomes of the earlier ones. */
async function sendSteadily(send: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const posts: Promise<void>[] = [];
  while (posts.length < eventsPerRound) {
    const due = start + (posts.length * 1000) / perSecond;
    if (performance.now() < due) await wait(1);
    else posts.push(send());
  }
  await Promise.all(posts);
}
