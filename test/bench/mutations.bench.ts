/**
 * `npm run bench -- mutations`: puts faults into the sources, one at a time, and looks which of them the unit tests and
 * the simulation notice. The sample is the seed's (mutations/options.ts); the baseline is the run without a fault, which
 * has to pass and tells how long the tests may take. A fault that makes them take much longer counts as noticed.
 *
 * The tests run without the type check, which would take longer than they do; what they let pass is shown to the compiler.
 *
 * Stryker was tried (10.1, with its runner for node:test) and works with these sources, a third of a second for a fault.
 * It has no sample, though: it tries all faults of the files or lines that it is given, ten thousand here. It would begin
 * each run with the whole unit ring, file by file, and it brings 116 packages.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { globSync, readFileSync } from "node:fs";
import { sayOnConsole as say } from "../workbench/progress.ts";
import { repositoryRoot, resultsFolder } from "../workbench/repository.ts";
import { Compiler } from "./mutations/compiler.ts";
import { Importers } from "./mutations/importers.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { mutationsOf } from "./mutations/mutationSites.ts";
import { type MutationOptions, readOptions } from "./mutations/options.ts";
import { PrivateTree } from "./mutations/privateTree.ts";
import { formatTable, formatUnnoticed, writeResults } from "./mutations/report.ts";
import { sampleMutations } from "./mutations/sampleMutations.ts";
import { type Trial, testsFor, tryMutation } from "./mutations/trial.ts";

/** Tests take longer beside others; a hang takes for ever. */
const patience = { factor: 3, leastMs: 10_000 } as const;

/** Milliseconds for the tests without a fault. */
const controlLimit = 5 * 60_000;

function sample({ folders, count, seed }: MutationOptions): Mutation[] {
  const files = folders.flatMap(folder => globSync(`src/${folder}/**/*.ts`, { cwd: repositoryRoot }).sort());
  const all = files.flatMap(file => mutationsOf(file, readFileSync(join(repositoryRoot, file), "utf8")));
  return sampleMutations(all, count, seed);
}

/** Milliseconds that the tests may take with a fault. */
async function measureControl(tree: PrivateTree, tests: readonly string[]): Promise<number> {
  const begin = performance.now();
  const ending = await tree.runTests(tests, controlLimit);
  if (ending !== "passed") throw new Error(`Without a fault the tests end with: ${ending}.`);
  const elapsed = performance.now() - begin;
  say(`Without a fault ${tests.length} files of tests pass in ${(elapsed / 1000).toFixed(1)} s.`);
  return Math.max(patience.leastMs, elapsed * patience.factor);
}

/** As many at a time as there are trees. */
async function tryAll(trees: readonly PrivateTree[], mutations: readonly Mutation[]): Promise<Trial[]> {
  const importers = Importers.of(repositoryRoot);
  const [first] = trees;
  if (first === undefined) return [];
  const limitMs = await measureControl(first, testsFor(mutations, importers));
  const compiler = new Compiler();
  const trials: Trial[] = [];
  const waiting = mutations.entries();
  await Promise.all(
    trees.map(async tree => {
      for (const [index, mutation] of waiting) {
        const trial = await tryMutation(mutation, { tree, importers, compiler, limitMs });
        trials[index] = trial;
        say(
          `${index + 1} of ${mutations.length}: ${mutation.file}:${mutation.line} ${mutation.kind}: ${trial.verdict.kind}`,
        );
      }
    }),
  );
  return trials;
}

const options = readOptions(process.env);
const mutations = sample(options);
const trees = Array.from(
  { length: Math.min(4, availableParallelism()) },
  (_, index) => new PrivateTree(join(resultsFolder, `mutations-${index}.log`)),
);
// However the run ends, the copies go with it.
process.once("exit", () => {
  for (const tree of trees) tree[Symbol.dispose]();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const trials = await tryAll(trees, mutations);
const lines = ["", formatTable(trials), "", ...formatUnnoticed(trials), "", writeResults(options.seed, trials)];
process.stdout.write(`${lines.join("\n")}\n`);
