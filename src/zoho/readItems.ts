import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { zohosCodeIn, problemOfAnswer } from "./apiProblem.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { readJson } from "./wire.ts";

/** What an answer lists. */
export interface ItemList<T> {
  /** The entries that can be read. */
  readonly items: readonly T[];
  /** How many more there are, of a form that is not known. */
  readonly unreadable: number;
}

/** An entry of a list that cannot be read. */
export interface OddItem {
  readonly value: unknown;
  /** Names of the members that are missing or of an unknown form; none where it is no object at all. */
  readonly faults: readonly string[];
}

/** A list that was read entry by entry. */
export interface ItemsRead<T> {
  readonly items: readonly T[];
  readonly odd: readonly OddItem[];
}

/** An entry, or what is wrong with it. */
export type ItemRead<T> = { readonly item: T } | { readonly odd: OddItem };

/** Reads one entry of a list. */
export function readItem<T>(value: unknown, schema: v.GenericSchema<unknown, T>): ItemRead<T> {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? { item: parsed.output } : { odd: { value, faults: faultsOf(parsed.issues) } };
}

/**
 * The list at `member` of an answer, entry by entry: an odd one never hides its neighbours. Null is how some answers say
 * that there are none.
 */
export function listOf<T>(member: string, schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, ItemsRead<T>> {
  return v.pipe(
    v.looseObject({ [member]: v.nullable(v.array(v.unknown())) }),
    v.transform((body): ItemsRead<T> => sorted((body[member] ?? []).map(value => readItem(value, schema)))),
  );
}

/** Reads an answer that is a list; 204 is how Zoho says "none". */
export function readList<T>(
  answer: HttpAnswer,
  schema: v.GenericSchema<unknown, ItemsRead<T>>,
  clock: Clock,
): Result<ItemsRead<T>, ZohoProblem> {
  if (answer.status === 204) return succeed({ items: [], odd: [] });
  const body = readJson(answer);
  const parsed = body.ok && answer.status === 200 ? v.safeParse(schema, body.value) : undefined;
  if (parsed?.success !== true) return fail(problemOfAnswer(answer, clock));
  const error = errorInstead(answer, parsed.output, clock);
  return error === undefined ? succeed(parsed.output) : fail(error);
}

/** Zoho's error where it stands in place of what was asked for, in a list that has nothing to read. */
export function errorInstead(
  answer: HttpAnswer,
  { items, odd }: ItemsRead<unknown>,
  clock: Clock,
): ZohoProblem | undefined {
  const isError = items.length === 0 && odd.length > 0 && zohosCodeIn(answer) !== undefined;
  return isError ? problemOfAnswer(answer, clock) : undefined;
}

/** The entries that can be read, and the others. */
export function sorted<T>(read: readonly ItemRead<T>[]): ItemsRead<T> {
  return {
    items: read.flatMap(each => ("item" in each ? [each.item] : [])),
    odd: read.flatMap(each => ("odd" in each ? [each.odd] : [])),
  };
}

function faultsOf(issues: readonly v.BaseIssue<unknown>[]): string[] {
  const members = issues.flatMap(({ path }) => (typeof path?.[0]?.key === "string" ? [path[0].key] : []));
  return [...new Set(members)];
}
