import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, platform, totalmem } from "node:os";
import { join } from "node:path";
import { resultsFolder } from "../../workbench/repository.ts";
import type { Figure, Target } from "./figure.ts";

const heading = ["", "floor", "relay", "ratio", "sealed", "ratio", "unit", "target", ""];
const numberColumns = [1, 2, 3, 4, 5];

/** The figures as a table for people, a line each. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = [heading, ...figures.map(formatFigure)];
  const widths = heading.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const align = (cell: string, column: number): string =>
    numberColumns.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map(row => row.map(align).join("  ").trimEnd()).join("\n");
}

function formatFigure({ name, unit, medians, ratios, target, met }: Figure): string[] {
  const verdict = met === undefined ? "" : met ? "met" : "missed";
  const relay = [formatNumber(medians.clear), formatRatio(ratios.clear)];
  const sealed = [formatNumber(medians.sealed), formatRatio(ratios.sealed)];
  return [name, formatNumber(medians.floor), ...relay, ...sealed, unit, formatTarget(target), verdict];
}

function formatTarget(target: Target | undefined): string {
  if (target === undefined) return "";
  if ("ratioAtLeast" in target) return `ratio ≥ ${target.ratioAtLeast}`;
  if ("ratioAtMost" in target) return `ratio ≤ ${target.ratioAtMost}`;
  return "atLeast" in target ? `≥ ${formatNumber(target.atLeast)}` : `≤ ${formatNumber(target.atMost)}`;
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined || Number.isNaN(ratio) ? "" : ratio.toFixed(2);
}

function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2);
}

/** Writes the figures with all rounds and the machine that they were taken on; gives the file's path. */
export function writeResults(name: string, figures: readonly Figure[]): string {
  const folder = join(resultsFolder, "bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  const machine = { processors: cpus().length, model: cpus()[0]?.model, memory: totalmem(), platform: platform() };
  const results = { at: new Date().toISOString(), node: process.version, machine, figures };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}
