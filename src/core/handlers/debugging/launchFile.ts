/**
 * A launch file with one more configuration, in front of the others; comments and all else stay as they are. Undefined for
 * a text that has no place for it.
 */
export function addConfiguration(text: string, configuration: object): string | undefined {
  const entry = indent(JSON.stringify(configuration, null, 2), 4);
  if (text.trim() === "") return `{\n  "version": "0.2.0",\n  "configurations": [\n${entry}\n  ]\n}\n`;
  const tokens = tokensOf(text);
  const list = listOf(tokens);
  if (list !== undefined) return insert(text, list, `\n${entry}`);
  const [first] = tokens;
  return first?.text === "{" ? insert(text, tokens, `\n  "configurations": [\n${entry}\n  ]`) : undefined;
}

interface Token {
  readonly text: string;
  readonly end: number;
}

/** Strings, numbers, words and punctuation of JSON with comments, which are left out. */
function tokensOf(text: string): Token[] {
  const pattern = /\/\/.*|\/\*[^]*?\*\/|("(?:[^"\\\n]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"/]+)/g;
  return [...text.matchAll(pattern)].flatMap(match =>
    match[1] === undefined ? [] : { text: match[1], end: match.index + match[1].length },
  );
}

/** The tokens from the bracket that opens the list of configurations on. */
function listOf(tokens: readonly Token[]): Token[] | undefined {
  let depth = 0;
  for (const [index, { text }] of tokens.entries()) {
    if (text === "{" || text === "[") depth += 1;
    if (text === "}" || text === "]") depth -= 1;
    const [colon, bracket] = [tokens[index + 1]?.text, tokens[index + 2]?.text];
    if (depth === 1 && text === '"configurations"' && colon === ":" && bracket === "[") return tokens.slice(index + 2);
  }
  return undefined;
}

/** Inserts behind the first token, an opening one; with a comma unless the next one closes it. */
function insert(text: string, [opening, next]: readonly Token[], piece: string): string {
  const isEmpty = next?.text === "]" || next?.text === "}";
  const end = opening?.end ?? 0;
  return text.slice(0, end) + piece + (isEmpty ? "\n" : ",") + text.slice(end);
}

function indent(text: string, width: number): string {
  return text.replace(/^/gm, " ".repeat(width));
}
