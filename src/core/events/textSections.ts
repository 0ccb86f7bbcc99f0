import { NextPlace, nextPlace } from "./nextPlace.ts";
import { closingQuote, endOfString } from "./quotedText.ts";
import type { Span } from "./spellings.ts";

/** Where a section of a text ends: the string of JSON that a place is in, or the text up to the next gap. */
export function sectionEnds(text: string, isJson: boolean): NextPlace {
  return isJson ? new NextPlace(from => endOfString(text, from)) : nextPlace(text, "\0");
}

/** So many strings are passed over in one step. */
const stringsInStep = 20_000;

/** The sections of a text that have something in them. Undefined where the work may be interrupted. */
export function* sectionsWith(mark: string, text: string, isJson: boolean): Iterable<Span | undefined> {
  const marks = nextPlace(text, mark);
  let count = 0;
  for (const section of isJson ? stringsOf(text) : divided(text)) {
    if (++count % stringsInStep === 0) yield undefined;
    const found = marks.after(section.start);
    if (found < section.end) yield section;
    if (found === text.length) return;
  }
}

function* stringsOf(json: string): Iterable<Span> {
  for (let start = json.indexOf('"'); start !== -1;) {
    const end = closingQuote(json, start);
    yield { start: start + 1, end };
    start = json.indexOf('"', end + 1);
  }
}

function* divided(text: string): Iterable<Span> {
  for (let start = 0; start <= text.length;) {
    const gap = text.indexOf("\0", start);
    const end = gap === -1 ? text.length : gap;
    yield { start, end };
    start = end + 1;
  }
}
