import { parseArgs } from "node:util";
import { ensureChromium } from "./chromium.ts";
import { ensureNatsServer } from "./natsServer.ts";
import { packageExtension } from "./packageExtension.ts";
import { type Say, sayOnConsole, seconds } from "./progress.ts";
import { staticChecks, testRings } from "./rings.ts";
import { runRing } from "./runRing.ts";
import { runStaticCheck } from "./runStaticCheck.ts";
import { type Tally, addTallies, countFailure, emptyTally, recapOf, tallyLine } from "./tally.ts";
import { ensureVscode } from "./vscodeInstall.ts";

export interface TestOptions {
  /** The rings and checks to run, in their order. */
  readonly rings: readonly string[];
  readonly grep: string | undefined;
  readonly verbose: boolean;
  readonly help: boolean;
}

const allRings: readonly string[] = [...staticChecks, ...testRings].map(({ name }) => name);

/** What `npm run check` leaves out of `npm test`. */
export const quickRings: readonly string[] = allRings.filter(name => name !== "editor");

const help = `Runs the tests. Ends with one line: N passed, N failed, N skipped.

  --ring NAME     only this ring or check, may be repeated: ${allRings.join(", ")}
  --grep PATTERN  only tests whose name matches this regular expression (no checks)
  --verbose       say also what passed
  --help          this text`;

/** Reads the arguments of `npm test`. Throws one sentence when there is something wrong with them. */
export function parseTestOptions(args: readonly string[], standard: readonly string[] = allRings): TestOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ring: { type: "string", multiple: true },
      grep: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const unknown = values.ring?.find(name => !allRings.includes(name));
  if (unknown !== undefined) throw new Error(`There is no ring "${unknown}". There is: ${allRings.join(", ")}.`);
  const wanted = values.ring ?? (values.grep === undefined ? standard : standard.filter(isTestRing));
  return {
    rings: allRings.filter(name => wanted.includes(name)),
    grep: values.grep,
    verbose: values.verbose,
    help: values.help,
  };
}

/** Runs `npm test` or, with fewer rings, `npm run check`. The exit code: 0 only when something ran and nothing failed. */
export async function testCommand(args: readonly string[], standard?: readonly string[]): Promise<number> {
  let options: TestOptions;
  try {
    options = parseTestOptions(args, standard);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  if (options.help) {
    console.log(help);
    return 0;
  }
  const total = addTallies(await runAll(options, sayOnConsole));
  console.log(tallyLine(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

async function runAll(options: TestOptions, say: Say): Promise<Tally[]> {
  const tallies: Tally[] = [];
  const summary: string[] = [];
  for (const name of options.rings) {
    const began = performance.now();
    say(`▶ ${name}`);
    const tally = await runOne(name, options, say);
    summary.push(`${name.padEnd(12)} ${tallyLine(tally)} in ${seconds(began)}`);
    tallies.push(tally);
  }
  for (const failure of recapOf(addTallies(tallies))) say(failure);
  say(`\n${summary.join("\n")}`);
  return tallies;
}

async function runOne(name: string, options: TestOptions, say: Say): Promise<Tally> {
  const check = staticChecks.find(candidate => candidate.name === name);
  if (check !== undefined) return runStaticCheck(check, say);
  const ring = testRings.find(candidate => candidate.name === name);
  if (ring === undefined) throw new Error(`There is no ring "${name}".`);
  try {
    await prepare(ring.name, say);
  } catch (error) {
    const failure = `The ring ${ring.name} cannot run. ${error instanceof Error ? error.message : String(error)}`;
    say(`✖ ${failure}`);
    return countFailure(emptyTally, failure);
  }
  return runRing(ring, { grep: options.grep, verbose: options.verbose || ring.name === "editor", say });
}

/** Brings what a ring needs onto this machine, before its time is counted: the tests themselves install nothing then. */
async function prepare(ring: (typeof testRings)[number]["name"], say: Say): Promise<void> {
  if (ring === "integration") await ensureNatsServer(say);
  if (ring !== "editor") return;
  await ensureChromium(say);
  await ensureVscode(say);
  await packageExtension(say);
}

function isTestRing(name: string): boolean {
  return testRings.some(ring => ring.name === name);
}
