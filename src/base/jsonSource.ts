import { type Result, fail, succeed } from "./result.ts";

/** A value of a JSON text, by its place in that text; nothing in it is read before it is asked for. */
export interface JsonNode {
  readonly kind: "object" | "array" | "string" | "number" | "boolean" | "null";
  /** Where it begins, and where what follows it begins. */
  readonly start: number;
  readonly end: number;
}

/** A member of an object or an element of an array. `label` is the decoded key, or the index. */
export interface JsonEntry {
  readonly label: string;
  readonly isIndex: boolean;
  readonly node: JsonNode;
}

/**
 * A JSON text that is read as it is written: numbers keep their digits, objects the order and repetition of their keys,
 * and a deep or long value costs nothing until it is opened.
 */
export class JsonSource {
  readonly root: JsonNode;
  readonly #text: string;
  readonly #known = new WeakMap<JsonNode, readonly JsonEntry[]>();

  private constructor(text: string) {
    this.#text = text;
    this.root = readNode(text, skipSpace(text, 0));
  }

  /** The error is the parser's own sentence, with line and column where it tells the place. */
  static parse(text: string): Result<JsonSource, string> {
    try {
      JSON.parse(text);
    } catch (error) {
      return fail(describeError(text, error));
    }
    return succeed(new JsonSource(text));
  }

  /** A number, boolean or null as written; a string with its quotes and escapes. */
  literal(node: JsonNode): string {
    return this.#text.slice(node.start, node.end);
  }

  /** The value of a string; of any other value its literal. */
  textOf(node: JsonNode): string {
    return node.kind === "string" ? decodeString(this.literal(node)) : this.literal(node);
  }

  /** The members or elements, in the order of the text; none for other values. */
  entries(node: JsonNode): readonly JsonEntry[] {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const entries = this.#readEntries(node);
    this.#known.set(node, entries);
    return entries;
  }

  /** The value of the last member of that name, which is the one that parsers take. */
  member(node: JsonNode | undefined, key: string): JsonNode | undefined {
    if (node?.kind !== "object") return undefined;
    return this.entries(node).findLast(entry => entry.label === key)?.node;
  }

  #readEntries(node: JsonNode): JsonEntry[] {
    if (node.kind === "object") return [...this.#members(node)];
    return node.kind === "array" ? [...this.#elements(node)] : [];
  }

  *#members(node: JsonNode): Generator<JsonEntry> {
    const text = this.#text;
    let at = skipSpace(text, node.start + 1);
    while (at < node.end - 1) {
      const key = readNode(text, at);
      const colon = skipSpace(text, key.end);
      const value = readNode(text, skipSpace(text, colon + 1));
      yield { label: decodeString(text.slice(key.start, key.end)), isIndex: false, node: value };
      at = skipComma(text, value.end);
    }
  }

  *#elements(node: JsonNode): Generator<JsonEntry> {
    let at = skipSpace(this.#text, node.start + 1);
    for (let index = 0; at < node.end - 1; index++) {
      const element = readNode(this.#text, at);
      yield { label: String(index), isIndex: true, node: element };
      at = skipComma(this.#text, element.end);
    }
  }
}

/** Reads the value that begins at `start` of a text that is known to be JSON. */
function readNode(text: string, start: number): JsonNode {
  switch (text[start]) {
    case "{":
      return { kind: "object", start, end: endOfNested(text, start) };
    case "[":
      return { kind: "array", start, end: endOfNested(text, start) };
    case '"':
      return { kind: "string", start, end: endOfString(text, start) };
    default:
      return readWord(text, start);
  }
}

function readWord(text: string, start: number): JsonNode {
  word.lastIndex = start;
  const length = word.exec(text)?.[0].length ?? 0;
  const first = text[start];
  const kind = first === "n" ? "null" : first === "t" || first === "f" ? "boolean" : "number";
  return { kind, start, end: start + length };
}

const word = /[^\s,\]}]*/y;

/** Counts brackets instead of descending, so that no depth of nesting can overflow the stack. */
function endOfNested(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    at++;
  } while (depth > 0);
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function skipSpace(text: string, start: number): number {
  space.lastIndex = start;
  return start + (space.exec(text)?.[0].length ?? 0);
}

const space = /[ \t\n\r]*/y;

function skipComma(text: string, start: number): number {
  const at = skipSpace(text, start);
  return text[at] === "," ? skipSpace(text, at + 1) : at;
}

function decodeString(literal: string): string {
  return String(JSON.parse(literal));
}

function describeError(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message)?.[1];
  const reason = message.replace(/ in JSON at position.*$/s, "").replace(/,? ?"?.*is not valid JSON$/s, "");
  const sentence = reason === "" ? "Unexpected text" : reason;
  return position === undefined ? sentence : `${sentence} at ${placeOf(text, Number(position))}`;
}

/** `line 3, column 14`, both counted from 1. */
function placeOf(text: string, position: number): string {
  const before = text.slice(0, position).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
