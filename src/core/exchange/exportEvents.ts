import { setImmediate } from "node:timers/promises";
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

/** Entries read at once: some megabytes at the most usual sizes, and far less than a frame's time. */
const pageSize = 100;

/** The pages of a list; lets the editor breathe in between. */
async function* pagesOf({ list, onProgress }: ExportOptions): AsyncGenerator<readonly StoredEvent[]> {
  for (let offset = 0; offset < list.count; offset += pageSize) {
    yield list.page(offset, pageSize);
    onProgress?.(Math.min(offset + pageSize, list.count));
    await setImmediate();
  }
}

/** The entries as JSON Lines (docs/export-format.md), in pieces. `now`: milliseconds since 1970. */
export async function* exportLines(options: ExportOptions, now: number): AsyncGenerator<string> {
  const { attemptsOf, redaction } = options;
  yield `${headLine(now, redaction === undefined ? "shown" : "hidden")}\n`;
  for await (const page of pagesOf(options)) {
    yield page.map(event => `${entryLine(event, attemptsOf(event.id), redaction)}\n`).join("");
  }
}

/** The entries that hold a request as an HTTP Archive, in pieces; the others are left out. */
export async function* exportHar(options: ExportOptions, version: string, handler: string): AsyncGenerator<string> {
  const { attemptsOf, redaction } = options;
  yield `${harStart(version)}\n`;
  let separator = "";
  for await (const page of pagesOf(options)) {
    const entries = page.flatMap(event => {
      const request = requestOf(readEvent(event));
      if (request === undefined) return [];
      return harEntries(harEventOf(event, request, attemptsOf(event.id), redaction), handler);
    });
    if (entries.length > 0) yield separator + entries.map(entry => JSON.stringify(entry)).join(",\n");
    if (entries.length > 0) separator = ",\n";
  }
  yield `\n${harEnd}\n`;
}
