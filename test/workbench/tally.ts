/** How many tests ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each as a person wants to read it, with its title first. */
  readonly failures: readonly string[];
}

export const emptyTally: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function addTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, { passed, failed, skipped, failures }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
      failures: [...sum.failures, ...failures],
    }),
    emptyTally,
  );
}

export function countOne(tally: Tally, outcome: "passed" | "skipped"): Tally {
  return { ...tally, [outcome]: tally[outcome] + 1 };
}

export function countFailure(tally: Tally, failure: string): Tally {
  return { ...tally, failed: tally.failed + 1, failures: [...tally.failures, failure] };
}

/** The line that a run ends with: `3 passed, 0 failed, 1 skipped`. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

const recapLines = 12;

/** All that failed once more, in short: of a long run's output, often only the end is kept. */
export function recapOf({ failures }: Tally): string[] {
  return failures.map(failure => `✖ ${failure.split("\n").slice(0, recapLines).join("\n")}`);
}
