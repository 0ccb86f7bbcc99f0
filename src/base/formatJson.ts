import { type JsonNode, JsonSource, endOfString } from "./jsonSource.ts";

/**
 * Forms of a JSON text that change nothing but white space: numbers keep their digits, strings their escapes, and
 * repeated keys stay. Each gives undefined for what is no JSON.
 */

/** Without white space. */
export function compactJson(text: string): string | undefined {
  return JsonSource.parse(text).ok ? [...tokens(text)].join("") : undefined;
}

/** Two spaces for each level. */
export function indentJson(text: string, options: IndentOptions = {}): string | undefined {
  return JsonSource.parse(text).ok ? layOut(text, options) : undefined;
}

export interface IndentOptions {
  /** White space before every line but the first. */
  readonly margin?: string;
}

/** Compact, with the members of every object in the order of their keys, which are written without needless escapes. */
export function sortJson(text: string): string | undefined {
  const source = JsonSource.parse(text);
  return source.ok ? sortedText(source.value, source.value.root, 0) : undefined;
}

/** Deeper levels stay as they are: nobody reads them side by side, and each costs a frame of the stack. */
const deepestSorted = 100;

function sortedText(source: JsonSource, node: JsonNode, depth: number): string {
  const kind = source.kindOf(node);
  if (depth === deepestSorted || (kind !== "object" && kind !== "array")) {
    return [...tokens(source.literal(node))].join("");
  }
  const children = [...source.children(node)].map(child => ({
    key: source.keyOf(child) ?? "",
    text: sortedText(source, child, depth + 1),
  }));
  if (kind === "array") return `[${children.map(({ text }) => text).join(",")}]`;
  const members = children.toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  return `{${members.map(({ key, text }) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
}

function layOut(text: string, { margin = "" }: IndentOptions): string {
  const out: string[] = [];
  let depth = 0;
  let previous = "";
  const breakLine = (): void => void out.push(`\n${margin}${"  ".repeat(depth)}`);
  for (const token of tokens(text)) {
    const closes = token === "}" || token === "]";
    if (closes) depth--;
    const isEmpty = closes && (previous === "{" || previous === "[");
    if (!isEmpty && (closes || ["{", "[", ","].includes(previous))) breakLine();
    out.push(token === ":" ? ": " : token);
    if (token === "{" || token === "[") depth++;
    previous = token;
  }
  return out.join("");
}

/** The words and signs of a text that is known to be JSON. */
function* tokens(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = text[at] === '"' ? endOfString(text, at) : endOfWord(text, at);
    const token = text.slice(at, end);
    if (!/^\s/.test(token)) yield token;
    at = end;
  }
}

/** Signs stand alone; white space and words reach as far as they go. */
function endOfWord(text: string, start: number): number {
  word.lastIndex = start;
  return start + (word.exec(text)?.[0].length ?? 1);
}

const word = /[{}[\],:]|\s+|[^\s{}[\],:"]+/y;
