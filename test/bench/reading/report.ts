import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, platform } from "node:os";
import { join } from "node:path";
import { resultsFolder } from "../../workbench/repository.ts";
import { median } from "../statistics.ts";

/** What one round of one client measured. */
export interface Round {
  /** Microseconds of processor time per event. */
  readonly cpu: number;
  /** The same of the page's thread. */
  readonly page: number;
  /** Messages to the page per thousand events, and their characters per event. */
  readonly messages: number;
  readonly characters: number;
}

/** What was measured of one case: the rounds of the earlier checkout, if there is one, and of this one. */
export interface Result {
  readonly name: string;
  readonly rounds: readonly (readonly Round[])[];
}

const figures: readonly (readonly [name: keyof Round, words: string, unit: string, ratioAtMost: number | undefined])[] =
  [
    ["cpu", "extension host, processor time per event", "µs", 0.5],
    ["page", "inspector's page, processor time per event", "µs", 0.5],
    ["messages", "messages to the page per 1,000 events", "", undefined],
    ["characters", "characters to the page per event", "", undefined],
  ];

/** The figures as a table for people: medians, and of what is held against the earlier checkout the ratio within rounds. */
export function formatTable(results: readonly Result[]): string {
  const heading = `${"".padEnd(45)}${"earlier".padStart(10)}${"now".padStart(10)}${"ratio".padStart(8)}`;
  return [heading, ...results.flatMap(formatResult)].join("\n");
}

function formatResult({ name, rounds }: Result): string[] {
  const now = rounds.at(-1) ?? [];
  const earlier = rounds.length > 1 ? (rounds[0] ?? []) : [];
  return [name, ...figures.map(figure => formatFigure(figure, earlier, now))];
}

function formatFigure(
  [name, words, unit, ratioAtMost]: (typeof figures)[number],
  earlier: readonly Round[],
  now: readonly Round[],
): string {
  const ratio = median(now.map((round, index) => round[name] / (earlier[index]?.[name] ?? NaN)));
  const values = [earlier, now].map(each => formatNumber(median(each.map(round => round[name]))).padStart(10));
  const isJudged = ratioAtMost !== undefined && !Number.isNaN(ratio);
  const verdict = isJudged ? `at most ${ratioAtMost}: ${ratio <= ratioAtMost ? "met" : "missed"}` : "";
  const shown = Number.isNaN(ratio) ? "" : ratio.toFixed(2);
  return `  ${words.padEnd(43)}${values.join("")}${shown.padStart(8)}  ${unit.padEnd(3)}${verdict}`.trimEnd();
}

function formatNumber(value: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(1);
}

/** Writes the figures with the machine that they were taken on, and how busy it was; gives the file's path. */
export function writeResults(results: readonly Result[]): string {
  const folder = join(resultsFolder, "bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "reading.json");
  const machine = { processors: cpus().length, model: cpus()[0]?.model, platform: platform() };
  const all = { at: new Date().toISOString(), node: process.version, machine, load: loadavg(), results };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  return file;
}
