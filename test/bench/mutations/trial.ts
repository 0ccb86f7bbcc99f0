import type { Compiler } from "./compiler.ts";
import { harmlessBecause } from "./harmless.ts";
import type { Importers } from "./importers.ts";
import type { Mutation } from "./mutation.ts";
import type { PrivateTree } from "./privateTree.ts";
import type { TestTimes } from "./testTimes.ts";

/** Who noticed a fault. One that makes the tests hang is noticed, as without it they are quick. */
export type Noticed = "tests" | "simulation" | "overtime" | "compiler";

export type Verdict =
  | {
      readonly kind: "noticed";
      readonly by: Noticed;
      /** The file of tests that noticed first; the compiler has none. */
      readonly test?: string;
    }
  | { readonly kind: "harmless"; readonly reason: string }
  | { readonly kind: "survived" };

export interface Trial {
  readonly mutation: Mutation;
  /** The line that it is in, as it was. */
  readonly line: string;
  readonly verdict: Verdict;
}

/** Where tests are looked for, in the order in which they run: the simulation takes as long as a hundred other files. */
const rings = [
  { name: "unit", noticed: "tests" },
  { name: "simulation", noticed: "simulation" },
] as const;

export interface TrialTools {
  readonly tree: PrivateTree;
  readonly importers: Importers;
  readonly compiler: Compiler;
  readonly times: TestTimes;
}

/** Puts one fault in and looks who notices. */
export async function tryMutation(mutation: Mutation, tools: TrialTools): Promise<Trial> {
  const line = tools.tree.read(mutation.file).split("\n")[mutation.line - 1]?.trim() ?? "";
  const noticed = await tools.tree.withMutation(mutation, async () => noticedByTests(mutation.file, tools));
  return { mutation, line, verdict: noticed ?? judgeUnnoticed(mutation, line, tools.compiler) };
}

function judgeUnnoticed(mutation: Mutation, line: string, compiler: Compiler): Verdict {
  const reason = harmlessBecause(mutation, line);
  if (reason !== undefined) return { kind: "harmless", reason };
  return compiler.refuses(mutation) ? { kind: "noticed", by: "compiler" } : { kind: "survived" };
}

/** Ends with the first file of tests that notices. */
async function noticedByTests(file: string, { tree, importers, times }: TrialTools): Promise<Verdict | undefined> {
  for (const { name, noticed } of rings) {
    for (const test of inOrder(file, importers.testsOf(file, name), times)) {
      const ending = await tree.runTest(test, times.limitOf(test));
      if (ending !== "passed") return { kind: "noticed", by: ending === "overtime" ? "overtime" : noticed, test };
    }
  }
  return undefined;
}

/** The tests of the source's own folder first, as they notice most; of those and of the others the quickest first. */
function inOrder(file: string, tests: readonly string[], times: TestTimes): string[] {
  const folder = `/${file.split("/").at(-2) ?? ""}/`;
  const { own = [], others = [] } = Object.groupBy(tests, each => (each.includes(folder) ? "own" : "others"));
  return [own, others].flatMap(some => times.quickestFirst(some));
}

/** The tests that any of these mutations may run. */
export function testsFor(mutations: readonly Mutation[], importers: Importers): string[] {
  const files = new Set(mutations.map(({ file }) => file));
  const tests = [...files].flatMap(file => rings.flatMap(({ name }) => importers.testsOf(file, name)));
  return [...new Set(tests)];
}
