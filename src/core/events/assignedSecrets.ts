import { type NextPlace, nextPlace } from "./nextPlace.ts";
import { closingQuote, isEscaped } from "./quotedText.ts";
import { isSecretName } from "./secretNames.ts";
import { type Finding, type Findings, type SecretSpan, bareValue, leavesOf, matchAt, namedSpan } from "./secretSpan.ts";
import { withoutEscapes } from "./spellings.ts";
import { sectionEnds } from "./textSections.ts";

/** So many characters are looked at in one step, or so many signs, around each of which some hundreds are. */
const charactersInStep = 200_000;
const signsInStep = 1_000;

/**
 * What is assigned to a secret name by a colon or a sign of equality, as in members of JSON that is broken or written by
 * hand, in YAML, in files of settings, in headers, in addresses, cookies and attributes, and in what programs log.
 * In JSON that is whole, what stands within its strings.
 */
export function* assignedSecrets(text: string, isJson: boolean): Findings {
  const signs = /[:=]/g;
  const places = placesIn(text, isJson);
  let [count, from] = [0, 0];
  for (let sign = signs.exec(text)?.index; sign !== undefined; sign = signs.exec(text)?.index) {
    if (++count % signsInStep === 0 || sign - from > charactersInStep) {
      yield undefined;
      from = sign;
    }
    const end = yield* assignedAt(text, sign, isJson, places);
    signs.lastIndex = Math.max(sign + 1, end);
  }
}

/** What ends something, each looked for once on the way through a text. */
interface Places {
  /** Where a string of JSON ends, or a text that has nothing to do with the next. */
  readonly section: NextPlace;
  readonly line: NextPlace;
  readonly tag: NextPlace;
  readonly escape: NextPlace;
}

function placesIn(text: string, isJson: boolean): Places {
  return {
    section: sectionEnds(text, isJson),
    line: nextPlace(text, /[\r\n]/),
    tag: nextPlace(text, "<"),
    escape: nextPlace(text, "\\"),
  };
}

function* assignedAt(text: string, sign: number, isJson: boolean, places: Places): Finding {
  // Members of JSON are read as such.
  if (isJson && text[sign - 1] === '"') return 0;
  const name = nameBefore(text, sign);
  if (name === undefined || !isSecretName(name.plain) || isKeyOfTag(text, name)) return 0;
  const end = places.section.after(sign);
  if (isJson && isReadElsewhere(text, name, sign, Math.min(end, places.escape.after(sign)) < end)) return 0;
  const isColon = text[sign] === ":";
  return yield* valueOf({ text: text.slice(0, end), isJson, sign, name, isColon, places });
}

/** Whether a name is the attribute `key` of a tag that has the value of what is called so as another, as settings of .NET. */
function isKeyOfTag(text: string, { start, plain }: Name): boolean {
  if (plain.toLowerCase() !== "key") return false;
  const before = text.slice(Math.max(0, start - longestTag), start);
  const begin = before.lastIndexOf("<");
  if (begin === -1) return false;
  const tag = before.slice(begin) + (matchAt(/[^<>]{0,1000}/y, text, start) ?? "");
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

/** So many are counted before a quote. */
const mostBackslashes = 1_001;

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
  return sign - at <= 2 && text[sign] === "=" && /[:=!]/.test(text[at] ?? "");
}

function quotedName(text: string, close: number): Name | undefined {
  for (let at = close - 1; at >= Math.max(0, close - longestName - 1); at--) {
    // An apostrophe is no quotation mark.
    if (text[at] === "\n" || (text[at] === '"' && text[close] === "'")) return undefined;
    if (text[at] !== text[close] || isEscaped(text, at, at - mostBackslashes)) continue;
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
  /** Up to where the section ends that the sign is in. */
  readonly text: string;
  readonly isJson: boolean;
  readonly sign: number;
  readonly name: Name;
  readonly isColon: boolean;
  readonly places: Places;
}

/** Members of JSON are read as such, and strings with escapes without them. */
function isReadElsewhere(text: string, name: Name, sign: number, isEscapeBehind: boolean): boolean {
  return text[name.end - 1] === '"' || isEscapeBehind || text.slice(name.start, sign).includes("\\");
}

function valueOf(assignment: Assignment): Finding {
  if (!assignment.isColon) return afterEquals(assignment);
  return assignment.name.isQuoted ? afterQuotedName(assignment) : afterBareColon(assignment);
}

function* span(start: number, end: number, { plain }: Pick<Name, "plain">): Finding {
  if (end <= start) return 0;
  yield namedSpan(start, end, plain);
  return end;
}

/** A member of what looks like JSON. */
function* afterQuotedName({ text, sign, name }: Assignment): Finding {
  const at = afterBlanks(/[\s+]{0,1000}/y, text, sign + 1);
  const first = text[at];
  if (first === "[" || first === "{") return yield* leavesOf(text, at);
  if (isQuote(first)) return yield* span(at + 1, closingQuote(text, at), name);
  yield* bareValue(text, at, name.plain);
  return at;
}

/** `name=value`, and `name = value`, `name => value` as people and programs write it. */
function* afterEquals(assignment: Assignment): Finding {
  const { text, isJson, sign, name } = assignment;
  const behind = afterBlanks(/[=>~]{0,2}/y, text, sign + 1);
  const at = afterBlanks(/[ \t]{0,1000}/y, text, behind);
  const first = text[at];
  if (isQuote(first)) return yield* span(at + 1, closingQuote(text, at), name);
  const isWide = at > behind || name.end < sign;
  if (isWide && (first === "[" || first === "{")) return yield* leavesOf(text, at);
  const rest = beginsLine(text, name.start, isJson) ? lineFrom(assignment, at) : "";
  const value = isWholeLine(rest, isWide) ? rest : "";
  return yield* span(at, at + (value === "" ? (matchAt(wordValue, text, at) ?? "") : value).length, name);
}

/** In an address an apostrophe is a character as others, unless what the address is in ends with it. */
const wordValue = /(?:[^&;\s"'<>\\]|'(?![\s"'<>,;)\]}]|$))*/y;

/** What follows may have blanks in it where nothing else is assigned in the same line. */
function isWholeLine(rest: string, isWide: boolean): boolean {
  return isWide || !/[<>"'\\]|[&;,\s][\w.%[\]-]{1,100}=/.test(rest);
}

/** A header, a line of YAML, a member without quotes, or a word that something said. */
function* afterBareColon(assignment: Assignment): Finding {
  const { text, isJson, sign, name } = assignment;
  if (/[:/]/.test(text[sign + 1] ?? "")) return 0;
  const at = afterBlanks(/[\t ]{0,1000}/y, text, sign + 1);
  const first = text[at];
  if (isQuote(first) && !isQuote(text[name.start - 1])) return yield* span(at + 1, closingQuote(text, at), name);
  if (beginsLine(text, name.start, isJson)) return yield* restOfLine(assignment, at);
  if (isInBraces(text, name.start)) return yield* inBraces(assignment, at);
  const word = matchAt(/(?=[^\s"',;<>]{0,100}\d)[^\s"',;<>]{6,}/y, text, at) ?? "";
  return yield* span(at, at + word.length, { plain: "" });
}

/** Codes of errors, such as INVALID_TOKEN, are followed by sentences. */
function* restOfLine(assignment: Assignment, at: number): Finding {
  const { text, isJson, name } = assignment;
  const rest = lineFrom(assignment, at);
  if (/^[A-Z]+(?:_[A-Z]+)+$/.test(name.plain) && rest.includes(" ")) return 0;
  if (!isJson && /^(?:[|>][-+\d]{0,2})?$/.test(rest)) return yield* indentedLines(text, name.start, at + rest.length);
  if (/^[[{]/.test(rest)) return yield* leavesOf(text, at);
  return yield* span(at, at + rest.length, { plain: "" });
}

/** So many lines are gone through in one step. */
const linesInStep = 1_000;

/** In YAML what belongs to a name may be in the lines below it that are indented deeper. */
function* indentedLines(text: string, start: number, from: number): Finding {
  const own = isBehindTag(text, start) ? 0 : indentOf(text, start);
  const line = new RegExp(String.raw`\r?\n([\t ]{${own + 1},1000})([^\r\n]+)`, "y");
  let [end, lines] = [from, 0];
  line.lastIndex = from;
  for (let found = line.exec(text); found !== null; found = line.exec(text)) {
    const [all, , words = ""] = found;
    end += all.length;
    yield { start: end - words.length, end, kind: "other" } satisfies SecretSpan;
    if (++lines % linesInStep === 0) yield undefined;
  }
  return end;
}

/** How much stands in its line before a name that is the first there. */
function indentOf(text: string, start: number): number {
  const before = text.slice(Math.max(0, start - longestLead), start);
  return (/[^\r\n\0]*$/.exec(before)?.[0] ?? "").length;
}

/** `{a: 1, name: value}` without quotes. */
function* inBraces({ text, name }: Assignment, at: number): Finding {
  const first = text[at];
  if (first === "[" || first === "{") return yield* leavesOf(text, at);
  const value = (matchAt(/[^,}\]\r\n"]*/y, text, at) ?? "").trimEnd();
  return /^(?:null|true|false|undefined|)$/.test(value) ? 0 : yield* span(at, at + value.length, name);
}

/** Whether a brace is open in the line, and what stands before a name is it or a comma. */
function isInBraces(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - longestTag), start);
  const line = before.slice(before.lastIndexOf("\n") + 1).trimEnd();
  return /[{,]/.test(line.at(-1) ?? "") && line.includes("{");
}

/** What may stand in front of the first name of a line, in characters. */
const longestLead = 30;

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
function lineFrom({ text, name, places }: Assignment, at: number): string {
  const end = isBehindTag(text, name.start)
    ? Math.min(places.line.after(at), places.tag.after(at))
    : places.line.after(at);
  return text.slice(at, end).trimEnd();
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
