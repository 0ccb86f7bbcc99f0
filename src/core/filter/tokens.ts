/** A stretch of a filter's text between blanks; quotes hold blanks together. */
export interface FilterToken {
  readonly negated: boolean;
  /** What stands before the first colon outside of quotes; undefined without one. */
  readonly key: string | undefined;
  /** What the commas outside of quotes divide, without the quotes; one for a token without a key. */
  readonly values: readonly string[];
  /** Where it stands in the text: offset of its first character, and behind its last. */
  readonly from: number;
  readonly to: number;
  /** A quote that was opened and not closed. */
  readonly open: boolean;
}

const keyPattern = /^([A-Za-z]+):(?!\/\/)/;
const tokenPattern = /(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g;

/** Takes a filter's text apart. Never fails: what is odd is for the parser to say. */
export function tokenize(text: string): FilterToken[] {
  return [...text.matchAll(tokenPattern)].map(match => toToken(match[0], match.index));
}

function toToken(raw: string, from: number): FilterToken {
  const negated = raw.startsWith("-") && raw.length > 1;
  const rest = negated ? raw.slice(1) : raw;
  const key = keyPattern.exec(rest)?.[1];
  const value = key === undefined ? rest : rest.slice(key.length + 1);
  const parts = key === undefined ? [value] : splitAtCommas(value);
  return {
    negated,
    key: key?.toLowerCase(),
    values: parts.map(unquote),
    from,
    to: from + raw.length,
    open: isOpen(rest),
  };
}

function splitAtCommas(value: string): string[] {
  return value.match(/(?:"(?:\\.|[^"\\])*"?|[^,"])+/g) ?? [];
}

/** Takes quotes away, and the backslash before a quote or a backslash within them. */
function unquote(value: string): string {
  return value.replace(/"((?:\\.|[^"\\])*)"?/g, (_quoted, inner: string) => inner.replace(/\\(["\\])/g, "$1"));
}

function isOpen(raw: string): boolean {
  const outside = raw.replace(/"(?:\\.|[^"\\])*"/g, "");
  return outside.includes('"');
}

/** A value as it has to be written so that it is read as it is. */
export function quote(value: string): string {
  if (value !== "" && !/[\s",\\:]/.test(value) && !value.startsWith("-")) return value;
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
