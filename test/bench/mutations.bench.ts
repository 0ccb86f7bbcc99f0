/**
 * `npm run bench -- mutations`: puts faults into the sources, one at a time, and looks which of them the unit tests and
 * the simulation notice. The sample is the seed's (mutations/options.ts); the baseline is the run without a fault, which
 * has to pass and tells how long each file of tests may take. A fault that makes one take much longer counts as noticed.
 * Only tests that load the source are run, and none after the first that notices.
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
import { sayOnConsole as say, seconds } from "../workbench/progress.ts";
import { repositoryRoot, resultsFolder } from "../workbench/repository.ts";
import { Compiler } from "./mutations/compiler.ts";
import { Importers } from "./mutations/importers.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { mutationsOf } from "./mutations/mutationSites.ts";
import { type MutationOptions, readOptions } from "./mutations/options.ts";
import { PrivateTree } from "./mutations/privateTree.ts";
import { formatTable, formatTrial, formatUnnoticed, writeResults } from "./mutations/report.ts";
import { sampleMutations } from "./mutations/sampleMutations.ts";
import { shareOut } from "./mutations/shareOut.ts";
import { TestTimes } from "./mutations/testTimes.ts";
import { type Trial, testsFor, tryMutation } from "./mutations/trial.ts";

function sample({ folders, count, seed }: MutationOptions): Mutation[] {
  const files = folders.flatMap(folder => globSync(`src/${folder}/**/*.ts`, { cwd: repositoryRoot }).sort());
  const all = files.flatMap(file => mutationsOf(file, readFileSync(join(repositoryRoot, file), "utf8")));
  return sampleMutations(all, count, seed);
}

async function measureTimes(trees: readonly PrivateTree[], tests: readonly string[]): Promise<TestTimes> {
  const begin = performance.now();
  const times = await TestTimes.measure(trees, tests);
  say(`Without a fault ${tests.length} files of tests pass in ${seconds(begin)}.`);
  return times;
}

/** As many at a time as there are trees. */
async function tryAll(trees: readonly PrivateTree[], mutations: readonly Mutation[]): Promise<Trial[]> {
  const importers = Importers.of(repositoryRoot);
  const compiler = new Compiler();
  const times = await measureTimes(trees, testsFor(mutations, importers));
  const trials: Trial[] = [];
  await shareOut(trees, mutations, async (tree, mutation, index) => {
    const trial = await tryMutation(mutation, { tree, importers, compiler, times });
    trials[index] = trial;
    say(`${index + 1} of ${mutations.length}: ${formatTrial(trial)}`);
  });
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
