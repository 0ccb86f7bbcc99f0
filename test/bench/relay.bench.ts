/**
 * `npm run bench -- relay`: the relay beside its floor, an in-memory relay of some twenty lines that keeps and promises
 * nothing. Both run as processes of their own on 127.0.0.1 under the same load from this one, in turns, so that what
 * else the machine does meets both. Figures are medians over rounds; ratios are taken within each round first.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catchUpFigures } from "./relay/catchUp.ts";
import { channelFigures } from "./relay/channels.ts";
import { type Contender, startFloor, startRelay } from "./relay/contender.ts";
import type { Figure } from "./relay/figure.ts";
import { latencyFigures } from "./relay/latency.ts";
import { formatTable, writeResults } from "./relay/report.ts";
import { throughputFigures } from "./relay/throughput.ts";

type Measurement = (contenders: readonly Contender[]) => Promise<Figure[]>;

const longest = 330_000;

/** Servers of their own for each measurement, so that none inherits the heap and the log of another. */
async function withServers(which: "all" | "floor and sealed", keep: boolean, measure: Measurement): Promise<Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "relay-bench-"));
  const contenders: Contender[] = [];
  try {
    contenders.push(await startFloor(keep));
    const [clear, sealed] = await startRelay(dataDir);
    contenders.push(...(which === "all" ? [clear, sealed] : [sealed]));
    return await measure(contenders);
  } finally {
    await Promise.all(contenders.map(async ({ server }) => server.close()));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(): Promise<void> {
  const start = performance.now();
  const figures: Figure[] = [];
  say("Throughput and latency …");
  figures.push(
    ...(await withServers("all", false, async c => [...(await throughputFigures(c)), ...(await latencyFigures(c))])),
  );
  say("Catch-up …");
  figures.push(...(await withServers("floor and sealed", true, catchUpFigures)));
  say("Idle editors and many channels …");
  figures.push(...(await withServers("floor and sealed", false, channelFigures)));
  const seconds = Math.round((performance.now() - start) / 1000);
  say(`\n${formatTable(figures)}\n\n${seconds} s; every round is in ${writeResults("relay", figures)}`);
}

// The servers end with this process.
setTimeout(() => {
  process.stderr.write("The benchmark took too long, and was ended.\n");
  process.exit(1);
}, longest).unref();
await run();
