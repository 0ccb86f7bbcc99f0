import { type Result, fail, succeed } from "./result.ts";

/** Why a text is not JSON. `position` is a zero-based character offset where it is known. */
export interface JsonError {
  readonly message: string;
  readonly position?: number;
}

/**
 * Parses JSON without sending integers through a double: one that a double cannot hold exactly (a CRM id, a channel id)
 * comes back as the string of its digits, as if it had been quoted. All other values are as `JSON.parse` gives them.
 */
export function parseJson(text: string): Result<unknown, JsonError> {
  try {
    const value: unknown = JSON.parse(text);
    // Most texts are such.
    if (text.length < shortLength && !longInteger.test(text)) return succeed(value);
    const quoted = withQuotedLongIntegers(text);
    if (quoted === undefined) return fail({ message: `It nests more than ${deepest} levels deep.` });
    return succeed(quoted === text ? value : JSON.parse(quoted));
  } catch (error) {
    return fail(toJsonError(error));
  }
}

/** A text of so few characters cannot nest deeply. */
const shortLength = 4_096;

/** What goes through levels one by one runs out of stack beyond this. */
const deepest = 4_096;

/** Finds the beginning of every integer of more digits than a double holds, and more: what is in quotes hardly ever. */
const longInteger = /(?:^|[\s:,[])-?\d{16}/;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Quotes the integers of a valid text that a double cannot hold; undefined where it nests too deeply. One look at each
 * character: the time is in proportion to the length of the text, whatever it says.
 */
function withQuotedLongIntegers(json: string): string | undefined {
  const pieces: string[] = [];
  let [from, depth] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at);
    else if (isOpening(code)) depth++;
    else if (isClosing(code)) depth--;
    else if (isOfNumber(code)) {
      const end = endOfNumber(json, at);
      if (end - at >= 16 && isUnsafe(json.slice(at, end))) {
        pieces.push(json.slice(from, at), `"${json.slice(at, end)}"`);
        from = end;
      }
      at = end - 1;
    }
    if (depth > deepest) return undefined;
  }
  return pieces.length === 0 ? json : [...pieces, json.slice(from)].join("");
}

/** Where the string that begins at `at` has its other quote: one that is not escaped. */
function endOfString(json: string, at: number): number {
  for (let end = json.indexOf('"', at + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end - 1;
    while (json.charCodeAt(before) === backslash) before--;
    if ((end - before) % 2 === 1) return end;
  }
  return json.length;
}

function endOfNumber(json: string, at: number): number {
  let end = at + 1;
  while (isOfNumber(json.charCodeAt(end))) end++;
  return end;
}

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}

/** Digits, signs, the point, and the letter before an exponent: the one in words such as `true` does no harm. */
function isOfNumber(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e || code === 0x2b || (code | 0x20) === 0x65;
}

function isUnsafe(number: string): boolean {
  return /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number));
}

function toJsonError(error: unknown): JsonError {
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message)?.[1];
  return position === undefined ? { message } : { message, position: Number(position) };
}
