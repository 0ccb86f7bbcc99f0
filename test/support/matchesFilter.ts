import type { EventFilter, FilterTerm, StatusRange } from "../../src/core/filter/eventFilter.ts";
import { readEvent } from "../../src/core/events/readEvent.ts";
import { divideIdeographs, searchableRecord, searchableText } from "../../src/core/events/searchableText.ts";
import type { StoredEvent } from "../../src/core/events/storedEvent.ts";
import type { TokenVerifier } from "../../src/core/events/verification.ts";
import { presentRow } from "../../src/core/inspector/presentRow.ts";
import type { Handling } from "../../src/protocol/event.ts";
import type { EventRow } from "../../src/protocol/inspector.ts";

/** Each event is read once, however many filters are tried on it; tokens are the same all along. */
const rows = new WeakMap<StoredEvent, EventRow>();
const wordLists = new WeakMap<StoredEvent, string[]>();

function known<T>(read: WeakMap<StoredEvent, T>, event: StoredEvent, work: () => T): T {
  const value = read.get(event) ?? work();
  read.set(event, value);
  return value;
}

/** What a filter means, without a database: it goes by what the event's row in the inspector says. */
export function matchesFilter(event: StoredEvent, filter: EventFilter, tokens: TokenVerifier): boolean {
  const row = known(rows, event, () => presentRow(event, tokens));
  return filter.every(term => meets(event, row, term) !== term.negated);
}

function meets(event: StoredEvent, row: EventRow, term: FilterTerm): boolean {
  const { content } = row;
  switch (term.key) {
    case "text":
      return hasWords(
        known(wordLists, event, () => wordsOf(textOf(event))),
        wordsOf(divideIdeographs(term.text)),
      );
    case "module":
      return isNamed(content, term.values, "module" in content ? content.module : undefined);
    case "channel":
      return isNamed(content, term.values, "channelId" in content ? content.channelId : undefined);
    case "field":
      return "changedFields" in content && isAmong(term.values, content.changedFields);
    case "id":
      return isAmong(term.values, recordsOf(content));
    case "operation":
      return isNamed(content, term.values, "operation" in content ? content.operation : undefined);
    case "source":
      return row.source !== undefined && term.values.includes(row.source);
    case "is":
      return term.values.some(value => isIn(row, value));
    case "token":
      return content.kind === "notification" && term.values.includes(tokenWords[content.verification]);
    case "status":
      return term.ranges.some(range => answered(row.handling, range));
    case "since":
      return row.receivedAt >= term.at;
    case "before":
      return row.receivedAt < term.at;
  }
}

const tokenWords = { verified: "ok", mismatch: "bad", absent: "none", unknown: "unknown" } as const;

function recordsOf(content: EventRow["content"]): readonly string[] {
  if (content.kind === "notification") return content.recordIds;
  return content.kind === "recovered" ? [content.recordId] : [];
}

function isIn(row: EventRow, state: string): boolean {
  if (state === "unreadable") return row.content.kind === "unreadable";
  return state === "pinned" ? row.pinned === true : (row.handling?.attempts ?? 0) > 0;
}

function answered(handling: Handling | undefined, { from, to }: StatusRange): boolean {
  if (handling === undefined) return false;
  const { state, status } = handling;
  if (to === 0) return status === undefined && (state === "failed" || state === "waiting");
  return status !== undefined && status >= from && status <= to;
}

/** Among the names that are wanted, or a notification without a name where "none" is. */
function isNamed({ kind }: EventRow["content"], wanted: readonly string[], name: string | undefined): boolean {
  if (name !== undefined) return isAmong(wanted, [name]);
  return kind === "notification" && isAmong(wanted, ["none"]);
}

function isAmong(wanted: readonly string[], values: readonly string[]): boolean {
  const known = new Set(values.map(value => value.toLowerCase()));
  return wanted.some(value => known.has(value.toLowerCase()));
}

function textOf(event: StoredEvent): string {
  const read = readEvent(event);
  if (read.kind === "recovered") return searchableRecord(read.payload);
  return read.kind === "request" ? searchableText(read) : "";
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Whether `wanted` follow each other somewhere, the last one at least as the beginning of a word. */
function hasWords(words: readonly string[], wanted: readonly string[]): boolean {
  const last = wanted.at(-1);
  if (last === undefined) return false;
  return words.some((_word, start) => {
    const found = words.slice(start, start + wanted.length);
    return (
      found.length === wanted.length &&
      found.at(-1)?.startsWith(last) === true &&
      found.slice(0, -1).every((word, index) => word === wanted[index])
    );
  });
}
