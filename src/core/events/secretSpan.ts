import { closingQuote } from "./quotedText.ts";
import { isTokenName } from "./secretNames.ts";
import type { Span } from "./spellings.ts";

/** A part of a text that opens something. */
export interface SecretSpan extends Span {
  /** The token of the channel, either of them without quotes in JSON, or anything else. */
  readonly kind: "token" | "bare-token" | "bare" | "other";
}

/** What is found in a text, piece by piece; undefined where the work may be interrupted. */
export type Findings = Iterable<SecretSpan | undefined>;

/** The same of one place; what it returns is where to go on. */
export type Finding = Generator<SecretSpan | undefined, number>;

/** What stands under a name, without the quotes around it. */
export function namedSpan(start: number, end: number, name: string): SecretSpan {
  return { start, end, kind: isTokenName(name) ? "token" : "other" };
}

/** What a pattern that is sticky finds at a place. */
export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** What stands without quotes at a place: a number or a word. Null and truth values tell nothing. */
export function* bareValue(text: string, at: number, name: string): Iterable<SecretSpan> {
  const value = matchAt(/[^\s,;&<>"'()[\]{}\\]+/y, text, at);
  if (value === undefined || /^(?:null|true|false|undefined)$/.test(value)) return;
  yield { start: at, end: at + value.length, kind: isTokenName(name) ? "bare-token" : "bare" };
}

/** So many values of a list are gone through in one step. */
const leavesInStep = 10_000;

/** The strings, numbers and words of a list or an object that begins at a place, but for names; it returns where that ends. */
export function* leavesOf(text: string, at: number): Finding {
  const tokens = /["']|[[\]{}]|[^\s"'[\]{},:]+/g;
  tokens.lastIndex = at;
  let [depth, count] = [0, 0];
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found;
    if (++count % leavesInStep === 0) yield undefined;
    if (token === '"' || token === "'") {
      const end = closingQuote(text, found.index);
      tokens.lastIndex = end + 1;
      if (isValue(text, found.index, end)) yield { start: found.index + 1, end, kind: "other" };
    } else if (/[[{]/.test(token)) depth++;
    else if (/[\]}]/.test(token)) depth--;
    else yield* bareValue(text, found.index, "");
    if (depth === 0) return Math.min(tokens.lastIndex, text.length);
  }
  return text.length;
}

/** Whether a string is no name: no colon follows it. */
function isValue(text: string, start: number, end: number): boolean {
  return end > start + 1 && matchAt(/\s{0,1000}:/y, text, end + 1) === undefined;
}
