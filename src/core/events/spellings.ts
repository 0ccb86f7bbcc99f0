import { isUtf8 } from "node:buffer";
import { utf8Decode } from "../../base/bytes.ts";
import type { Steps } from "../../base/steps.ts";
import { Base64Reader } from "./base64Reader.ts";
import { jsonIn } from "./jsonParts.ts";
import { closingQuote, isJson } from "./quotedText.ts";

/** A part of a text, from one character to before another. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text as it reads when some of what it is encoded with is undone. */
export interface Spelling {
  readonly text: string;
  /** Whether it is the text itself. */
  readonly isPlain: boolean;
  readonly isJson: boolean;
  /** Whether it is of a part that nobody looked into: as what is packed in it may be any size. */
  readonly isClosed?: boolean;
  /** Where a part of it stands in the text that was read. */
  readonly sourceOf: (part: Span) => Span;
}

/** As many encodings, one upon another, are undone. */
const mostLayers = 4;

/** A text in every spelling that a reader may undo: itself first, then without escapes, base64 and quoted-printable. */
export function* spellingsOf(text: string): Steps<readonly Spelling[]> {
  const found: Spelling[] = [{ text, isPlain: true, isJson: isJson(text), sourceOf: part => part }];
  const seen = new Set<string>();
  const base64 = new Base64Reader();
  let layer: readonly Spelling[] = found;
  for (let layers = 0; layers < mostLayers; layers++) {
    const next: Spelling[] = [];
    for (const spelling of layer) {
      for (const each of nextSpellings(spelling, base64)) {
        if (each === undefined) yield undefined;
        else if (isNew(seen, each)) next.push(each);
      }
    }
    for (const each of next) found.push(each);
    layer = next;
  }
  return found;
}

/** Encodings that were undone in another order give the same again; a text that is cut is read as JSON, too. */
function isNew(seen: Set<string>, { text, isJson, sourceOf }: Spelling): boolean {
  const key = `${sourceOf({ start: 0, end: text.length }).start} ${isJson} ${text}`;
  const known = seen.has(key);
  seen.add(key);
  return !known;
}

/** One encoding is undone at a time: what is an escape of one may be half an escape of another. */
function* nextSpellings(spelling: Spelling, base64: Base64Reader): Iterable<Spelling | undefined> {
  if (spelling.isJson) yield* apart(spelling, encodedStringsIn(spelling.text), jsonEscapes);
  else {
    for (const encoding of encodings) yield* undone(spelling, escapesIn(spelling.text, encoding));
    yield* apart(spelling, encodedComponentsIn(spelling.text), componentEscapes);
    for (const part of jsonIn(spelling.text)) {
      yield undefined;
      if (part === undefined) continue;
      const { start, end } = part;
      const sourceOf = (part: Span): Span => spelling.sourceOf({ start: part.start + start, end: part.end + start });
      yield { text: spelling.text.slice(start, end), isPlain: spelling.isPlain, isJson: true, sourceOf };
    }
  }
  yield* base64Within(spelling, base64);
}

/** A text without its escapes, however often they were laid upon each other. */
export function withoutEscapes(text: string, rounds = mostRounds): string {
  const plain = escapes.reduce((rest, { pattern }) => rest.replace(pattern, meaningOf), text);
  return plain === text || rounds === 1 ? plain : withoutEscapes(plain, rounds - 1);
}

/** More than anybody lays upon each other, and few enough for a long name that somebody made of them. */
const mostRounds = 20;

const hex = String.raw`[\da-f]`;

/** The bytes of one character in UTF-8, or one byte that is none, each behind a sign. */
function characterBehind(sign: string): string {
  const rest = `${sign}[89ab]${hex}`;
  return [
    `${sign}[0-7]${hex}`,
    `${sign}[cd]${hex}${rest}`,
    `${sign}e${hex}(?:${rest}){2}`,
    `${sign}f[0-7](?:${rest}){3}`,
    `${sign}[89a-f]${hex}`,
  ].join("|");
}

/** A way to write characters, and a sign that is in whatever is written so. */
interface Encoding {
  readonly sign: string;
  readonly pattern: RegExp;
}

/** Of a part that stands for itself. */
interface PartEncoding extends Encoding {
  /** How one begins that may be JSON. */
  readonly json: RegExp;
}

const jsonEscapes: PartEncoding = {
  sign: "\\",
  json: /^(?:\\[nrt]|\s)*(?:[[{]|\\")/,
  pattern: new RegExp(String.raw`\\u${hex}{4}|\\x${hex}{2}|\\[^ux]`, "gi"),
};

/** Those of JSON and JavaScript, of addresses and forms, and of pages. */
const escapes: readonly Encoding[] = [
  jsonEscapes,
  { sign: "%", pattern: new RegExp(characterBehind("%"), "gi") },
  {
    sign: "&",
    pattern: new RegExp(String.raw`&#x0*${hex}{1,6};|&#0*\d{1,7};|&(?:quot|apos|amp|lt|gt);`, "gi"),
  },
];

/** In the values of forms blanks are signs of plus. */
const componentEscapes: PartEncoding = {
  sign: "%",
  json: /^(?:%0[9ad]|%20|\+)*%(?:5b|7b|22)/i,
  pattern: new RegExp(String.raw`\+|${characterBehind("%")}`, "gi"),
};

const encodings: readonly Encoding[] = [
  ...escapes,
  { sign: "=", pattern: new RegExp(String.raw`=\r?\n|${characterBehind("=")}`, "gi") },
];

const namedCharacters: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: "&", lt: "<", gt: ">" };
const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** What one escape stands for. */
function meaningOf(escape: string): string {
  switch (escape[0]) {
    case "+":
      return " ";
    case "\\":
      return /^\\[ux]./i.test(escape) ? codePoint(escape.slice(2), 16) : (controls[escape.slice(1)] ?? escape.slice(1));
    case "&":
      return escape[1] === "#"
        ? numbered(escape.slice(2, -1))
        : (namedCharacters[escape.slice(1, -1).toLowerCase()] ?? "");
    default:
      return /^=\r?\n$/.test(escape) ? "" : bytesText(Buffer.from(escape.replaceAll(/[%=]/g, ""), "hex"));
  }
}

function numbered(digits: string): string {
  return /^x/i.test(digits) ? codePoint(digits.slice(1), 16) : codePoint(digits, 10);
}

function codePoint(digits: string, base: number): string {
  const code = Number.parseInt(digits, base);
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : "";
}

/** Bytes that are no UTF-8 are taken for Latin-1. */
function bytesText(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
}

/** A place where an escape stood, and what it means. */
interface Escape extends Span {
  readonly meaning: string;
}

function* escapesIn(text: string, { sign, pattern }: Encoding): Iterable<Escape> {
  if (!text.includes(sign)) return;
  for (const found of text.matchAll(pattern)) yield escapeOf(found);
}

function escapeOf({ 0: escape, index }: RegExpExecArray): Escape {
  return { start: index, end: index + escape.length, meaning: meaningOf(escape) };
}

/** The same as a place in the new text, too: from where on in it, how long there, and where in the former one. */
interface Cut extends Span {
  readonly at: number;
  readonly length: number;
}

/** So many escapes are undone in one step. */
const escapesInStep = 10_000;

function* undone({ text, sourceOf }: Spelling, escapesInIt: Iterable<Escape>): Iterable<Spelling | undefined> {
  const pieces: string[] = [];
  const cuts: Cut[] = [];
  let [from, at] = [0, 0];
  for (const { start, end, meaning } of escapesInIt) {
    pieces.push(text.slice(from, start), meaning);
    at += start - from;
    cuts.push({ at, length: meaning.length, start, end });
    at += meaning.length;
    from = end;
    if (cuts.length % escapesInStep === 0) yield undefined;
  }
  if (cuts.length === 0) return;
  pieces.push(text.slice(from));
  yield undefined;
  yield spelled(pieces.join(""), part => sourceOf(formerPlace(cuts, part)));
}

function spelled(text: string, sourceOf: Spelling["sourceOf"]): Spelling {
  return { text, isPlain: false, isJson: isJson(text), sourceOf };
}

/** Between texts that have nothing to do with each other: no pattern goes beyond it. */
const gap = "\n\0\n";

/**
 * Parts of a text, without what they are encoded with: those that may be JSON are texts of their own, and all others are one
 * text, with gaps between them.
 */
function* apart(
  whole: Spelling,
  parts: Iterable<Span | undefined>,
  encoding: PartEncoding,
): Iterable<Spelling | undefined> {
  const others: Span[] = [];
  for (const part of parts) {
    if (part === undefined) yield undefined;
    else if (encoding.json.test(whole.text.slice(part.start, part.end))) yield* alone(whole, part, encoding);
    else if (others.push(part) % stringsInStep === 0) yield undefined;
  }
  if (others.length > 0) yield* undone(whole, escapesAround(whole.text, others, encoding));
}

/** So many strings are gone through in one step. */
const stringsInStep = 20_000;

/** What stands between the quotes of each string, names among them, that has something in it that may be encoded. */
function* encodedStringsIn(json: string): Iterable<Span | undefined> {
  const signs = /[\\%&]|=[\da-f]/gi;
  let sign = signs.exec(json)?.index;
  let count = 0;
  for (let start = json.indexOf('"'); start !== -1 && sign !== undefined; count++) {
    if (count % stringsInStep === 0) yield undefined;
    const end = closingQuote(json, start);
    if (sign < end) yield { start: start + 1, end };
    signs.lastIndex = end;
    if (sign < end) sign = signs.exec(json)?.index;
    start = json.indexOf('"', end + 1);
  }
}

/** So many characters at most belong to one component of an address. */
const componentEnd = /[\s&=?#"'<>;,(){}[\]|\\\0]/g;

/** The values of an address, a form or a cookie, names among them, that have something in them that is encoded. */
function* encodedComponentsIn(text: string): Iterable<Span> {
  let from = 0;
  for (let escape = text.indexOf("%"); escape !== -1; escape = text.indexOf("%", from)) {
    let start = escape;
    while (start > from && !isComponentEnd(text[start - 1] ?? "")) start--;
    const end = execAt(componentEnd, text, escape)?.index ?? text.length;
    yield { start, end };
    from = end + 1;
  }
}

function isComponentEnd(character: string): boolean {
  return /[\s&=?#"'<>;,(){}[\]|\\\0]/.test(character);
}

function* alone(
  { text, sourceOf }: Spelling,
  { start, end }: Span,
  encoding: Encoding,
): Iterable<Spelling | undefined> {
  const written = text.slice(start, end);
  const source = (part: Span): Span => sourceOf({ start: part.start + start, end: part.end + start });
  let isEncoded = false;
  for (const each of undone({ ...unread, text: written, sourceOf: source }, escapesIn(written, encoding))) {
    isEncoded ||= each !== undefined;
    yield each;
  }
  if (!isEncoded) yield spelled(written, source);
}

const unread = { isPlain: false, isJson: false } as const;

/** The escapes within some parts of a text, and all that is not in them as gaps. */
function* escapesAround(text: string, parts: readonly Span[], encoding: Encoding): Iterable<Escape> {
  const pattern = new RegExp(encoding.pattern);
  let found = pattern.exec(text);
  let from = 0;
  for (const { start, end } of parts) {
    yield { start: from, end: start, meaning: gap };
    if (found !== null && found.index < start) found = execAt(pattern, text, start);
    for (; found !== null && found.index < end; found = pattern.exec(text)) yield escapeOf(found);
    from = end;
  }
  yield { start: from, end: text.length, meaning: gap };
}

function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function formerPlace(cuts: readonly Cut[], { start, end }: Span): Span {
  const first = lastCut(cuts, start);
  const last = end === start ? first : lastCut(cuts, end - 1);
  return {
    start:
      first === undefined
        ? start
        : start < first.at + first.length
          ? first.start
          : first.end + start - first.at - first.length,
    end: last === undefined ? end : end <= last.at + last.length ? last.end : last.end + end - last.at - last.length,
  };
}

/** The last cut that begins at a place or before. */
function lastCut(cuts: readonly Cut[], place: number): Cut | undefined {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle]?.at ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return cuts[low - 1];
}

/** Seven letters and more; lines may be broken, but a line of two dashes ends a part of a form. */
const base64Run = /[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n(?!--)(?=[A-Za-z0-9+/_-])){6,}={0,2}/g;

/** Runs of base64's letters, of seven and more. */
export function* base64Runs(text: string): Iterable<{ readonly run: string; readonly index: number }> {
  const pattern = new RegExp(base64Run);
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text))
    yield { run: found[0], index: found.index };
}

/** So many runs are looked into in one step. */
const runsInStep = 2_000;

function* base64Within({ text, sourceOf }: Spelling, base64: Base64Reader): Iterable<Spelling | undefined> {
  let runs = 0;
  for (const { run, index } of base64Runs(text)) {
    if (++runs % runsInStep === 0) yield undefined;
    const decoded = base64.textsIn(run);
    if (decoded.length === 0) continue;
    yield undefined;
    const whole = sourceOf({ start: index, end: index + run.length });
    for (const each of decoded)
      yield each.isClosed ? { ...spelled("", () => whole), isClosed: true } : spelled(each.text, () => whole);
  }
}

/** Bytes as the texts that they may be: UTF-8, UTF-16 in either order, and each byte as a character. */
export function textsIn(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const even = buffer.subarray(0, buffer.byteLength & ~1);
  return [
    utf8Decode(bytes),
    even.toString("utf16le"),
    Buffer.from(even).swap16().toString("utf16le"),
    buffer.toString("latin1"),
  ];
}
