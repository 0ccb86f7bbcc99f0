import { JsonTable } from "./jsonTable.ts";

/** What is wrong with a text that is not JSON. */
export type JsonFaultKind =
  "end" | "character" | "string-end" | "string-control" | "escape" | "number" | "key" | "colon" | "comma" | "rest";

/** Why a text is not JSON, and the character offset at which that shows. */
export interface JsonFault {
  readonly kind: JsonFaultKind;
  readonly position: number;
}

/** The text may be JSON, and has more than {@link mostValues}. */
export interface TooManyValues {
  readonly kind: "too-many";
}

/** More values than this are not taken in: their places alone would fill a small machine's memory. */
export const mostValues = 2_000_000;

type Expected = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma-or-end" | "rest" | "string";

const quote = 0x22;
const backslash = 0x5c;

/**
 * Reads a JSON text once, a piece at a time, and writes down where each value is. Strict as RFC 8259 has it. No depth of
 * nesting and no length of a string makes a piece longer than was asked for.
 */
export class JsonScanner {
  readonly table = new JsonTable();
  readonly #text: string;
  #at = 0;
  #expected: Expected = "value";
  /** The object or array that is being read, or -1. */
  #inside = -1;
  /** Where the key of the value to come begins, or -1. */
  #key = -1;
  /** The string that is being read is a key, or the value with this number. */
  #string: "key" | number = "key";
  #fault: JsonFault | TooManyValues | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Why it was not read to the end. */
  get fault(): JsonFault | TooManyValues | undefined {
    return this.#fault;
  }

  /** Reads about so many characters more; false when there is nothing more to read, well or badly. */
  advance(characters: number): boolean {
    const until = Math.min(this.#at + characters, this.#text.length);
    while (this.#at < until && this.#fault === undefined) {
      if (this.#expected === "string") this.#readString(until);
      else this.#readToken(until);
    }
    if (this.#fault === undefined && this.#at >= this.#text.length) this.#finish();
    return this.#fault === undefined && this.#at < this.#text.length;
  }

  #finish(): void {
    if (this.#expected === "string") this.#fail("string-end");
    else if (this.#expected !== "rest") this.#fail("end");
  }

  #fail(kind: JsonFaultKind, position = this.#at): void {
    this.#fault = { kind, position };
  }

  #readToken(until: number): void {
    let character = this.#text.charCodeAt(this.#at);
    while (isSpace(character) && ++this.#at < until) character = this.#text.charCodeAt(this.#at);
    if (this.#at < until) this.#readExpected(character);
  }

  #readExpected(character: number): void {
    switch (this.#expected) {
      case "value":
        this.#readValue(character);
        break;
      case "value-or-end":
        if (character === 0x5d) this.#close();
        else this.#readValue(character);
        break;
      case "key":
        this.#readKey(character);
        break;
      case "key-or-end":
        if (character === 0x7d) this.#close();
        else this.#readKey(character);
        break;
      case "colon":
        if (character === 0x3a) this.#expect("value");
        else this.#fail("colon");
        break;
      case "comma-or-end":
        this.#readComma(character);
        break;
      default:
        this.#fail("rest");
    }
  }

  /** Goes past the character, to what comes next. */
  #expect(expected: Expected): void {
    this.#at++;
    this.#expected = expected;
  }

  #readComma(character: number): void {
    const isArray = this.#text.charCodeAt(this.table.startOf(this.#inside)) === 0x5b;
    if (character === 0x2c) this.#expect(isArray ? "value" : "key");
    else if (character === (isArray ? 0x5d : 0x7d)) this.#close();
    else this.#fail("comma");
  }

  #readKey(character: number): void {
    if (character !== quote) {
      this.#fail("key");
      return;
    }
    this.#key = this.#at;
    this.#string = "key";
    this.#expect("string");
  }

  #readValue(character: number): void {
    if (this.table.length >= mostValues) this.#fault = { kind: "too-many" };
    else if (character === 0x7b) this.#open("key-or-end");
    else if (character === 0x5b) this.#open("value-or-end");
    else if (character === quote) {
      this.#string = this.#add();
      this.#expect("string");
    } else this.#readWord();
  }

  #add(): number {
    const node = this.table.add(this.#at, this.#key, this.#inside);
    this.#key = -1;
    return node;
  }

  #open(expected: Expected): void {
    this.#inside = this.#add();
    this.#expect(expected);
  }

  #close(): void {
    const closed = this.#inside;
    this.#inside = this.table.parentOf(closed);
    this.#at++;
    this.#complete(closed);
  }

  #complete(node: number): void {
    this.table.end(node, this.#at);
    this.#expected = this.#inside === -1 ? "rest" : "comma-or-end";
  }

  /** A number, true, false or null. */
  #readWord(): void {
    word.lastIndex = this.#at;
    const length = word.exec(this.#text)?.[0].length ?? 0;
    const end = this.#at + length;
    if (isPartOfNumber(this.#text.charCodeAt(end))) {
      this.#fail("number", end);
    } else if (length === 0) {
      this.#fail("character");
    } else {
      const node = this.#add();
      this.#at = end;
      this.#complete(node);
    }
  }

  /** Goes on in a string, as far as its end or `until`. */
  #readString(until: number): void {
    const at = endOfPlainText(this.#text, this.#at, until);
    this.#at = at;
    if (at >= until) return;
    const character = this.#text.charCodeAt(at);
    if (character === quote) this.#endString();
    else if (character === backslash) this.#readEscape();
    else this.#fail("string-control");
  }

  #endString(): void {
    this.#at++;
    if (this.#string === "key") this.#expected = "colon";
    else this.#complete(this.#string);
  }

  #readEscape(): void {
    escape.lastIndex = this.#at;
    const length = escape.exec(this.#text)?.[0].length ?? 0;
    if (length === 0) this.#fail("escape");
    else this.#at += length;
  }
}

const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

function isSpace(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}

/** A digit, a sign, a point or a letter: what belongs to a number or word that is not as JSON has them. */
function isPartOfNumber(character: number): boolean {
  return (character >= 0x2b && character <= 0x39 && character !== 0x2c && character !== 0x2f) || isLetter(character);
}

function isLetter(character: number): boolean {
  return (character >= 0x41 && character <= 0x5a) || (character >= 0x61 && character <= 0x7a);
}

/** The first place from `at` on, before `until`, that ends a string, or is not itself one of its characters. */
function endOfPlainText(text: string, at: number, until: number): number {
  let place = at;
  while (place < until) {
    const character = text.charCodeAt(place);
    if (character === quote || character === backslash || character < 0x20) break;
    place++;
  }
  return place;
}
