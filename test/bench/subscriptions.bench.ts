/**
 * `npm run bench -- subscriptions`: an organisation with 1,000 channels over 50 modules beside one with 10 channels, in
 * the same run and in turns. Measured is this side only: the sandboxes are processes of their own. The tree is the
 * extension's, with a stand-in for VS Code's classes; test/editor/manySubscriptions.test.ts has the real window.
 */
import "./subscriptions/standInForVscode.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { resultsFolder } from "../workbench/repository.ts";
import { median } from "./statistics.ts";
import { type MeasuredOrganization, type Round, openOrganization } from "./subscriptions/organization.ts";

/** The first rounds are for the compiler. */
const warmUp = 3;
const rounds = 9;

/** A stall that a person notices while typing. */
const noticeable = 50;

const figures: readonly (readonly [name: keyof Round, words: string, unit: string, atMost: number | undefined])[] = [
  ["load", "read the list", "ms", undefined],
  ["calls", "calls for that", "", 5],
  ["loadCpu", "processor time for that", "ms", undefined],
  ["loadStall", "longest stall meanwhile", "ms", noticeable],
  ["rows", "make all rows", "ms", noticeable],
  ["reread", "look whether rows changed, after reading", "ms", noticeable],
  ["unchanged", "look whether rows changed, nothing read", "ms", noticeable],
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function measureInTurns(organizations: readonly MeasuredOrganization[]): Promise<readonly Round[][]> {
  const measured = organizations.map((): Round[] => []);
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const [index, organization] of organizations.entries()) {
      const result = await organization.measure();
      if (round >= warmUp) measured[index]?.push(result);
    }
  }
  return measured;
}

function formatTable([few = [], many = []]: readonly Round[][]): string {
  const lines = figures.map(([name, words, unit, atMost]) => {
    const [small, large] = [median(few.map(each => each[name])), median(many.map(each => each[name]))];
    const worst = Math.max(...many.map(each => each[name]));
    const verdict = atMost === undefined ? "" : `at most ${atMost}: ${large <= atMost ? "met" : "missed"}`;
    const cells = [small, large, worst].map(value => value.toFixed(name === "calls" ? 0 : 1).padStart(9)).join("");
    return `${words.padEnd(42)}${cells}  ${unit.padEnd(3)}${verdict}`.trimEnd();
  });
  return [`${"".padEnd(42)}${"10".padStart(9)}${"1,000".padStart(9)}${"worst".padStart(9)}`, ...lines].join("\n");
}

function writeResults(measured: readonly Round[][]): string {
  const folder = join(resultsFolder, "bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "subscriptions.json");
  const [few, many] = measured;
  const machine = { processors: cpus().length, model: cpus()[0]?.model };
  const results = { at: new Date().toISOString(), node: process.version, machine, few, many };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}

const organizations = await Promise.all([
  openOrganization({ modules: 50, channels: 10 }),
  openOrganization({ modules: 50, channels: 1_000 }),
]);
try {
  const measured = await measureInTurns(organizations);
  say(`${formatTable(measured)}\n\nMedians of ${rounds} rounds; each round is in ${writeResults(measured)}`);
} finally {
  await Promise.all(organizations.map(async organization => organization.close()));
}
