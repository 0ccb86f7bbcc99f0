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
  for (const { 2: name = "", index } of text.matchAll(label)) {
    yield undefined;
    if (isSecretLabel(name)) yield* valuesBeside(text, index, name);
  }
  for (const { 0: all, 2: name = "", index } of text.matchAll(couple)) {
    const value = isSecretLabel(name) ? valueAt(text, index + all.length, name) : undefined;
    if (value !== undefined && /^["']\s{0,20}[\])]/.test(text.slice(value.end, value.end + 30))) yield value;
  }
  for (const { 0: all, 1: name = "", index } of text.matchAll(serialized))
    if (isSecretLabel(name)) yield valueAt(text, index + all.length, name);
}

/** What is looked through before and behind a name, in characters. */
const neighbourhood = 1_000;

function* valuesBeside(text: string, at: number, name: string): Iterable<SecretSpan> {
  const before = text.slice(Math.max(0, at - neighbourhood), at);
  const from = at - (/[^{}<>\0]*$/.exec(before)?.[0] ?? "").length;
  const end = text.slice(at, at + neighbourhood).search(/[{}<>\0]/);
  const region = text.slice(from, end === -1 ? at + neighbourhood : at + end);
  for (const { 0: all, index } of region.matchAll(labelled)) {
    const value = valueAt(text, from + index + all.length, name);
    if (value !== undefined) yield value;
  }
}

function valueAt(text: string, at: number, name: string): SecretSpan | undefined {
  const end = closingQuote(text, at);
  return end > at + 1 ? namedSpan(at + 1, end, name) : undefined;
}
