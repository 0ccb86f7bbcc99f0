/** What is done to a source. */
export type MutationKind =
  | "condition negated"
  | "comparison swapped"
  | "and/or swapped"
  | "fallback only"
  | "arithmetic swapped"
  | "number off by one"
  | "boolean flipped"
  | "string emptied"
  | "array emptied"
  | "statement removed"
  | "undefined returned"
  | "await dropped";

/** One fault put into one source. */
export interface Mutation {
  readonly kind: MutationKind;
  /** From the root of the repository, with slashes. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Which characters of the source are replaced. */
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** The source with the fault in it. */
export function applyMutation(text: string, { start, end, after }: Mutation): string {
  return text.slice(0, start) + after + text.slice(end);
}
