import { closingQuote } from "./quotedText.ts";
import { isSecretLabel, mayBeName, roleOf } from "./secretNames.ts";
import { type Findings, bareValue, leavesOf, matchAt, namedSpan } from "./secretSpan.ts";
import { type Span, withoutEscapes } from "./spellings.ts";

/** So many values are looked at in one step. */
const valuesInStep = 10_000;

/**
 * What is secret in a text that is JSON: what stands under a secret name, and what a member or an item beside it says to be
 * secret, as in `{"name":"password","value":"…"}` and `[["Cookie","…"]]`.
 */
export function* secretsInJson(text: string): Findings {
  const walk = new JsonWalk(text);
  for (let values = 1; walk.readValue(); values++) if (values % valuesInStep === 0) yield undefined;
  walk.closeAll();
  let end = 0;
  for (const value of walk.secrets.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (value.start < end) continue;
    yield* secretsInValue(text, value);
    yield undefined;
    end = value.end;
  }
}

/** A value that is secret as a whole. */
interface SecretValue extends Span {
  readonly name: string;
}

function secretsInValue(text: string, { start, end, name }: SecretValue): Findings {
  const first = text[start];
  if (first === "[" || first === "{") return leavesOf(text, start);
  if (first !== '"') return bareValue(text, start, name);
  return end - start > 2 ? [namedSpan(start + 1, end - 1, name)] : [];
}

/** An object or a list that is being read. */
interface Open {
  readonly start: number;
  readonly isList: boolean;
  /** A list of names and values in turn, such as Node's `rawHeaders`. */
  readonly isFlat: boolean;
  /** Of an object: the name of the member whose value comes next. */
  name: string | undefined;
  /** What a member calls the value beside it, where that is the name of a secret. */
  label: string | undefined;
  /** What a label would speak of. */
  readonly values: SecretValue[];
  /** A member that is called `key`: a secret, unless it is the label of a value. */
  key: SecretValue | undefined;
  /** Of a list: how many items it has, and the first two. */
  count: number;
  readonly items: Span[];
}

/** Goes through a text that is known to be JSON, value by value, and writes down which are secret. */
class JsonWalk {
  readonly secrets: SecretValue[] = [];
  readonly #text: string;
  readonly #open: Open[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** False at the end of the text. */
  readValue(): boolean {
    for (; this.#at < this.#text.length; this.#at++) {
      switch (this.#text.charCodeAt(this.#at)) {
        case 0x22:
          return this.#readString();
        case 0x7b:
        case 0x5b:
          return this.#begin(this.#text[this.#at] === "[");
        case 0x7d:
        case 0x5d:
          return this.#close();
        case 0x20:
        case 0x2c:
        case 0x09:
        case 0x0a:
        case 0x0d:
          break;
        default:
          return this.#readWord();
      }
    }
    return false;
  }

  #readString(): true {
    const start = this.#at;
    const end = closingQuote(this.#text, start) + 1;
    const inside = this.#open.at(-1);
    this.#at = end;
    if (inside === undefined || inside.isList || inside.name !== undefined) return this.#took({ start, end });
    inside.name = plainName(this.#text.slice(start + 1, end - 1));
    this.#at = this.#text.indexOf(":", end) + 1;
    return true;
  }

  #readWord(): true {
    const start = this.#at;
    this.#at += (matchAt(/[^\s,\]}]+/y, this.#text, start) ?? " ").length;
    return this.#took({ start, end: this.#at });
  }

  #begin(isList: boolean): true {
    const name = this.#open.at(-1)?.name;
    const isFlat = isList && name !== undefined && /headers$/i.test(name);
    const inside = { name: undefined, label: undefined, values: [], key: undefined, count: 0, items: [] };
    this.#open.push({ start: this.#at++, isList, isFlat, ...inside });
    return true;
  }

  /** What is open at the end of a text that is cut ends there. */
  closeAll(): void {
    while (this.#open.length > 0) this.#close();
  }

  #close(): true {
    const closed = this.#open.pop();
    this.#at++;
    if (closed === undefined) return true;
    const { label, key } = closed;
    if (label !== undefined) for (const value of closed.values) this.secrets.push({ ...value, name: label });
    if (key !== undefined && !this.#isLabel(key, closed.values)) this.secrets.push(key);
    if (closed.isList && !closed.isFlat) this.#takeCouple(closed);
    return this.#took({ start: closed.start, end: this.#at });
  }

  /** A value has been read, to what it is in. */
  #took(value: Span): true {
    const inside = this.#open.at(-1);
    if (inside === undefined) return true;
    if (inside.isList) this.#takeItem(inside, value);
    else this.#takeMember(inside, value, inside.name ?? "");
    inside.name = undefined;
    return true;
  }

  #takeItem(list: Open, value: Span): void {
    if (list.count++ < 2 || list.isFlat) list.items[(list.count - 1) % 2] = value;
    if (list.isFlat && list.count % 2 === 0) this.#takePair(list.items);
  }

  #takeMember(object: Open, { start, end }: Span, name: string): void {
    const { isSecret, isLabel, isValue } = roleOf(name);
    const value = { start, end, name };
    if (/^key$/i.test(name) && this.#text[start] === '"') object.key = value;
    else if (isSecret) this.secrets.push(value);
    if (isLabel) object.label ??= this.#secretLabel(value);
    else if (isValue) object.values.push(value);
  }

  /** A member `key` is the label of a string beside it, where it may be a name. */
  #isLabel(key: SecretValue, values: readonly SecretValue[]): boolean {
    const named = values.filter(value => /^(?:v|val|values?)$/i.test(value.name));
    if (this.#secretLabel(key) !== undefined && values.length > 0) return true;
    return mayBeName(this.#plain(key)) && named.some(value => this.#text[value.start] === '"');
  }

  /** The first two of a list, as `["Cookie","…"]`: all of two names is a list of names, unless it is one of several. */
  #takeCouple({ items, count }: Open): void {
    const [, value] = items;
    if (value === undefined) return;
    const isOneOfSeveral = this.#open.at(-1)?.isList === true;
    const isCouple = count === 2 && isOneOfSeveral;
    const mayBeCouple = (count === 2 || isOneOfSeveral) && this.#text[value.start] === '"';
    if (isCouple || (mayBeCouple && !mayBeName(this.#plain(value)))) this.#takePair(items);
  }

  #plain({ start, end }: Span): string {
    return plainName(this.#text.slice(start + 1, Math.min(end - 1, start + longestLabel)));
  }

  #takePair([label, value]: readonly Span[]): void {
    const name = label && this.#secretLabel(label);
    if (name !== undefined && value !== undefined) this.secrets.push({ ...value, name });
  }

  /** A short string that is the name of something secret. */
  #secretLabel({ start, end }: Span): string | undefined {
    if (this.#text[start] !== '"' || end - start > longestLabel) return undefined;
    const label = this.#plain({ start, end });
    return isSecretLabel(label) ? label : undefined;
  }
}

/** In characters, with escapes. */
const longestLabel = 400;

function plainName(written: string): string {
  return /[\\%&]/.test(written) ? withoutEscapes(written) : written;
}
