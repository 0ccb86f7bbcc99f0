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

/** Finds every integer of more digits than a double holds, and more. */
const longInteger = /\d{16}/;

/**
 * The ends of strings, escapes, the ends of lists and objects, and long runs of digits. Each is found without a look back:
 * the time is in proportion to the length of the text, whatever it says.
 */
const marks = /"|\\[^]|[[\]{}]|-?\d{16,}(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Quotes the integers of a valid text that a double cannot hold; undefined where it nests too deeply. */
function withQuotedLongIntegers(json: string): string | undefined {
  const pieces: string[] = [];
  let [from, depth, isInString] = [0, 0, false];
  for (const { 0: mark, index } of json.matchAll(marks)) {
    if (mark === '"') isInString = !isInString;
    if (isInString || mark === '"') continue;
    if (mark === "[" || mark === "{") depth++;
    else if (mark === "]" || mark === "}") depth--;
    else if (isUnsafe(mark) && !/[.eE+]/.test(json[index - 1] ?? "")) {
      pieces.push(json.slice(from, index), `"${mark}"`);
      from = index + mark.length;
    }
    if (depth > deepest) return undefined;
  }
  return pieces.length === 0 ? json : [...pieces, json.slice(from)].join("");
}

function isUnsafe(digits: string): boolean {
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits));
}

function toJsonError(error: unknown): JsonError {
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message)?.[1];
  return position === undefined ? { message } : { message, position: Number(position) };
}
