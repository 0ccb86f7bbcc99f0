import { closingQuote, endOfString, isEscaped } from "./quotedText.ts";
import { isSecretName } from "./secretNames.ts";
import { type Findings, type SecretSpan, bareValue, leavesOf, matchAt, namedSpan } from "./secretSpan.ts";
import { withoutEscapes } from "./spellings.ts";

/** So many characters are looked at in one step. */
const charactersInStep = 200_000;

const colon = 0x3a;
const equals = 0x3d;

/**
 * What is assigned to a secret name by a colon or a sign of equality, as in members of JSON that is broken or written by
 * hand, in YAML, in files of settings, in headers, in addresses, cookies and attributes, and in what programs log.
 * In JSON that is whole, what stands within its strings.
 */
export function* assignedSecrets(text: string, isJson: boolean): Findings {
  for (let sign = 0; sign < text.length; sign++) {
    if (sign % charactersInStep === 0) yield undefined;
    const character = text.charCodeAt(sign);
    if (character !== colon && character !== equals) continue;
    // Members of JSON are read as such.
    if (isJson && text[sign - 1] === '"') continue;
    const name = nameBefore(text, sign);
    if (name === undefined || !isSecretName(name.plain) || isKeyOfTag(text, name)) continue;
    const upToEnd = textUpToEnd(text, sign, isJson);
    if (isJson && isReadElsewhere(upToEnd, name)) continue;
    const value = valueOf({ text: upToEnd, isJson, sign, name, isColon: character === colon });
    yield* value.secrets;
    sign = Math.max(sign, value.end - 1);
  }
}

/** Whether a name is the attribute `key` of a tag that has the value of what is called so as another, as settings of .NET. */
function isKeyOfTag(text: string, { start, plain }: Name): boolean {
  if (plain.toLowerCase() !== "key") return false;
  const before = text.slice(Math.max(0, start - longestTag), start);
  const tag = before.slice(before.lastIndexOf("<")) + (matchAt(/[^<>]{0,1000}/y, text, start) ?? "");
  return /^<[^<>]*\svalue\s*=/i.test(tag);
}

const longestTag = 1_000;

/** A name in front of a sign. */
interface Name {
  readonly start: number;
  /** Where it ends, with its quote. */
  readonly end: number;
  readonly isQuoted: boolean;
  /** Without escapes. */
  readonly plain: string;
}

const longestName = 200;

/** So many blanks may stand around a sign; of forms they are signs of plus. */
const mostBlanks = 1_000;

function nameBefore(text: string, sign: number): Name | undefined {
  let end = sign;
  while (end > 0 && isPartOfSign(text, end - 1, sign)) end--;
  const blanksEnd = end;
  while (end > 0 && blanksEnd - end < mostBlanks && /[\s+]/.test(text[end - 1] ?? "")) end--;
  const last = text[end - 1];
  return isQuote(last) ? quotedName(text, end - 1) : bareName(text, end);
}

/** As in `:=` and `==`. */
function isPartOfSign(text: string, at: number, sign: number): boolean {
  return sign - at <= 2 && text.charCodeAt(sign) === equals && /[:=!]/.test(text[at] ?? "");
}

function quotedName(text: string, close: number): Name | undefined {
  for (let at = close - 1; at >= Math.max(0, close - longestName - 1); at--) {
    // An apostrophe is no quotation mark.
    if (text[at] === "\n" || (text[at] === '"' && text[close] === "'")) return undefined;
    if (text[at] !== text[close] || isEscaped(text, at, -1)) continue;
    return { start: at, end: close + 1, isQuoted: true, plain: plainName(text.slice(at + 1, close)) };
  }
  return undefined;
}

function bareName(text: string, end: number): Name | undefined {
  let start = end;
  while (start > 0 && !/[\s=&?;#"'(),<>/:{}]/.test(text[start - 1] ?? ""))
    if (end - --start > longestName) return undefined;
  return start === end ? undefined : { start, end, isQuoted: false, plain: plainName(text.slice(start, end)) };
}

function plainName(written: string): string {
  return /[\\%&]/.test(written) ? withoutEscapes(written) : written;
}

/** A sign between a name and a value. */
interface Assignment {
  readonly text: string;
  readonly isJson: boolean;
  readonly sign: number;
  readonly name: Name;
  readonly isColon: boolean;
}

interface AssignedValue {
  readonly secrets: Iterable<SecretSpan>;
  /** Where to go on. */
  readonly end: number;
}

/** A text up to where the string of JSON ends that a sign is in, or up to the next gap. */
function textUpToEnd(text: string, sign: number, isJson: boolean): string {
  const end = isJson ? endOfString(text, sign) : text.indexOf("\0", sign);
  return end === -1 ? text : text.slice(0, end);
}

/** Members of JSON are read as such, and strings with escapes without them. */
function isReadElsewhere(text: string, name: Name): boolean {
  return text[name.end - 1] === '"' || text.includes("\\", name.start);
}

function valueOf(assignment: Assignment): AssignedValue {
  if (!assignment.isColon) return afterEquals(assignment);
  return assignment.name.isQuoted ? afterQuotedName(assignment) : afterBareColon(assignment);
}

const nothing: AssignedValue = { secrets: [], end: 0 };

function span(start: number, end: number, { plain }: Name): AssignedValue {
  return end > start ? { secrets: [namedSpan(start, end, plain)], end } : nothing;
}

/** A member of what looks like JSON. */
function afterQuotedName({ text, sign, name }: Assignment): AssignedValue {
  const at = afterBlanks(/[\s+]{0,1000}/y, text, sign + 1);
  const first = text[at];
  if (first === "[" || first === "{") return leavesOf(text, at);
  if (isQuote(first)) return span(at + 1, closingQuote(text, at), name);
  return { secrets: [...bareValue(text, at, name.plain)], end: at };
}

/** `name=value`, and `name = value`, `name => value` as people and programs write it. */
function afterEquals({ text, isJson, sign, name }: Assignment): AssignedValue {
  const behind = afterBlanks(/[=>~]{0,2}/y, text, sign + 1);
  const at = afterBlanks(/[ \t]{0,1000}/y, text, behind);
  const first = text[at];
  if (isQuote(first)) return span(at + 1, closingQuote(text, at), name);
  const isWide = at > behind || name.end < sign;
  if (isWide && (first === "[" || first === "{")) return leavesOf(text, at);
  const rest = lineFrom(text, name, at);
  const isAlone = beginsLine(text, name.start, isJson) && isWholeLine(rest, isWide);
  return span(at, at + (isAlone ? rest : (matchAt(wordValue, text, at) ?? "")).length, name);
}

/** In an address an apostrophe is a character as others, unless what the address is in ends with it. */
const wordValue = /(?:[^&;\s"'<>\\]|'(?![\s"'<>,;)\]}]|$))*/y;

/** What follows may have blanks in it where nothing else is assigned in the same line. */
function isWholeLine(rest: string, isWide: boolean): boolean {
  return isWide || !/[<>"'\\]|[&;,\s][\w.%[\]-]{1,100}=/.test(rest);
}

/** A header, a line of YAML, a member without quotes, or a word that something said. */
function afterBareColon(assignment: Assignment): AssignedValue {
  const { text, isJson, sign, name } = assignment;
  if (/[:/]/.test(text[sign + 1] ?? "")) return nothing;
  const at = afterBlanks(/[\t ]{0,1000}/y, text, sign + 1);
  const first = text[at];
  if (isQuote(first) && !isQuote(text[name.start - 1])) return span(at + 1, closingQuote(text, at), name);
  if (beginsLine(text, name.start, isJson)) return restOfLine(assignment, at);
  if (isInBraces(text, name.start)) return inBraces(assignment, at);
  const word = matchAt(/(?=[^\s"',;<>]{0,100}\d)[^\s"',;<>]{6,}/y, text, at) ?? "";
  return span(at, at + word.length, { ...name, plain: "" });
}

/** Codes of errors, such as INVALID_TOKEN, are followed by sentences. */
function restOfLine({ text, isJson, name }: Assignment, at: number): AssignedValue {
  const rest = lineFrom(text, name, at);
  if (/^[A-Z]+(?:_[A-Z]+)+$/.test(name.plain) && rest.includes(" ")) return nothing;
  if (!isJson && /^(?:[|>][-+\d]{0,2})?$/.test(rest)) return indentedLines(text, name.start, at + rest.length);
  if (/^[[{]/.test(rest)) return leavesOf(text, at);
  return span(at, at + rest.length, { ...name, plain: "" });
}

/** In YAML what belongs to a name may be in the lines below it that are indented deeper. */
function indentedLines(text: string, start: number, from: number): AssignedValue {
  const own = isBehindTag(text, start) ? 0 : start - 1 - text.lastIndexOf("\n", start - 1);
  const line = new RegExp(String.raw`\r?\n([\t ]{${own + 1},1000})([^\r\n]+)`, "y");
  const secrets: SecretSpan[] = [];
  line.lastIndex = from;
  for (let found = line.exec(text), end = from; found !== null; found = line.exec(text)) {
    const [all, , words = ""] = found;
    end += all.length;
    secrets.push({ start: end - words.length, end, kind: "other" });
  }
  return { secrets, end: secrets.at(-1)?.end ?? from };
}

/** `{a: 1, name: value}` without quotes. */
function inBraces({ text, name }: Assignment, at: number): AssignedValue {
  const first = text[at];
  if (first === "[" || first === "{") return leavesOf(text, at);
  const value = (matchAt(/[^,}\]\r\n"]*/y, text, at) ?? "").trimEnd();
  return /^(?:null|true|false|undefined|)$/.test(value) ? nothing : span(at, at + value.length, name);
}

/** Whether a brace is open in the line, and what stands before a name is it or a comma. */
function isInBraces(text: string, start: number): boolean {
  const from = Math.max(text.lastIndexOf("\n", start - 1) + 1, start - 1_000);
  const before = text.slice(from, start);
  return /[{,]\s*$/.test(before) && before.includes("{");
}

/** Whether a name is the first in its line, but for what lists, quotations and shells have in front of it. */
function beginsLine(text: string, start: number, isJson: boolean): boolean {
  let at = start;
  while (at > 0 && start - at < 20 && /[\t >*$-]/.test(text[at - 1] ?? "")) at--;
  const before = text.slice(Math.max(0, at - 7), at);
  const word = /(?:^|[\r\n\0"])(?:export|set|const|let|var)$/.exec(before);
  const first = word === null ? at : at - word[0].replace(/^[\r\n\0"]/, "").length;
  const previous = text[first - 1];
  if (first < start && isBehindTag(text, start)) return true;
  return previous === undefined || /[\r\n\0\ufeff]/.test(previous) || (isJson && previous === '"');
}

/** The rest of a line, or of the text between two tags. */
function lineFrom(text: string, name: Name, at: number): string {
  const line = isBehindTag(text, name.start) ? /[^\r\n<]*/y : /[^\r\n]*/y;
  return (matchAt(line, text, at) ?? "").trimEnd();
}

/** Whether the text of an element begins at a place. */
function isBehindTag(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - longestTag), start).trimEnd();
  return before.endsWith(">") && /<[^<>\r\n]*>$/.test(before.slice(before.lastIndexOf("<")));
}

function afterBlanks(blanks: RegExp, text: string, at: number): number {
  return at + (matchAt(blanks, text, at) ?? "").length;
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'";
}
