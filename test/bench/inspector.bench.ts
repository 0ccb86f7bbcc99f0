/**
 * `npm run bench -- inspector`: the event inspector in a real VS Code, with 100,000 kept events, beside a plain list of
 * as many rows without virtualisation in the same browser. Frames, input and memory are measured inside the page. All of
 * it runs on this machine's processors at once (VS Code's server, its extension host, the relay, the browser, and who
 * sends), so what else the machine does shows: the load is in the file beside the figures.
 */
import type { Figure } from "./inspector/figure.ts";
import { filterFigures } from "./inspector/filtering.ts";
import { floodFigures } from "./inspector/flood.ts";
import { largePayloadFigures } from "./inspector/largePayload.ts";
import { latencyFigures } from "./inspector/latency.ts";
import { MeasuredWindow } from "./inspector/measuredWindow.ts";
import { openingFigures } from "./inspector/opening.ts";
import { measurePlainList } from "./inspector/plainList.ts";
import { formatTable, writeResults } from "./inspector/report.ts";
import { scrollingFigures } from "./inspector/scrolling.ts";

const events = 100_000;
const minute = 60;
const longest = 540_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function measure(window: MeasuredWindow): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = async (what: string, measuring: () => Promise<Figure[]>): Promise<void> => {
    say(`${what} …`);
    figures.push(...(await measuring()));
  };
  say("The plain list …");
  const plain = await measurePlainList(window, events);
  await add("Opening", async () => openingFigures(window, plain.opening));
  await add("Scrolling", async () => scrollingFigures(window, plain.scrolling));
  await add("Filtering", async () => filterFigures(window, plain.filtering));
  await add("A large payload", async () => largePayloadFigures(window));
  await add("Ten changes a second for a minute", async () => latencyFigures(window, minute));
  await add("A thousand events a second for a minute", async () => floodFigures(window, minute, plain.flood));
  return figures;
}

const begun = performance.now();
const bench = await MeasuredWindow.createBench();
// Servers and browser end with this process.
setTimeout(() => {
  process.stderr.write("The benchmark took too long, and was ended.\n");
  void bench.close().finally(() => process.exit(1));
}, longest).unref();
try {
  say(`A history of ${events.toLocaleString("en")} events …`);
  const figures = await measure(await MeasuredWindow.open(bench, events));
  const seconds = Math.round((performance.now() - begun) / 1_000);
  say(`\n${formatTable(figures)}\n\n${seconds} s; every value is in ${writeResults(figures)}`);
} finally {
  await bench.close();
}
