import { isSecretName, isTokenName } from "./secretNames.ts";
import { type Span, type Spelling, base64Runs, withoutEscapes } from "./spellings.ts";

/** A part of a text that opens something. */
export interface SecretSpan extends Span {
  /** The token of the channel, either of them without quotes in JSON, or anything else. */
  readonly kind: "token" | "bare-token" | "bare" | "other";
}

/** Finds what is secret in one spelling of a text: places are in that spelling. */
type Finder = (text: string) => Iterable<SecretSpan>;

/** What is secret by the name that it stands under, or by its form. */
export function secretsByNameAndForm({ text, isPlain }: Spelling): SecretSpan[] {
  const found = finders.flatMap(find => [...find(text)]);
  // Quotes around what had none would end the text that it is in.
  return isPlain ? found : found.map(span => ({ ...span, kind: kindInText(span.kind) }));
}

function kindInText(kind: SecretSpan["kind"]): SecretSpan["kind"] {
  if (kind === "bare-token") return "token";
  return kind === "bare" ? "other" : kind;
}

/** The values of secret fields of a query or a form, as they are written. */
export function* secretFields(text: string): Iterable<SecretSpan> {
  let at = 0;
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    if (equals > 0 && equals + 1 < pair.length && isSecretName(plain(name)))
      yield spanOf(at + equals + 1, at + pair.length, plain(name));
    at += pair.length + 1;
  }
}

function plain(name: string): string {
  return withoutEscapes(name);
}

function spanOf(start: number, end: number, name: string): SecretSpan {
  return { start, end, kind: isTokenName(name) ? "token" : "other" };
}

/** A name in quotes and a colon: a member of JSON, or of what looks like it. Blanks of forms are signs of plus. */
const memberName = /(["'])((?:(?!\1)[^\\\n]|\\.){1,200})\1[\s+]{0,1000}:[\s+]{0,1000}/g;

function* members(text: string): Iterable<SecretSpan> {
  const pattern = new RegExp(memberName);
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const name = plain(found[2] ?? "");
    if (!isSecretName(name)) continue;
    const value = valueAt(text, pattern.lastIndex, name);
    yield* value.secrets;
    pattern.lastIndex = Math.max(pattern.lastIndex, value.end);
  }
}

/** What is secret in a value, and where the value ends. */
interface SecretValue {
  readonly secrets: readonly SecretSpan[];
  readonly end: number;
}

function valueAt(text: string, at: number, name: string): SecretValue {
  const first = text[at];
  if (first === "[" || first === "{") return leavesOf(text, at);
  if (first !== '"' && first !== "'") return { secrets: [...bareValue(text, at, name)], end: at };
  const end = endOfString(text, at);
  return { secrets: end > at + 1 ? [spanOf(at + 1, end, name)] : [], end };
}

/** Of a number; null and truth values tell nothing. */
function* bareValue(text: string, at: number, name: string): Iterable<SecretSpan> {
  const value = stickyMatch(/[^\s,;&<>"'()[\]{}\\]+/y, text, at);
  if (value === undefined || /^(?:null|true|false|undefined)$/.test(value)) return;
  yield { start: at, end: at + value.length, kind: isTokenName(name) ? "bare-token" : "bare" };
}

/** The end of a string whose quote stands at a place: where its closing quote stands, or the end of the text. */
function endOfString(text: string, at: number): number {
  const end = /["'\\]/g;
  end.lastIndex = at + 1;
  for (let found = end.exec(text); found !== null; found = end.exec(text)) {
    if (found[0] === text[at]) return found.index;
    if (found[0] === "\\") end.lastIndex = found.index + 2;
  }
  return text.length;
}

/** The strings and numbers of a list or an object, but for names. */
function leavesOf(text: string, at: number): SecretValue {
  const tokens = /["']|[[\]{}]|[^\s"'[\]{},:]+/g;
  tokens.lastIndex = at;
  const secrets: SecretSpan[] = [];
  let depth = 0;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found;
    if (token === '"' || token === "'") {
      const end = endOfString(text, found.index);
      tokens.lastIndex = end + 1;
      if (isValue(text, found.index, end)) secrets.push({ start: found.index + 1, end, kind: "other" });
    } else if (/[[{]/.test(token)) depth++;
    else if (/[\]}]/.test(token)) depth--;
    else secrets.push(...bareValue(text, found.index, ""));
    if (depth === 0) return { secrets, end: tokens.lastIndex };
  }
  return { secrets, end: text.length };
}

/** Whether a string is no name: no colon follows it. */
function isValue(text: string, start: number, end: number): boolean {
  return end > start + 1 && stickyMatch(/\s{0,1000}:/y, text, end + 1) === undefined;
}

function stickyMatch(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** `name=value`, in addresses, in cookies, in attributes of a page. */
const parameterName = /(?<=^|[&?;#\s"'(,>/])([^\s=&?;#"'(),<>/]{1,200})=/g;

function* parameters(text: string): Iterable<SecretSpan> {
  for (const { 1: name = "", index, 0: all } of text.matchAll(parameterName)) {
    if (!isSecretName(plain(name))) continue;
    const at = index + all.length;
    const isQuoted = text[at] === '"' || text[at] === "'";
    const end = isQuoted ? endOfString(text, at) : at + (stickyMatch(/[^&;\s"'<>\\]*/y, text, at) ?? "").length;
    const start = isQuoted ? at + 1 : at;
    if (end > start) yield spanOf(start, end, plain(name));
  }
}

const elementName = /<([\w.:-]{1,200})(?:\s[^<>]{0,1000})?>(?:<!\[CDATA\[)?(?=[^<])/g;

function* elements(text: string): Iterable<SecretSpan> {
  for (const { 1: name = "", index, 0: all } of text.matchAll(elementName)) {
    const at = index + all.length;
    const value = isSecretName(name) ? (stickyMatch(/[^<\]]+/y, text, at) ?? "") : "";
    if (value.trim() !== "") yield spanOf(at, at + value.length, name);
  }
}

const partHead = /^content-disposition:([^\r\n]{0,1000})(?:\r?\n[^\r\n]{1,1000}){0,10}\r?\n\r?\n/gim;
const partName = /\bname=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i;

/** Fields of a form in parts. */
function* formParts(text: string): Iterable<SecretSpan> {
  for (const { 1: head = "", index, 0: all } of text.matchAll(partHead)) {
    const [, quoted, bare = ""] = partName.exec(head) ?? [];
    const name = plain(quoted ?? bare);
    const start = index + all.length;
    const end = isSecretName(name) ? endOfPart(text, start) : start;
    if (end > start) yield spanOf(start, end, name);
  }
}

function endOfPart(text: string, start: number): number {
  const next = text.indexOf("\n--", start);
  if (next === -1) return text.length;
  return text[next - 1] === "\r" ? next - 1 : next;
}

/** Name and value as two values: `{"name":"x","value":"y"}`, `["x","y"]`. */
const namedPair =
  /(?:\b(?:name|key|header|field)["']?\s{0,20}[:=]\s{0,20}|\[\s{0,20})(["'])([^"'\\]{1,200})\1\s{0,20},?\s{0,20}(?:["']?value["']?\s{0,20}[:=]\s{0,20})?(?=["'])/gi;

function* pairs(text: string): Iterable<SecretSpan> {
  for (const { 2: name = "", index, 0: all } of text.matchAll(namedPair)) {
    const at = index + all.length;
    const end = isSecretName(name) ? endOfString(text, at) : 0;
    if (end > at + 1) yield spanOf(at + 1, end, name);
  }
}

/** A header in a line of its own. Codes of errors, such as INVALID_TOKEN, are followed by sentences. */
const headerLine = /^[\t >*-]{0,20}([A-Za-z][\w-]{0,100}):[\t ]{1,20}(?=\S)/gm;

function* headerLines(text: string): Iterable<SecretSpan> {
  for (const { 1: name = "", index, 0: all } of text.matchAll(headerLine)) {
    if (/^[A-Z]+(?:_[A-Z]+)+$/.test(name) || !isSecretName(name)) continue;
    const at = index + all.length;
    yield spanOf(at, at + (stickyMatch(/[^\r\n]+/y, text, at) ?? "").length, "");
  }
}

/** As programs write it: a word of letters and digits behind a name. */
const saidName = /([\w-]{1,100})["']?\s{0,20}:\s{1,20}(?=[^\s"',;<>]{0,100}\d)([^\s"',;<>]{6,})/g;

function* saidValues(text: string): Iterable<SecretSpan> {
  for (const { 1: name = "", 2: value = "", index, 0: all } of text.matchAll(saidName)) {
    if (isSecretName(name)) yield spanOf(index + all.length - value.length, index + all.length, "");
  }
}

/** Values that open something wherever they stand: OAuth's, Zoho's tokens, JWTs, and the password of an address. */
const secretForms = [
  /(?<=\b(?:Bearer|Basic)\s{1,20})[\w+/=.~-]{16,}/gi,
  /(?<=\bZoho-(?:oauth|auth)token\s{1,20})[^\s"'\\,;]+/gi,
  /\b1\d{3}\.[0-9a-f]{32}\.[0-9a-f]{32}\b/gi,
  // As long as heads of JWTs are: where any length would do, a text of nothing but beginnings takes time by its square.
  /\beyJ[\w-]{8,512}\.[\w-]{8,}\.[\w-]*/g,
  /(?<=:\/\/[^\s/:@"']{0,100}:)[^\s/@"']+(?=@)/g,
];

function* byForm(text: string): Iterable<SecretSpan> {
  for (const form of secretForms) {
    for (const { 0: value, index } of text.matchAll(form)) yield spanOf(index, index + value.length, "");
  }
}

const finders: readonly Finder[] = [members, parameters, elements, formParts, pairs, headerLines, saidValues, byForm];

/** A value that is known to open something, in the forms in which it is looked for. */
export interface KnownValue {
  readonly value: string;
  /** What of its base64 is the same whatever stands around it. */
  readonly cores: readonly string[];
  readonly kind: "token" | "other";
}

/** Shorter values are hidden by name only: not every “1” of a text is the token “1”. */
const shortestKnown = 6;

/** Undefined where a value is too short to be told from other text. */
export function knownValue(value: string, kind: KnownValue["kind"]): KnownValue | undefined {
  if (value.length < shortestKnown) return undefined;
  return { kind, value, cores: base64Cores(value) };
}

function base64Cores(value: string): readonly string[] {
  const bytes = Buffer.from(value, "utf8");
  return [0, 1, 2].flatMap(offset => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const from = Math.ceil((offset * 8) / 6);
    const core = shifted.toString("base64").slice(from, Math.floor((shifted.byteLength * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** Where known values stand in one spelling of a text, or the beginning of one where the text is cut. */
export function* knownIn(text: string, known: readonly KnownValue[]): Iterable<SecretSpan> {
  for (const { value, kind } of known) {
    // A blank is a plus in forms.
    const isBlank = value.includes(" ");
    yield* isBlank ? occurrences(withBlanks(text), withBlanks(value), kind) : occurrences(text, value, kind);
  }
  yield* knownInBase64(text, known);
}

function withBlanks(text: string): string {
  return text.replaceAll("+", " ");
}

function* occurrences(text: string, value: string, kind: KnownValue["kind"]): Iterable<SecretSpan> {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length))
    yield { start: at, end: at + value.length, kind };
  const beginning = cutAtEnd(text, value);
  if (beginning > 0) yield { start: text.length - beginning, end: text.length, kind: "other" };
}

/** How many characters of a value a text ends with. */
function cutAtEnd(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length >= shortestKnown; length--) {
    if (text.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}

function* knownInBase64(text: string, known: readonly KnownValue[]): Iterable<SecretSpan> {
  if (known.length === 0) return;
  const cores = known.flatMap(value => value.cores);
  for (const { 0: run, index } of text.matchAll(base64Runs)) {
    if (run.length < shortestKnown) continue;
    const letters = run.replaceAll(/[\r\n]/g, "");
    if (cores.some(core => letters.includes(core))) yield { start: index, end: index + run.length, kind: "other" };
  }
}
