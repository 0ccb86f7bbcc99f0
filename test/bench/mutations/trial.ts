import type { Compiler } from "./compiler.ts";
import { harmlessBecause } from "./harmless.ts";
import type { Importers } from "./importers.ts";
import type { Mutation } from "./mutation.ts";
import type { PrivateTree } from "./privateTree.ts";

/** Who noticed a fault. One that makes the tests hang is noticed, as without it they are quick. */
export type Noticed = "tests" | "simulation" | "overtime" | "compiler";

export type Verdict =
  | { readonly kind: "noticed"; readonly by: Noticed }
  | { readonly kind: "harmless"; readonly reason: string }
  | { readonly kind: "survived" };

export interface Trial {
  readonly mutation: Mutation;
  /** The line that it is in, as it was. */
  readonly line: string;
  readonly verdict: Verdict;
}

/** Where tests are looked for, in the order in which they run. The ring simulation has none before it has a folder. */
const rings = [
  { name: "unit", noticed: "tests" },
  { name: "simulation", noticed: "simulation" },
] as const;

export interface TrialTools {
  readonly tree: PrivateTree;
  readonly importers: Importers;
  readonly compiler: Compiler;
  /** The tests are ended after this time; milliseconds. */
  readonly limitMs: number;
}

/** Puts one fault in and looks who notices. */
export async function tryMutation(mutation: Mutation, tools: TrialTools): Promise<Trial> {
  const line = tools.tree.read(mutation.file).split("\n")[mutation.line - 1]?.trim() ?? "";
  const by = await tools.tree.withMutation(mutation, async () => noticedByTests(mutation.file, tools));
  return { mutation, line, verdict: judge(mutation, line, by, tools.compiler) };
}

function judge(mutation: Mutation, line: string, by: Noticed | undefined, compiler: Compiler): Verdict {
  if (by !== undefined) return { kind: "noticed", by };
  const reason = harmlessBecause(mutation, line);
  if (reason !== undefined) return { kind: "harmless", reason };
  return compiler.refuses(mutation) ? { kind: "noticed", by: "compiler" } : { kind: "survived" };
}

async function noticedByTests(file: string, tools: TrialTools): Promise<Noticed | undefined> {
  for (const { name, noticed } of rings) {
    for (const files of batches(file, tools.importers.testsOf(file, name))) {
      const ending = await tools.tree.runTests(files, tools.limitMs);
      if (ending !== "passed") return ending === "overtime" ? "overtime" : noticed;
    }
  }
  return undefined;
}

/** The tests of the source's own folder first: they notice most. */
function batches(file: string, tests: readonly string[]): string[][] {
  const folder = `/${file.split("/").at(-2) ?? ""}/`;
  const { own = [], others = [] } = Object.groupBy(tests, each => (each.includes(folder) ? "own" : "others"));
  return [own, others].filter(batch => batch.length > 0);
}

/** The tests that any of these mutations may run. */
export function testsFor(mutations: readonly Mutation[], importers: Importers): string[] {
  const files = new Set(mutations.map(({ file }) => file));
  const tests = [...files].flatMap(file => rings.flatMap(({ name }) => importers.testsOf(file, name)));
  return [...new Set(tests)];
}
