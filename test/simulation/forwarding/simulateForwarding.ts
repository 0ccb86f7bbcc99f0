import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { second } from "../../../src/base/clock.ts";
import { replayLine } from "../replaySeed.ts";
import { Randomness } from "../world/randomness.ts";
import { withSeededCrypto } from "../world/seededCrypto.ts";
import { Timeline } from "../world/timeline.ts";
import { calmDown } from "./calmDown.ts";
import { withDatabaseFaults } from "./databaseFaults.ts";
import { happen } from "./happenings.ts";
import { MachineFiles, PlayedMachine } from "./playedMachine.ts";

/** What became of one run. */
export interface ForwardingOutcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** How many requests reached the handler. */
  readonly sent: number;
  /** How often each kind of fault was injected. */
  readonly faults: ReadonlyMap<string, number>;
  /** What happened, where it was asked for. */
  readonly lines: readonly string[];
}

/** Where files are in memory, if there is such a place. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const start = Date.UTC(2026, 0, 5, 9);

/** For how long anything may happen: longer than a window that crashed is waited for. */
const runLength = 45 * second;

/** Runs of forwarding from seed `first` on, one after the other: the outcomes of all. */
export async function simulateForwarding(
  first: number,
  count: number,
  isTraced = false,
): Promise<readonly ForwardingOutcome[]> {
  const folder = mkdtempSync(join(memory, "forwarding-"));
  const files = new MachineFiles(folder, start);
  try {
    const outcomes: ForwardingOutcome[] = [];
    for (let seed = first; seed < first + count; seed++) outcomes.push(await runOf(seed, files, isTraced));
    return outcomes;
  } finally {
    files.database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How to see a failing run again, and what it broke first. */
export function failureLine({ seed, violations: [first = ""] }: ForwardingOutcome): string {
  return `${replayLine("forwarding/replay.ts", seed)}\n    ${first}`;
}

async function runOf(seed: number, files: MachineFiles, isTraced: boolean): Promise<ForwardingOutcome> {
  const randomness = new Randomness(seed);
  const machine = new PlayedMachine(new Timeline(start), randomness, files, isTraced);
  const strikes: PlayedMachine["strikes"] = fault => machine.strikes(fault);
  await withSeededCrypto(randomness, async () => withDatabaseFaults(strikes, async () => run(machine)));
  const { oracle, counts, lines } = machine;
  return { seed, violations: oracle.violations, sent: oracle.sent, faults: counts, lines };
}

async function run(machine: PlayedMachine): Promise<void> {
  const { timeline, randomness } = machine;
  for (let kind = 0; kind < 3; kind++) machine.open();
  machine.isCalm = false;
  const happens = (): number => timeline.now - start - machine.slept;
  while (happens() < runLength) {
    await timeline.runUntil(timeline.now + randomness.duration(10, 10 * second));
    await happen(machine);
  }
  await calmDown(machine);
}
