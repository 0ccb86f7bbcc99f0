import { utf8Decode, utf8DecodeStrict } from "../../base/bytes.ts";

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
  /** Where a part of it stands in the text that was read. */
  readonly sourceOf: (part: Span) => Span;
}

/** As many encodings, one upon another, are undone. */
const mostLayers = 4;

/** A text in every spelling that a reader may undo: itself first, then without escapes, base64 and quoted-printable. */
export function spellingsOf(text: string): readonly Spelling[] {
  const found: Spelling[] = [{ text, isPlain: true, sourceOf: part => part }];
  const seen = new Set<string>();
  let layer: readonly Spelling[] = found;
  for (let layers = 0; layers < mostLayers; layers++) {
    layer = layer.flatMap(nextSpellings).filter(spelling => isNew(seen, spelling));
    for (const each of layer) found.push(each);
  }
  return found;
}

/** Encodings that were undone in another order give the same again. */
function isNew(seen: Set<string>, { text, sourceOf }: Spelling): boolean {
  const key = `${sourceOf({ start: 0, end: text.length }).start} ${text}`;
  const known = seen.has(key);
  seen.add(key);
  return !known;
}

/** One encoding is undone at a time: what is an escape of one may be half an escape of another. */
function nextSpellings(spelling: Spelling): readonly Spelling[] {
  const undoneOnes = encodings.map(encoding => undone(spelling, encoding)).filter(each => each !== undefined);
  return [...undoneOnes, ...base64Within(spelling)];
}

/** A text without its escapes, however often they were laid upon each other. */
export function withoutEscapes(text: string): string {
  const plain = escapes.reduce((rest, encoding) => rest.replace(encoding, meaningOf), text);
  return plain === text ? text : withoutEscapes(plain);
}

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

/** Those of JSON and JavaScript, of addresses and forms, and of pages. */
const escapes = [
  new RegExp(String.raw`\\u${hex}{4}|\\x${hex}{2}|\\[^ux]`, "gi"),
  new RegExp(characterBehind("%"), "gi"),
  new RegExp(String.raw`&#x0*${hex}{1,6};|&#0*\d{1,7};|&(?:quot|apos|amp|lt|gt);`, "gi"),
];

const encodings = [...escapes, new RegExp(String.raw`=\r?\n|${characterBehind("=")}`, "gi")];

const namedCharacters: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: "&", lt: "<", gt: ">" };
const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** What one escape stands for. */
function meaningOf(escape: string): string {
  switch (escape[0]) {
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
  return utf8DecodeStrict(bytes) ?? bytes.toString("latin1");
}

/** A place where an escape stood: from where on in the new text, how long there, and where in the former one. */
interface Cut extends Span {
  readonly at: number;
  readonly length: number;
}

function undone({ text, sourceOf }: Spelling, encoding: RegExp): Spelling | undefined {
  const pieces: string[] = [];
  const cuts: Cut[] = [];
  let [from, at] = [0, 0];
  for (const { 0: escape, index } of text.matchAll(encoding)) {
    const meaning = meaningOf(escape);
    pieces.push(text.slice(from, index), meaning);
    at += index - from;
    cuts.push({ at, length: meaning.length, start: index, end: index + escape.length });
    at += meaning.length;
    from = index + escape.length;
  }
  if (cuts.length === 0) return undefined;
  pieces.push(text.slice(from));
  return { text: pieces.join(""), isPlain: false, sourceOf: part => sourceOf(formerPlace(cuts, part)) };
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

/** Shorter runs of its letters are words. */
const shortestBase64 = 11;

/** Runs of base64's letters, lines broken or not; a line of two dashes ends a part of a form. */
export const base64Runs = /[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n(?!--)(?=[A-Za-z0-9+/_-]))*={0,2}/g;

function base64Within({ text, sourceOf }: Spelling): readonly Spelling[] {
  const found: Spelling[] = [];
  for (const { 0: run, index } of text.matchAll(base64Runs)) {
    const decoded = run.length < shortestBase64 ? [] : textsInBase64(run);
    if (decoded.length === 0) continue;
    const whole = sourceOf({ start: index, end: index + run.length });
    found.push(...decoded.map(each => ({ text: each, isPlain: false, sourceOf: () => whole })));
  }
  return found;
}

/** Lines may have nothing to do with each other, and some of base64's letters also divide paths and names. */
function textsInBase64(run: string): readonly string[] {
  const whole = textInBase64(run);
  if (whole !== undefined) return [whole];
  const dividers = [/[\r\n]+/, /[/\r\n]+/, /[/_\r\n-]+/].filter(divider => divider.test(run));
  const parts = [...dividers.flatMap(divider => run.split(divider)), ...endsOf(run)];
  const long = [...new Set(parts)].filter(part => part.length >= shortestBase64);
  return long.map(textInBase64).filter(text => text !== undefined);
}

/** Before the base64 there may be a path or a name of so many parts. */
const mostParts = 8;

/** What follows the first dividers: base64 with dividers of its own may be behind a path. */
function endsOf(run: string): readonly string[] {
  const ends: string[] = [];
  for (let at = run.search(/[/_-]/); at !== -1 && ends.length < mostParts; at = nextDivider(run, at + 1))
    ends.push(run.slice(at + 1));
  return ends;
}

function nextDivider(run: string, from: number): number {
  const divider = /[/_-]/g;
  divider.lastIndex = from;
  return divider.exec(run)?.index ?? -1;
}

/** Undefined where a run is a word, or bytes that are no text. */
function textInBase64(run: string): string | undefined {
  const bytes = Buffer.from(run, "base64");
  const text = utf8DecodeStrict(bytes) ?? utf16(bytes);
  return text === undefined || /[\0-\x08\x0e-\x1f\x7f\ufffd]/.test(text) ? undefined : text;
}

function utf16(bytes: Buffer): string | undefined {
  return bytes[1] === 0 ? bytes.toString("utf16le") : undefined;
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
