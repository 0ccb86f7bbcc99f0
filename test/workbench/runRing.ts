import { globSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import * as v from "valibot";
import { ProcessTree } from "./processTree.ts";
import type { Say } from "./progress.ts";
import { repositoryRoot, resultsFolder } from "./repository.ts";
import type { TestRing } from "./rings.ts";
import { type Tally, countFailure, countOne, emptyTally } from "./tally.ts";
import { type TestRecord, testRecordSchema } from "./testRecord.ts";

export interface RunRingOptions {
  /** Only tests whose name matches this regular expression. */
  readonly grep?: string | undefined;
  /** Says also what passed. */
  readonly verbose: boolean;
  readonly say: Say;
}

/**
 * Runs the test files of a ring, each in a process of its own, and says what failed, in full, as it comes. A ring
 * without tests fails. One that takes too long is ended, with everything it started, and fails.
 */
export async function runRing(ring: TestRing, options: RunRingOptions): Promise<Tally> {
  const files = globSync(`test/${ring.name}/**/*.test.ts`, { cwd: repositoryRoot }).sort();
  if (files.length === 0) return fault(emptyTally, `The ring ${ring.name} has no test file.`, options.say);
  const listener = new RingListener(options);
  const overtime = await runFiles(ring, files, options.grep, line => listener.hear(line));
  return judge(ring, listener.tally, overtime, options);
}

function judge(ring: TestRing, tally: Tally, ending: Ending, { grep, say }: RunRingOptions): Tally {
  if (ending.overtime) return fault(tally, `The ring ${ring.name} was ended after ${ring.limitMs / 1000} s.`, say);
  if (!ending.ok && tally.failed === 0) return fault(tally, `${ending.why} Its log is ${ending.logFile}.`, say);
  const ran = tally.passed + tally.failed;
  if (ran === 0 && grep === undefined) return fault(tally, `The ring ${ring.name} ran no test.`, say);
  return tally;
}

function fault(tally: Tally, sentence: string, say: Say): Tally {
  say(`✖ ${sentence}`);
  return countFailure(tally, sentence);
}

interface Ending {
  readonly ok: boolean;
  readonly overtime: boolean;
  readonly why: string;
  readonly logFile: string;
}

async function runFiles(
  ring: TestRing,
  files: readonly string[],
  grep: string | undefined,
  onLine: (line: string) => void,
): Promise<Ending> {
  const logFile = join(resultsFolder, `${ring.name}.log`);
  rmSync(logFile, { force: true });
  const tree = ProcessTree.start({
    name: `ring ${ring.name}`,
    program: process.execPath,
    args: runnerArguments(ring, files, grep),
    cwd: repositoryRoot,
    logFile,
    onLine,
  });
  let overtime = false;
  const timer = setTimeout(() => {
    overtime = true;
    void tree.close();
  }, ring.limitMs);
  const why = await tree.ended;
  clearTimeout(timer);
  await tree.close();
  return { ok: why.endsWith("exit code 0."), overtime, why, logFile };
}

function runnerArguments(ring: TestRing, files: readonly string[], grep: string | undefined): string[] {
  return [
    "--test",
    `--test-concurrency=${ring.concurrency}`,
    `--test-reporter=${join(import.meta.dirname, "testReporter.ts")}`,
    ...(grep === undefined ? [] : [`--test-name-pattern=${grep}`]),
    ...files,
  ];
}

const keptOutput = 8_000;

/** Counts the records of a ring's reporter, and says what a person needs to know of them. */
class RingListener {
  readonly #options: RunRingOptions;
  readonly #output = new Map<string, string>();
  #tally = emptyTally;

  constructor(options: RunRingOptions) {
    this.#options = options;
  }

  get tally(): Tally {
    return this.#tally;
  }

  hear(line: string): void {
    const record = readRecord(line);
    if (record === undefined) return;
    if (record.kind === "output") this.#keepOutput(record.file, record.text);
    else this.#count(record);
  }

  #count(record: TestRecord & { kind: "result" }): void {
    if (isFilteredFile(record, this.#options.grep)) return;
    if (record.outcome === "failed") {
      this.#fail(record);
      return;
    }
    this.#tally = countOne(this.#tally, record.outcome);
    if (this.#options.verbose) this.#options.say(`  ${record.outcome === "passed" ? "✔" : "○"} ${timed(record)}`);
  }

  #fail(record: TestRecord & { kind: "result" }): void {
    const title = `${record.title} (${relative(repositoryRoot, record.file)})`;
    const failure = record.detail === undefined ? title : `${title}\n${record.detail}`;
    this.#tally = countFailure(this.#tally, failure);
    this.#options.say(`✖ ${failure}`);
    const output = this.#output.get(record.file);
    this.#output.delete(record.file);
    if (output !== undefined) this.#options.say(`Output:\n${output}`);
  }

  #keepOutput(file: string, text: string): void {
    this.#output.set(file, ((this.#output.get(file) ?? "") + text).slice(-keptOutput));
  }
}

/** With a name pattern, a file of which nothing matches is no fault. */
function isFilteredFile(record: TestRecord & { kind: "result" }, grep: string | undefined): boolean {
  return grep !== undefined && record.detail === "This file has no tests.";
}

function timed({ title, milliseconds }: TestRecord & { kind: "result" }): string {
  return milliseconds < 1_000 ? title : `${title} (${(milliseconds / 1000).toFixed(1)} s)`;
}

function readRecord(line: string): TestRecord | undefined {
  try {
    return v.parse(testRecordSchema, JSON.parse(line));
  } catch {
    return undefined;
  }
}
