/**
 * `npm run bench -- reading`: what an event costs the extension host from the frame that the relay sends to the row that
 * the inspector's page is told of, at a thousand a second, beside an earlier checkout in the folder that `ZCN_BASELINE`
 * names (`git worktree add --detach <folder> <commit>`, with node_modules in it). The clients take turns; each has a
 * process of its own. The relay, who sends, and the handler are in others, whose time is not counted.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../workbench/repository.ts";
import { sendSteadily } from "./inspector/sending.ts";
import { startHandler } from "./reading/handler.ts";
import { ClientProcess } from "./reading/clientProcess.ts";
import type { ClientTask } from "./reading/client.ts";
import { MeasuredPage, launchBrowser } from "./reading/page.ts";
import { type Round, formatTable, writeResults } from "./reading/report.ts";
import { ServerUnderTest } from "./relay/serverUnderTest.ts";

const perSecond = 1_000;
const seconds = 4;
/** The first rounds are for the compiler. */
const warmUp = 1;
const rounds = Number(process.env["READING_BENCH_ROUNDS"] ?? 7);

const relayArguments = [
  ...["--max-events-per-second", "0", "--max-kib-per-second", "0", "--max-new-channels", "0"],
  ...["--max-events", "1000000", "--max-channel-mib", "1024", "--log-level", "error"],
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What the host of one checkout costs, and what its own page costs that is told of the same. */
async function measure(client: ClientProcess, page: MeasuredPage): Promise<Round> {
  const before = await client.usage();
  await client.record();
  const { accepted } = await sendSteadily(client.address, perSecond, seconds);
  const after = await client.whenShown(before.events + accepted);
  const messages = await client.messages();
  return {
    page: (await page.cost(messages, after.events)) / accepted,
    cpu: (after.cpu - before.cpu) / accepted,
    messages: ((after.messages - before.messages) / accepted) * perSecond,
    characters: (after.characters - before.characters) / accepted,
  };
}

/** The rounds of each checkout, in the order of `checkouts`. */
async function measureInTurns(
  checkouts: readonly string[],
  task: Omit<ClientTask, "folder">,
): Promise<readonly Round[][]> {
  const sides: { readonly client: ClientProcess; readonly page: MeasuredPage; readonly measured: Round[] }[] = [];
  try {
    for (const checkout of checkouts) {
      const [client, page] = [await ClientProcess.start(checkout, task), await MeasuredPage.open(browser, checkout)];
      await page.cost(await client.messages(), 0);
      sides.push({ client, page, measured: [] });
    }
    for (let round = 0; round < warmUp + rounds; round++) {
      for (const { client, page, measured } of round % 2 === 0 ? sides : sides.toReversed()) {
        const result = await measure(client, page);
        if (round >= warmUp) measured.push(result);
      }
    }
    return sides.map(({ measured }) => measured);
  } finally {
    await Promise.all(sides.flatMap(({ client, page }) => [client.close(), page.close()]));
  }
}

const baseline = process.env["ZCN_BASELINE"];
const checkouts = [...(baseline === undefined ? [] : [baseline]), repositoryRoot];
const dataDir = mkdtempSync(join(tmpdir(), "reading-bench-"));
const relay = await ServerUnderTest.start("relay", ["--data-dir", dataDir, ...relayArguments]);
const handler = await startHandler();
const browser = await launchBrowser(say);
const relayUrl = `http://127.0.0.1:${relay.port}`;
/** One of the cases alone, by its name. */
const only = process.env["READING_BENCH_CASE"];
const cases: readonly (readonly [name: string, rule: ClientTask["rule"]])[] = [
  ["no rule", undefined],
  ["a rule that fits no event", { url: handler.url, module: "Invoices" }],
  ["a rule that sends every event", { url: handler.url }],
];
try {
  const results = [];
  for (const [name, rule] of cases.filter(([each]) => only === undefined || each === only)) {
    say(`${name} …`);
    results.push({ name, rounds: await measureInTurns(checkouts, { relayUrl, rule }) });
  }
  say(`\n${formatTable(results)}\n\nMedians of ${rounds} rounds; each is in ${writeResults(results)}`);
} finally {
  handler.close();
  await browser.close();
  await relay.close();
  rmSync(dataDir, { recursive: true, force: true });
}
