/** `npm run bench -- figures`: sizes, activation time and number of dependencies, as docs/figures.md. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

const bundles = ["extension.cjs", "axios.cjs", "ws.cjs", "relay.js", "sandbox.js", "cli.js", "webview/inspector.js"];

async function measureActivation(): Promise<number[]> {
  const bench = await EditorBench.create();
  try {
    await bench.startVscode();
    const editor = await bench.open();
    const times: number[] = [];
    for (let start = 1; start <= starts; start++) {
      times.push(await activationTime(editor));
      say(`start ${start} of ${starts}: ${times.at(-1) ?? NaN} ms`);
      if (start < starts) await editor.reload();
    }
    return times;
  } finally {
    await bench.close();
  }
}

/** As VS Code itself measured it. */
async function activationTime(editor: Editor): Promise<number> {
  await editor.runCommand("Developer: Show Running Extensions");
  const row = editor.page.locator(".runtime-extensions-editor .extension", { hasText: "Zoho CRM Notifications" });
  const text = await row.getByText(/Activation: \d+ms/).innerText();
  return Number(/Activation: (\d+)ms/.exec(text)?.[1]);
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
const times = await measureActivation();
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
  `Time that VS Code gives for the activation of the packaged extension, over ${times.length} starts of its extension host.`,
  "",
  "| median | 95th percentile | slowest | at most (median) |",
  "| --: | --: | --: | --: |",
  `| ${median(times)} ms | ${quantile(times, 0.95)} ms | ${Math.max(...times)} ms | ${limits.activation} ms |`,
  "",
  "## Dependencies",
  "",
  ...dependencyTable(bundledNames(notices)),
  "",
].join("\n");
writeFileSync(join(repositoryRoot, "docs", "figures.md"), page);
process.stdout.write(`${page}\n`);
if (median(times) > limits.activation) process.exitCode = 1;
