import { lowerBound } from "./textSearch.ts";

/** What was found in a text: where each match begins, how long they are, and which one the person is at. */
export interface Matches {
  readonly positions: readonly number[];
  readonly length: number;
  readonly current: number;
}

/** A part of a text that is drawn in one way. */
export interface Segment {
  readonly text: string;
  readonly mark?: "match" | "current";
}

/** The text from `from` to `to`, cut where matches begin and end. */
export function segmentsOf(text: string, from: number, to: number, matches: Matches | undefined): Segment[] {
  if (matches === undefined) return [{ text: text.slice(from, to) }];
  const { positions, length, current } = matches;
  const segments: Segment[] = [];
  let at = from;
  for (let index = lowerBound(positions, from - length + 1); at < to; index++) {
    const start = Math.min(Math.max(positions[index] ?? to, at), to);
    const end = Math.min(start + length - Math.max(0, at - (positions[index] ?? at)), to);
    if (start > at) segments.push({ text: text.slice(at, start) });
    if (start < to) segments.push({ text: text.slice(start, end), mark: index === current ? "current" : "match" });
    at = Math.max(end, start);
  }
  return segments;
}
