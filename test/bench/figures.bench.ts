/** `npm run bench -- figures`: sizes, activation time and number of dependencies, as docs/figures.md. */
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { format, resolveConfig } from "prettier";
import * as v from "valibot";
import type { Editor } from "../editor/support/editor.ts";
import { EditorBench } from "../editor/support/editorBench.ts";
import { type ExtensionPackage, packageExtension } from "../workbench/packageExtension.ts";
import { sayOnConsole as say } from "../workbench/progress.ts";
import { repositoryRoot } from "../workbench/repository.ts";
import { bundledNames } from "./figures/bundledNames.ts";
import { findPeersSection } from "./figures/peersSection.ts";
import { emptyExtensionName, packageEmptyExtension } from "./figures/emptyExtension.ts";
import { median, quantile } from "./statistics.ts";

/** Starts of the window, each with an extension host of its own. */
const starts = 20;

/** What was promised, in kilobytes and milliseconds. */
const limits = { extension: 500, vsix: 1536, activation: 30 } as const;

/** Milliseconds in which a window that has started keeps its compiled code. */
const cacheDeadline = 60_000;

/** Milliseconds in which what was logged is in the file. */
const logDeadline = 10_000;

/** What is loaded at the start, together under the limit; then what the rest of it is loaded with. */
const startBundles = ["entry.cjs", "extension.cjs", "chunk-1.cjs", "chunk-2.cjs"];
const lateBundles = [
  "commands.cjs",
  "redaction.cjs",
  "chunk-3.cjs",
  "axios.cjs",
  "ws.cjs",
  "hpke.cjs",
  "relay.js",
  "sandbox.js",
  "cli.js",
  "webview/inspector.js",
];

/** Of one start, in milliseconds. */
interface Activation {
  /** As VS Code shows it: loading the code and calling it. */
  readonly shown: number;
  /** The same of an extension that does nothing, at the same start. */
  readonly empty: number;
  /** From the beginning of the loading to the end of activation, as the extension logged it. */
  readonly elapsed: number;
  /** Of the processor, in that time. */
  readonly processor: number;
}

interface Activations {
  /** The first start after the installation, which compiles all that is loaded. */
  readonly first: Activation;
  /** Those after it. */
  readonly later: readonly Activation[];
}

async function measureActivation(): Promise<Activations> {
  const bench = await EditorBench.create();
  try {
    await bench.startVscode({}, { beside: [await packageEmptyExtension(bench.makeFolder("empty"))] });
    const editor = await bench.open();
    const first = await activationOf(editor, bench, 1);
    say(`first start: ${JSON.stringify(first)}`);
    await whenThere(join(bench.extensionData, "code-cache", "*.v8"));
    const later: Activation[] = [];
    while (later.length < starts) {
      await editor.reload();
      later.push(await activationOf(editor, bench, later.length + 2));
      say(`start ${later.length} of ${starts}: ${JSON.stringify(later.at(-1))}`);
    }
    return { first, later };
  } finally {
    await bench.close();
  }
}

async function activationOf(editor: Editor, bench: EditorBench, start: number): Promise<Activation> {
  const shown = shownTime(await editor.runningExtension("Zoho CRM Notifications"));
  const empty = shownTime(await editor.runningExtension(emptyExtensionName));
  return { shown, empty, ...(await loggedTimes(bench, start)) };
}

function shownTime(row: string): number {
  return Number(/Activation: (\d+)ms/.exec(row)?.[1]);
}

/** From the line that the extension logs at each start. */
async function loggedTimes(bench: EditorBench, start: number): Promise<Pick<Activation, "elapsed" | "processor">> {
  const deadline = performance.now() + logDeadline;
  const isStart = /start: \w+ in (\d+) ms \((\d+) of the processor\), composed in (\d+) ms \((\d+) of the processor\)/g;
  for (;;) {
    const lines = [...bench.extensionLog.matchAll(isStart)].map(([, ...times]) => times.map(Number));
    const [loaded = NaN, loading = NaN, composed = NaN, composing = NaN] = lines[start - 1] ?? [];
    if (lines.length >= start) return { elapsed: loaded + composed, processor: loading + composing };
    if (performance.now() > deadline) throw new Error(`The log has no start ${start}.`);
    await delay(100);
  }
}

async function whenThere(pattern: string): Promise<void> {
  const deadline = performance.now() + cacheDeadline;
  while (globSync(pattern).length === 0) {
    if (performance.now() > deadline) throw new Error(`There is no ${pattern}.`);
    await delay(250);
  }
}

function sizeTable({ folder, vsix }: ExtensionPackage): string[] {
  const kilobytes = (...paths: string[]): string =>
    (paths.reduce((sum, path) => sum + statSync(path).size, 0) / 1024).toFixed(0);
  const bundle = (name: string): string => join(folder, "dist", name);
  return [
    "| file | KB | at most |",
    "| --- | --: | --: |",
    `| the package (.vsix), with relay and sandbox | ${kilobytes(vsix)} | ${limits.vsix} |`,
    `| loaded at the start: ${startBundles.join(", ")} | ${kilobytes(...startBundles.map(bundle))} | ${limits.extension} |`,
    ...lateBundles.map(name => `| ${name} | ${kilobytes(bundle(name))} | |`),
  ];
}

function activationTable({ first, later }: Activations): string[] {
  const row = (name: string, key: keyof Activation, limit = ""): string => {
    const times = later.map(activation => activation[key]);
    const figures = [median(times), quantile(times, 0.95), Math.max(...times), first[key]];
    return `| ${[name, ...figures.map(figure => `${figure} ms`), limit].join(" | ")} |`;
  };
  return [
    "| | median | 95th percentile | slowest | first after the installation | at most (median) |",
    "| --- | --: | --: | --: | --: | --: |",
    row("processor time, loading and activating", "processor", `${limits.activation} ms`),
    row("the same, elapsed", "elapsed"),
    row("what VS Code shows", "shown"),
    row("what VS Code shows of an extension that does nothing", "empty"),
  ];
}

function dependencyTable(bundled: readonly string[]): string[] {
  const schema = v.object({ devDependencies: v.record(v.string(), v.string()), dependencies: v.optional(v.unknown()) });
  const manifest = v.parse(schema, JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")));
  return [
    "| dependencies | number |",
    "| --- | --: |",
    "| installed with the extension | 0 |",
    `| bundled, with theirs | ${bundled.length} |`,
    `| of the repository, direct | ${Object.keys(manifest.devDependencies).length} |`,
  ];
}

const built = await packageExtension(say);
const activations = await measureActivation();
const notices = readFileSync(join(built.folder, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
const page = [
  "# Figures",
  "",
  "Written by `npm run bench -- figures`; do not edit.",
  "",
  "## Sizes",
  "",
  ...sizeTable(built),
  "",
  "## Activation",
  "",
  `Over ${starts} starts of the extension host beside VS Code's own extensions, with the packaged extension, on a machine with`,
  "two processor cores. The first start after an installation compiles the code; later ones take what V8 kept of that. What",
  "VS Code shows (Developer: Show Running Extensions) is the time from before an extension's code is loaded until it was",
  "called, with whatever other extensions did in between: an extension that does nothing, installed beside, tells how much",
  "that is here. This one loads and activates in turns of its own, so that nobody waits for the whole of it; the log has what",
  "each start took.",
  "",
  ...activationTable(activations),
  "",
  "## Dependencies",
  "",
  ...dependencyTable(bundledNames(notices)),
  "",
].join("\n");
const file = join(repositoryRoot, "docs", "figures.md");
const peers = findPeersSection(readFileSync(file, "utf8"));
const formatted = await format(`${page}\n${peers}`, { ...(await resolveConfig(file)), parser: "markdown" });
writeFileSync(file, formatted);
process.stdout.write(`${formatted}\n`);
if (median(activations.later.map(({ processor }) => processor)) > limits.activation) process.exitCode = 1;
