import { setImmediate } from "node:timers/promises";
import { Turns } from "../../base/process/turns.ts";
import type { Attempt } from "../../protocol/event.ts";
import { readEvent, requestOf } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { harEnd, harEntries, harEventOf, harStart } from "./har.ts";
import { entryLine, headLine } from "./historyLine.ts";
import type { Redaction } from "../events/redaction.ts";

/** The entries to export, by their place. */
export interface ExportedList {
  readonly count: number;
  page(offset: number, limit: number): readonly StoredEvent[];
}

export interface ExportOptions {
  readonly list: ExportedList;
  readonly attemptsOf: (id: number) => readonly Attempt[];
  /** Leaves out what is secret; undefined: nothing is left out. */
  readonly redaction: Redaction | undefined;
  /** Called after each piece with how many entries are done. */
  readonly onProgress?: (done: number) => void;
}

/** So many entries are read at once, and fewer where they are large. */
const pageSize = 100;
const firstPageSize = 10;

/** Entries of so many bytes are read in far less than a frame's time. */
const pageBytes = 2 * 1024 * 1024;

/** The pages of a list. */
async function* pagesOf({ list, onProgress }: ExportOptions): AsyncGenerator<readonly StoredEvent[]> {
  let limit = firstPageSize;
  for (let offset = 0; offset < list.count;) {
    const page = list.page(offset, limit);
    yield page;
    offset += limit;
    onProgress?.(Math.min(offset, list.count));
    limit = nextPageSize(limit, page);
    await setImmediate();
  }
}

function nextPageSize(limit: number, page: readonly StoredEvent[]): number {
  const bytes = page.reduce((sum, event) => sum + (event.kind === "gap" ? 0 : event.payload.byteLength), 1);
  return Math.max(1, Math.min(pageSize, Math.floor((pageBytes * limit) / bytes)));
}

/** The entries as JSON Lines (docs/export-format.md), in pieces. `now`: milliseconds since 1970. */
export async function* exportLines(options: ExportOptions, now: number): AsyncGenerator<string> {
  const { attemptsOf, redaction } = options;
  const turns = new Turns();
  yield `${headLine(now, redaction === undefined ? "shown" : "hidden")}\n`;
  for await (const page of pagesOf(options)) {
    let lines = "";
    for (const event of page) lines += `${await turns.finish(entryLine(event, attemptsOf(event.id), redaction))}\n`;
    yield lines;
  }
}

/** The entries that hold a request as an HTTP Archive, in pieces; the others are left out. */
export async function* exportHar(options: ExportOptions, version: string, handler: string): AsyncGenerator<string> {
  const { attemptsOf, redaction } = options;
  const turns = new Turns();
  yield `${harStart(version)}\n`;
  let separator = "";
  for await (const page of pagesOf(options)) {
    const entries: string[] = [];
    for (const event of page) {
      const request = requestOf(readEvent(event));
      if (request === undefined) continue;
      const shown = await turns.finish(harEventOf(event, request, attemptsOf(event.id), redaction));
      entries.push(...harEntries(shown, handler).map(entry => JSON.stringify(entry)));
    }
    if (entries.length > 0) yield separator + entries.join(",\n");
    if (entries.length > 0) separator = ",\n";
  }
  yield `\n${harEnd}\n`;
}
