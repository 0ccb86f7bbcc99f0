import type { PrivateTree } from "./privateTree.ts";
import { shareOut } from "./shareOut.ts";

/** Tests take longer beside others; a hang takes for ever. */
const patience = { factor: 4, leastMs: 15_000 } as const;

/** Milliseconds for a file of tests without a fault. */
const controlLimit = 5 * 60_000;

/** How long each file of tests takes while there is no fault. */
export class TestTimes {
  readonly #elapsed: ReadonlyMap<string, number>;

  /** The milliseconds of each file. */
  constructor(elapsed: ReadonlyMap<string, number>) {
    this.#elapsed = elapsed;
  }

  /** Runs them, beside each other as they will be with faults; throws where one does not pass. */
  static async measure(trees: readonly PrivateTree[], tests: readonly string[]): Promise<TestTimes> {
    const elapsed = new Map<string, number>();
    await shareOut(trees, tests, async (tree, test) => {
      const begin = performance.now();
      const ending = await tree.runTest(test, controlLimit);
      if (ending !== "passed") throw new Error(`Without a fault ${test} ends with: ${ending}.`);
      elapsed.set(test, performance.now() - begin);
    });
    return new TestTimes(elapsed);
  }

  /** Milliseconds that the file may take with a fault. */
  limitOf(test: string): number {
    return Math.max(patience.leastMs, this.#timeOf(test) * patience.factor);
  }

  quickestFirst(tests: readonly string[]): string[] {
    return tests.toSorted((a, b) => this.#timeOf(a) - this.#timeOf(b));
  }

  #timeOf(test: string): number {
    return this.#elapsed.get(test) ?? 0;
  }
}
