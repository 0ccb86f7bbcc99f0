import { type Result, fail, succeed } from "../../base/result.ts";

const operators = [
  "equals",
  "not_equal",
  "starts_with",
  "in",
  "greater_than",
  "greater_equal",
  "less_than",
  "less_equal",
  "between",
] as const;
export type SearchOperator = (typeof operators)[number];

/** One comparison of a search, or several that are joined. */
export type SearchCriteria =
  | {
      readonly kind: "comparison";
      readonly field: string;
      readonly operator: SearchOperator;
      readonly values: string[];
    }
  | { readonly kind: "and" | "or"; readonly left: SearchCriteria; readonly right: SearchCriteria };

const mostComparisons = 15;

/** Reads `((Field:operator:value)and(…))`; the error says what is wrong. A backslash takes the next character as it is. */
export function parseSearchCriteria(text: string): Result<SearchCriteria, string> {
  const reader = new CriteriaReader(text.startsWith("(") ? text : `(${text})`);
  try {
    const criteria = reader.joined();
    if (!reader.isAtEnd) return fail("something follows the last bracket");
    return countComparisons(criteria) > mostComparisons
      ? fail(`more than ${mostComparisons} comparisons`)
      : succeed(criteria);
  } catch (error) {
    if (error instanceof CriteriaFault) return fail(error.message);
    throw error;
  }
}

function countComparisons(criteria: SearchCriteria): number {
  return criteria.kind === "comparison" ? 1 : countComparisons(criteria.left) + countComparisons(criteria.right);
}

/** Leaves the reading at its first fault; never leaves this file. */
class CriteriaFault extends Error {
  override readonly name = "CriteriaFault";
}

class CriteriaReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#text.length;
  }

  /** Bracketed criteria with `and` or `or` between them, taken from left to right. */
  joined(): SearchCriteria {
    let left = this.#bracketed();
    for (let word = this.#joiner(); word !== undefined; word = this.#joiner()) {
      left = { kind: word, left, right: this.#bracketed() };
    }
    return left;
  }

  #bracketed(): SearchCriteria {
    this.#expect("(");
    const inner = this.#text[this.#position] === "(" ? this.joined() : this.#comparison();
    this.#expect(")");
    return inner;
  }

  #joiner(): "and" | "or" | undefined {
    const word = /^(?:and|or)(?=\()/i.exec(this.#text.slice(this.#position))?.[0].toLowerCase();
    if (word !== "and" && word !== "or") return undefined;
    this.#position += word.length;
    return word;
  }

  #comparison(): SearchCriteria {
    const [written = ""] = /^(?:\\.|[^\\)])*/s.exec(this.#text.slice(this.#position)) ?? [];
    this.#position += written.length;
    const [, field, word, value] = /^([^:]+):([^:]+):(.*)$/s.exec(written) ?? [];
    const operator = operators.find(known => known === word);
    if (field === undefined || value === undefined) throw new CriteriaFault("a comparison is field:operator:value");
    if (operator === undefined) throw new CriteriaFault(`there is no operator ${word ?? ""}`);
    const severalValues = operator === "in" || operator === "between";
    const values = (severalValues ? splitAtCommas(value) : [value]).map(unescaped);
    if (operator === "between" && values.length !== 2) throw new CriteriaFault("between takes two values");
    return { kind: "comparison", field, operator, values };
  }

  #expect(character: "(" | ")"): void {
    if (this.#text[this.#position] !== character) throw new CriteriaFault(`a ${character} is missing`);
    this.#position++;
  }
}

function splitAtCommas(text: string): string[] {
  return text.match(/(?:\\.|[^\\,])+/gs) ?? [];
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
