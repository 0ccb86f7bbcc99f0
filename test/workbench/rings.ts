/** The rings of tests (docs/architecture.md): each finds its files itself, by the pattern in runRing.ts. */
export const testRings = [
  { name: "unit", limitMs: 2 * 60_000, concurrency: 2 },
  { name: "integration", limitMs: 6 * 60_000, concurrency: 2 },
  { name: "simulation", limitMs: 4 * 60_000, concurrency: 2 },
  { name: "contract", limitMs: 4 * 60_000, concurrency: 2 },
  // One window at a time: two would compete for the processor and for the keyboard focus.
  { name: "editor", limitMs: 20 * 60_000, concurrency: 1 },
] as const satisfies readonly TestRing[];

export interface TestRing {
  readonly name: string;
  /** The whole ring is ended when it takes longer. */
  readonly limitMs: number;
  /** How many files run at a time. */
  readonly concurrency: number;
}

/** Checks that do not run the product. Each counts as one test, and passes when all its programs end with 0. */
export const staticChecks = [
  { name: "format", programs: [["node_modules/prettier/bin/prettier.cjs", "--check", "."]] },
  {
    name: "types",
    programs: [
      ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
      ["node_modules/typescript/bin/tsc", "-p", "src/webview/tsconfig.json"],
    ],
  },
  { name: "lint", programs: [["node_modules/eslint/bin/eslint.js", ".", "--max-warnings", "0"]] },
] as const satisfies readonly StaticCheck[];

export interface StaticCheck {
  readonly name: string;
  readonly programs: readonly (readonly [string, ...string[]])[];
}
