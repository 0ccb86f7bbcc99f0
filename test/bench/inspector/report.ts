import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, platform, totalmem } from "node:os";
import { join } from "node:path";
import { resultsFolder } from "../../workbench/repository.ts";
import { type Figure, isMet } from "./figure.ts";

const heading = ["", "inspector", "plain list", "ratio", "unit", "target", ""];
const numberColumns = [1, 2, 3];

/** The figures as a table for people, a line each; the ratio is the plain list's figure over the inspector's. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = [heading, ...figures.map(formatFigure)];
  const widths = heading.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const align = (cell: string, column: number): string =>
    numberColumns.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map(row => row.map(align).join("  ").trimEnd()).join("\n");
}

function formatFigure(figure: Figure): string[] {
  const { name, unit, inspector, plain, target } = figure;
  const met = isMet(figure);
  return [
    name,
    formatNumber(inspector),
    plain === undefined ? "" : formatNumber(plain),
    plain === undefined ? "" : (plain / inspector).toFixed(1),
    unit,
    target === undefined ? "" : `≤ ${formatNumber(target.atMost)}`,
    met === undefined ? "" : met ? "met" : "missed",
  ];
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

/** Writes the figures with the machine that they were taken on, and how busy it was; gives the file's path. */
export function writeResults(figures: readonly Figure[]): string {
  const folder = join(resultsFolder, "bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "inspector.json");
  const machine = { processors: cpus().length, model: cpus()[0]?.model, memory: totalmem(), platform: platform() };
  const results = { at: new Date().toISOString(), node: process.version, machine, load: loadavg(), figures };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}
