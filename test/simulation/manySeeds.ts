import type { Invariant } from "./invariants/oracle.ts";
import { replayLine } from "./replaySeed.ts";
import { type Outcome, simulate } from "./simulate.ts";
import { MachineDatabase } from "./world/playedDatabase.ts";
import type { Fault, FaultCounts } from "./world/weather.ts";

/** What became of many runs. */
export interface Summary {
  readonly seeds: number;
  /** The seeds that broke a rule, with what was broken. */
  readonly failures: readonly Outcome[];
  readonly faults: FaultCounts;
  /** Simulated milliseconds, of all runs together. */
  readonly lasted: number;
  readonly lapses: number;
  /** Writes that took from another what it had written a moment before, which nobody can know. */
  readonly unavoidable: number;
  readonly mostCalls: number;
}

/** Runs the seeds from `first` on, one after the other; ends early after `mostFailures`. */
export async function simulateMany(first: number, count: number, mostFailures = Infinity): Promise<Summary> {
  const databases = [new MachineDatabase(), new MachineDatabase()] as const;
  const faults: FaultCounts = new Map();
  const failures: Outcome[] = [];
  const sum = { seeds: 0, lasted: 0, lapses: 0, unavoidable: 0, mostCalls: 0 };
  try {
    for (let seed = first; seed < first + count && failures.length < mostFailures; seed++) {
      const outcome = await simulate(seed, databases);
      sum.seeds++;
      sum.lasted += outcome.lasted;
      sum.lapses += outcome.lapses;
      sum.unavoidable += outcome.unavoidable;
      sum.mostCalls = Math.max(sum.mostCalls, outcome.mostCalls);
      for (const [fault, times] of outcome.faults) add(faults, fault, times);
      if (outcome.violations.length > 0) failures.push(outcome);
    }
  } finally {
    for (const database of databases) database.close();
  }
  return { ...sum, failures, faults };
}

/** How to see a failing run again, and what it broke first. */
export function failureLine({ seed, violations: [first] }: Outcome): string {
  return `${replayLine("replay.ts", seed)}\n    ${first?.invariant ?? ""}: ${first?.what ?? ""}`;
}

/** Which rules were broken, and in how many runs. */
export function brokenIn(failures: readonly Outcome[]): ReadonlyMap<Invariant, number> {
  const counts = new Map<Invariant, number>();
  for (const { violations } of failures) {
    for (const invariant of new Set(violations.map(each => each.invariant))) add(counts, invariant, 1);
  }
  return counts;
}

function add<Key extends Fault | Invariant>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
