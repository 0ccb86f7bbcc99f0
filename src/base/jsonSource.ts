import { type JsonFault, JsonScanner, type TooManyValues } from "./jsonScanner.ts";
import type { JsonTable } from "./jsonTable.ts";
import { type Result, fail, succeed } from "./result.ts";

/** A value of a JSON text, by its number in the order in which they begin; the outermost is 0. */
export type JsonNode = number;

export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** Why a text was not read. */
export type NotRead = JsonFault | TooManyValues;

/** How many characters are read before whoever reads in pieces is asked whether to go on. */
const pieceLength = 20_000;

/**
 * A JSON text that is read as it is written: numbers keep their digits, objects the order and repetition of their keys.
 * What it holds is told value by value, so that a deep or long one costs what is looked at.
 */
export class JsonSource {
  readonly root: JsonNode = 0;
  readonly #text: string;
  readonly #table: JsonTable;

  private constructor(text: string, table: JsonTable) {
    this.#text = text;
    this.#table = table;
  }

  static parse(text: string): Result<JsonSource, NotRead> {
    const reading = JsonSource.read(text);
    let piece = reading.next();
    while (piece.done !== true) piece = reading.next();
    return piece.value;
  }

  /** {@link parse} in pieces, for a text whose length would hold up whoever else is waiting. */
  static *read(text: string): Generator<undefined, Result<JsonSource, NotRead>> {
    const scanner = new JsonScanner(text);
    while (scanner.advance(pieceLength)) yield undefined;
    return scanner.fault === undefined ? succeed(new JsonSource(text, scanner.table)) : fail(scanner.fault);
  }

  /** How many values there are in all. */
  get size(): number {
    return this.#table.length;
  }

  kindOf(node: JsonNode): JsonKind {
    switch (this.#text[this.#table.startOf(node)]) {
      case "{":
        return "object";
      case "[":
        return "array";
      case '"':
        return "string";
      case "t":
      case "f":
        return "boolean";
      case "n":
        return "null";
      default:
        return "number";
    }
  }

  /** How many values are directly in it: 0 for all but objects and arrays. */
  countOf(node: JsonNode): number {
    return this.#table.childrenOf(node);
  }

  parentOf(node: JsonNode): JsonNode | undefined {
    const parent = this.#table.parentOf(node);
    return parent === -1 ? undefined : parent;
  }

  /** The first value after this one and all that is in it; it may be in another. */
  after(node: JsonNode): JsonNode {
    return this.#table.nextOf(node);
  }

  /** The values directly in it, in the order of the text. */
  *children(node: JsonNode): Generator<JsonNode> {
    const end = this.#table.nextOf(node);
    for (let child = node + 1; child < end; child = this.#table.nextOf(child)) yield child;
  }

  /** Its key in the object that it is in, decoded; undefined for what has none. */
  keyOf(node: JsonNode): string | undefined {
    const start = this.#table.keyOf(node);
    return start === -1 ? undefined : decodeString(this.#text.slice(start, endOfString(this.#text, start)));
  }

  /** The value of the last member of that name, which is the one that parsers take. */
  member(node: JsonNode | undefined, key: string): JsonNode | undefined {
    if (node === undefined || this.kindOf(node) !== "object") return undefined;
    let found: JsonNode | undefined;
    for (const child of this.children(node)) if (this.keyOf(child) === key) found = child;
    return found;
  }

  /** How long the literal is, in characters. */
  lengthOf(node: JsonNode): number {
    return this.#table.endOf(node) - this.#table.startOf(node);
  }

  /** The value as written, or the first `limit` characters of it; a string with its quotes and escapes. */
  literal(node: JsonNode, limit = Infinity): string {
    const start = this.#table.startOf(node);
    return this.#text.slice(start, Math.min(this.#table.endOf(node), start + limit));
  }

  /** The value of a string; of any other value its literal. */
  textOf(node: JsonNode): string {
    return this.kindOf(node) === "string" ? decodeString(this.literal(node)) : this.literal(node);
  }

  /** Where it begins in the text; a key belongs to its value. */
  placeOf(node: JsonNode): number {
    const key = this.#table.keyOf(node);
    return key === -1 ? this.#table.startOf(node) : key;
  }

  /** The value that the character at `position` belongs to; a key belongs to its value. */
  nodeAt(position: number): JsonNode {
    const before = this.#table.lastBefore(position);
    const following = before + 1;
    if (following < this.size && this.#keyBefore(following, position)) return following;
    let node = before;
    while (this.#table.endOf(node) <= position && node !== this.root) node = this.#table.parentOf(node);
    return node;
  }

  #keyBefore(node: JsonNode, position: number): boolean {
    const key = this.#table.keyOf(node);
    return key !== -1 && key <= position;
  }
}

/** Where a string ends that begins with the quote at `start` of a text that is known to be JSON. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function decodeString(literal: string): string {
  return String(JSON.parse(literal));
}
