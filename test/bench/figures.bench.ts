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
import { median, quantile } from "./statistics.ts";

/** Starts of the window, each with an extension host of its own. */
const starts = 20;

/** What was promised, in kilobytes and milliseconds. */
const limits = { extension: 500, vsix: 1536, activation: 30 } as const;

/** Milliseconds in which a window that has started keeps its compiled code. */
const cacheDeadline = 60_000;

const bundles = [
  "entry.cjs",
  "extension.cjs",
  "axios.cjs",
  "ws.cjs",
  "relay.js",
  "sandbox.js",
  "cli.js",
  "webview/inspector.js",
];

interface Activations {
  /** The first start after the installation, which compiles all of the extension. */
  readonly first: number;
  /** Those after it. */
  readonly later: readonly number[];
}

async function measureActivation(): Promise<Activations> {
  const bench = await EditorBench.create();
  try {
    await bench.startVscode();
    const editor = await bench.open();
    const first = await activationTime(editor);
    say(`first start: ${first} ms`);
    await whenThere(join(bench.extensionStorage, "code-cache", "*.v8"));
    const later: number[] = [];
    while (later.length < starts) {
      await editor.reload();
      later.push(await activationTime(editor));
      say(`start ${later.length} of ${starts}: ${later.at(-1) ?? NaN} ms`);
    }
    return { first, later };
  } finally {
    await bench.close();
  }
}

/** As VS Code itself measured it: loading the code and activating. */
async function activationTime(editor: Editor): Promise<number> {
  await editor.runCommand("Developer: Show Running Extensions");
  const row = editor.page.locator(".runtime-extensions-editor .extension", { hasText: "Zoho CRM Notifications" });
  const text = await row.getByText(/Activation: \d+ms/).innerText();
  // It may be shown in a dialog, which takes no command.
  await editor.page.keyboard.press("Escape");
  return Number(/Activation: (\d+)ms/.exec(text)?.[1]);
}

async function whenThere(pattern: string): Promise<void> {
  const deadline = performance.now() + cacheDeadline;
  while (globSync(pattern).length === 0) {
    if (performance.now() > deadline) throw new Error(`There is no ${pattern}.`);
    await delay(250);
  }
}

function sizeTable({ folder, vsix }: ExtensionPackage): string[] {
  const kilobytes = (path: string): string => (statSync(path).size / 1024).toFixed(0);
  return [
    "| file | KB | at most |",
    "| --- | --: | --: |",
    `| the package (.vsix), with relay and sandbox | ${kilobytes(vsix)} | ${limits.vsix} |`,
    ...bundles.map(name => {
      const limit = name === "extension.cjs" ? String(limits.extension) : "";
      return `| ${name} | ${kilobytes(join(folder, "dist", name))} | ${limit} |`;
    }),
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
const { first, later } = await measureActivation();
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
  `Time that VS Code gives for loading and activating the packaged extension, over ${later.length} starts of its extension`,
  "host beside VS Code's own extensions, on a machine with two processor cores. The first start after an installation",
  "compiles the code; later ones take what V8 kept of that.",
  "",
  "| median | 95th percentile | slowest | first after the installation | at most (median) |",
  "| --: | --: | --: | --: | --: |",
  `| ${median(later)} ms | ${quantile(later, 0.95)} ms | ${Math.max(...later)} ms | ${first} ms | ${limits.activation} ms |`,
  "",
  "## Dependencies",
  "",
  ...dependencyTable(bundledNames(notices)),
  "",
].join("\n");
const file = join(repositoryRoot, "docs", "figures.md");
const formatted = await format(page, { ...(await resolveConfig(file)), parser: "markdown" });
writeFileSync(file, formatted);
process.stdout.write(`${formatted}\n`);
if (median(later) > limits.activation) process.exitCode = 1;
