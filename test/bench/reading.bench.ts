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

async function measure(client: ClientProcess): Promise<Round> {
  const before = await client.usage();
  const { accepted } = await sendSteadily(client.address, perSecond, seconds);
  const after = await client.whenShown(before.events + accepted);
  return {
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
  const clients: ClientProcess[] = [];
  try {
    for (const checkout of checkouts) clients.push(await ClientProcess.start(checkout, task));
    const measured = clients.map((): Round[] => []);
    for (let round = 0; round < warmUp + rounds; round++) {
      const turns = [...clients.entries()];
      for (const [index, client] of round % 2 === 0 ? turns : turns.toReversed()) {
        const result = await measure(client);
        if (round >= warmUp) measured[index]?.push(result);
      }
    }
    return measured;
  } finally {
    await Promise.all(clients.map(async client => client.close()));
  }
}

const baseline = process.env["ZCN_BASELINE"];
const checkouts = [...(baseline === undefined ? [] : [baseline]), repositoryRoot];
const dataDir = mkdtempSync(join(tmpdir(), "reading-bench-"));
const relay = await ServerUnderTest.start("relay", ["--data-dir", dataDir, ...relayArguments]);
const handler = await startHandler();
const relayUrl = `http://127.0.0.1:${relay.port}`;
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
  await relay.close();
  rmSync(dataDir, { recursive: true, force: true });
}
