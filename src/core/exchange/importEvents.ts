import { readFile, stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import * as l10n from "@vscode/l10n";
import { fileText } from "../../base/bytes.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { ImportedEntry } from "../history/importLog.ts";
import { beginningOf, fileLines } from "./fileLines.ts";
import { historyVersion, parseEntry, versionOf } from "./historyLine.ts";
import { parseHar } from "./importHar.ts";

export interface ImportOptions {
  /** Stores entries: one id for each, undefined for what is here already. */
  readonly store: (entries: readonly ImportedEntry[]) => readonly (number | undefined)[];
  readonly signal: AbortSignal;
  /** Called with the share that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What became of a file's entries. */
export interface Imported {
  readonly added: number;
  /** Were here already. */
  readonly known: number;
  /** Could not be read, or are of no use here. */
  readonly passedOver: number;
  readonly firstId?: number;
}

/** Entries stored in one go: a write that other windows wait for, so a short one. */
const batchSize = 200;

/** An archive is read as a whole. */
const largestHar = 256 * 1024 * 1024;

/** Imports a history that was exported, or an HTTP Archive of any tool. Throws CancelledError when it is called off. */
export async function importEvents(file: string, options: ImportOptions): Promise<Result<Imported, Problem>> {
  const version = versionOf(await firstLine(file));
  if (version === undefined) return importHar(file, options);
  if (version > historyVersion) return fail(newerProblem());
  return succeed(await importLines(file, options));
}

async function importLines(file: string, options: ImportOptions): Promise<Imported> {
  const tally = new Tally(options);
  const { size } = await stat(file);
  let isHead = true;
  for await (const { text, bytesRead } of fileLines(file)) {
    if (!isHead && text.trim() !== "") await tally.take(parseEntry(text), bytesRead / size);
    isHead = false;
  }
  tally.flush();
  return tally.result;
}

async function importHar(file: string, options: ImportOptions): Promise<Result<Imported, Problem>> {
  const { size } = await stat(file);
  if (size > largestHar) return fail(tooLargeProblem());
  const har = parseHar(fileText(await readFile(file)));
  if (har === undefined) return fail(unknownProblem());
  const tally = new Tally(options);
  for (const [index, entry] of har.entries.entries()) await tally.take(entry, index / har.entries.length);
  tally.flush();
  return succeed({ ...tally.result, passedOver: har.passedOver });
}

/** Stores what it is given in batches, lets the editor breathe in between, and counts. */
class Tally {
  readonly #options: ImportOptions;
  readonly #batch: ImportedEntry[] = [];
  #added = 0;
  #known = 0;
  #passedOver = 0;
  #firstId: number | undefined;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  get result(): Imported {
    const counts = { added: this.#added, known: this.#known, passedOver: this.#passedOver };
    return this.#firstId === undefined ? counts : { ...counts, firstId: this.#firstId };
  }

  async take(entry: ReturnType<typeof parseEntry>, share: number): Promise<void> {
    if (typeof entry === "string") this.#passedOver++;
    else this.#batch.push(entry);
    if (this.#batch.length < batchSize) return;
    this.flush();
    this.#options.onProgress?.(share);
    await setImmediate();
  }

  flush(): void {
    if (this.#options.signal.aborted) throw new CancelledError();
    const ids = this.#options.store(this.#batch.splice(0));
    const added = ids.filter(id => id !== undefined);
    this.#firstId ??= added[0];
    this.#added += added.length;
    this.#known += ids.length - added.length;
  }
}

/** The head of a history is short; of another file this is as much as it takes to see that it is none. */
const longestHead = 1_024;

async function firstLine(file: string): Promise<string> {
  return fileText(await beginningOf(file, longestHead)).split("\n", 1)[0] ?? "";
}

function newerProblem(): Problem {
  const message = l10n.t("This history was exported by a newer version of the extension. Update it, and try again.");
  return { code: "IMPORT_NEWER", message, remedy: "none" };
}

function unknownProblem(): Problem {
  const message = l10n.t("This file is neither an exported history (JSON Lines) nor an HTTP Archive (HAR).");
  return { code: "IMPORT_UNKNOWN", message, remedy: "none" };
}

function tooLargeProblem(): Problem {
  const message = l10n.t("This HTTP Archive is larger than 256 MB. Save a part of it, and import that.");
  return { code: "IMPORT_TOO_LARGE", message, remedy: "none" };
}
