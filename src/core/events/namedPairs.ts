import { type NextPlace, nextPlace } from "./nextPlace.ts";
import { closingQuote } from "./quotedText.ts";
import { isSecretLabel } from "./secretNames.ts";
import { type Findings, type SecretSpan, namedSpan } from "./secretSpan.ts";

/** A name as a value: `name: "x"`, `"key" => "x"`. */
const label =
  /\b(?:name|key|header|field|label|id|type|param|parameter|property|variable)["']?\s{0,20}(?:[:=]|=>)\s{0,20}(["'])([^"'\\\0]{1,60})\1/gi;

/** A value that has a name beside it. */
const labelled = /(?:\b|_)value["']?\s{0,20}(?:[:=]|=>)\s{0,20}(?=["'])/gi;

/** Two values in brackets. */
const couple = /[[(]\s{0,20}(["'])([^"'\\\0]{1,60})\1\s{0,20}(?:,|=>)\s{0,20}(?=["'])/g;

/** PHP's way to keep values. */
const serialized = /"([^"\\\0]{1,60})";s:\d{1,9}:(?=")/g;

/**
 * The value of a name that is itself a value, in a text that is no JSON: `{name: "password", type: "text", value: "…"}` in
 * any order, `["Cookie", "…"]`.
 */
export function* namedPairs(text: string): Findings {
  const neighbours = new Neighbours(text);
  for (const [found, { 2: name = "", index }] of numbered(text.matchAll(label))) {
    if (found % findsInStep === 0) yield undefined;
    if (isSecretLabel(name)) yield* neighbours.valuesBeside(index, name);
  }
  for (const [found, { 0: all, 2: name = "", index }] of numbered(text.matchAll(couple))) {
    if (found % findsInStep === 0) yield undefined;
    const value = isSecretLabel(name) ? valueAt(text, index + all.length, name) : undefined;
    if (value !== undefined && isInBrackets(text, value)) yield value;
  }
  for (const { 0: all, 1: name = "", index } of text.matchAll(serialized))
    if (isSecretLabel(name)) yield valueAt(text, index + all.length, name);
}

/** So many names are looked at in one step. */
const findsInStep = 1_000;

function* numbered<T>(items: Iterable<T>): Iterable<readonly [number, T]> {
  let count = 0;
  for (const item of items) yield [++count, item];
}

function isInBrackets(text: string, { end }: SecretSpan): boolean {
  return /^["']\s{0,20}[\])]/.test(text.slice(end, end + 30));
}

/** What is looked through before and behind a name, in characters. */
const neighbourhood = 1_000;

/** What stands beside names, from the first to the last: what is near several of them is looked at once. */
class Neighbours {
  readonly #text: string;
  readonly #values = new RegExp(labelled);
  readonly #brackets: NextPlace;
  /** Behind the last bracket before a name. */
  #inside = 0;
  #looked = 0;

  constructor(text: string) {
    this.#text = text;
    this.#brackets = nextPlace(text, /[{}<>\0]/);
  }

  *valuesBeside(at: number, name: string): Iterable<SecretSpan> {
    for (let next = this.#brackets.after(this.#inside); next < at; next = this.#brackets.after(this.#inside))
      this.#inside = next + 1;
    const end = Math.min(this.#brackets.after(this.#inside), at + neighbourhood);
    this.#values.lastIndex = Math.max(this.#inside, at - neighbourhood, this.#looked);
    const text = this.#text.slice(0, end);
    for (let found = this.#values.exec(text); found !== null; found = this.#values.exec(text)) {
      const value = valueAt(this.#text, this.#values.lastIndex, name);
      if (value !== undefined) yield value;
    }
    this.#looked = end;
  }
}

function valueAt(text: string, at: number, name: string): SecretSpan | undefined {
  const end = closingQuote(text, at);
  return end > at + 1 ? namedSpan(at + 1, end, name) : undefined;
}
