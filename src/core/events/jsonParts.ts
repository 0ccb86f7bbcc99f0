import { closingQuote } from "./quotedText.ts";
import type { Span } from "./spellings.ts";

/** So many brackets, strings and words are gone through in one step. */
const tokensInStep = 10_000;

/** A bracket, a name, a colon and a value: what is broken before that has nothing in it. */
const fewestTokens = 4;

/**
 * JSON within another text, such as a page, a log or lines of events: objects, and lists that are not empty; of what is cut
 * or broken, all that stands before that. Undefined where the work may be interrupted.
 */
export function* jsonIn(text: string): Iterable<Span | undefined> {
  const begin = /\{\s*"|\[\s*["{[]/g;
  let tokens = 0;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const reading = new JsonReading(text, found.index);
    const before = tokens;
    while (reading.readToken()) if (++tokens % tokensInStep === 0) yield undefined;
    if (reading.isWhole || tokens - before >= fewestTokens) yield { start: found.index, end: reading.end };
    // What was taken for a string at last may be what stands between two of them.
    begin.lastIndex = reading.isWhole ? reading.end : reading.lastToken + 1;
  }
}

/** What may come next. */
type Expected = "value" | "name" | "colon" | "comma";

/** Goes through JSON as far as it is that. What stands without quotes may be any word, and commas may be last. */
class JsonReading {
  /** Where ends what has been read. */
  end: number;
  lastToken: number;
  /** Whether all that was opened is closed. */
  isWhole = false;
  readonly #text: string;
  readonly #tokens = /\s*(["[\]{}:,]|[\w.-][\w.+-]*)/y;
  readonly #closers: string[] = [];
  #expected: Expected = "value";

  constructor(text: string, start: number) {
    this.#text = text;
    this.end = start;
    this.lastToken = start;
  }

  /** False where it has ended, or is no JSON any more. */
  readToken(): boolean {
    this.#tokens.lastIndex = this.end;
    const sign = this.isWhole ? undefined : this.#tokens.exec(this.#text)?.[1];
    const next = sign === undefined ? undefined : this.#after(sign);
    if (sign === undefined || next === undefined) return false;
    this.#expected = next;
    this.lastToken = this.#tokens.lastIndex - sign.length;
    this.end = sign === '"' ? endOfQuoted(this.#text, this.lastToken) : this.#tokens.lastIndex;
    this.isWhole = this.#closers.length === 0;
    return true;
  }

  /** What comes after a sign or a word; undefined where it may not stand. */
  #after(sign: string): Expected | undefined {
    switch (sign) {
      case "{":
      case "[":
        return this.#expected === "value" ? this.#open(sign) : undefined;
      case "}":
      case "]":
        return this.#expected !== "colon" && this.#closers.pop() === sign ? "comma" : undefined;
      case ",":
        return this.#expected === "comma" ? this.#nextItem() : undefined;
      case ":":
        return this.#expected === "colon" ? "value" : undefined;
      case '"':
        return this.#expected === "name" ? "colon" : this.#afterValue();
      default:
        return this.#afterValue();
    }
  }

  #open(bracket: "{" | "["): Expected {
    this.#closers.push(bracket === "{" ? "}" : "]");
    return this.#nextItem();
  }

  #nextItem(): Expected {
    return this.#closers.at(-1) === "}" ? "name" : "value";
  }

  #afterValue(): Expected | undefined {
    return this.#expected === "value" ? "comma" : undefined;
  }
}

function endOfQuoted(text: string, at: number): number {
  return Math.min(closingQuote(text, at) + 1, text.length);
}
