import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resultsFolder } from "../../workbench/repository.ts";
import type { Noticed, Trial, Verdict } from "./trial.ts";

const witnesses: readonly Noticed[] = ["tests", "simulation", "overtime", "compiler"];
const headings = ["", "sampled", "noticed", ...witnesses, "harmless", "survived"];

/** How many of each folder were noticed, by whom, and how many not. */
export function formatTable(trials: readonly Trial[]): string {
  const byFolder = Map.groupBy(trials, ({ mutation }) => folderOf(mutation.file));
  const rows = [headings, ...[...byFolder].map(([folder, some]) => rowOf(folder, some)), rowOf("all", trials)];
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const align = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map(row => row.map(align).join("  ").trimEnd()).join("\n");
}

function rowOf(name: string, trials: readonly Trial[]): string[] {
  const count = (matches: (trial: Trial) => boolean): number => trials.filter(matches).length;
  const noticedBy = witnesses.map(witness =>
    count(({ verdict }) => verdict.kind === "noticed" && verdict.by === witness),
  );
  const [noticed, harmless, survived] = (["noticed", "harmless", "survived"] as const).map(kind =>
    count(({ verdict }) => verdict.kind === kind),
  );
  return [name, trials.length, noticed, ...noticedBy, harmless, survived].map(String);
}

function folderOf(file: string): string {
  return file.split("/").slice(0, -1).join("/");
}

/** Every fault that no test noticed. */
export function formatUnnoticed(trials: readonly Trial[]): string[] {
  return trials
    .filter(({ verdict }) => verdict.kind !== "noticed" || verdict.by === "compiler")
    .map(trial => formatTrial(trial));
}

/** One line: the place of the fault, what was done, and what became of it. */
export function formatTrial({ mutation: { file, line, kind, before, after }, verdict }: Trial): string {
  return `${file}:${line} ${kind}: ${oneLine(before)} → ${oneLine(after)}: ${describe(verdict)}`;
}

function describe(verdict: Verdict): string {
  if (verdict.kind === "survived") return "survived";
  if (verdict.kind === "harmless") return `harmless (${verdict.reason})`;
  return verdict.test === undefined ? `noticed by the ${verdict.by} alone` : `${verdict.by}: ${verdict.test}`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= 100 ? line : `${line.slice(0, 97)}…`;
}

/** Gives the file's path. */
export function writeResults(seed: number, trials: readonly Trial[]): string {
  const folder = join(resultsFolder, "bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `mutations-${seed}.json`);
  const results = { at: new Date().toISOString(), node: process.version, seed, trials };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}
