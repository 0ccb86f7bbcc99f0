import * as l10n from "@vscode/l10n";
import { type Clock, day, hour, minute, second } from "../../base/clock.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import {
  type ChoiceKey,
  type EventFilter,
  type FilterTerm,
  type StatusRange,
  choices,
  operationWords,
} from "./eventFilter.ts";
import { type FilterToken, tokenize } from "./tokens.ts";

/** What is wrong with a filter's text, in a sentence, and where: offsets into the text. */
export interface FilterProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

type Parsed = Result<FilterTerm, string>;
type KeyParser = (token: FilterToken, now: number) => Parsed;

const durations: Readonly<Record<string, number>> = { s: second, m: minute, h: hour, d: day };

const parsers: Readonly<Record<string, KeyParser>> = {
  module: names("module"),
  field: names("field"),
  id: names("id"),
  channel: names("channel"),
  operation: parseOperation,
  token: choice("token"),
  source: choice("source"),
  is: choice("is"),
  status: parseStatus,
  since: time("since"),
  before: time("before"),
};

/** The keys that a filter may use, in the order in which they are offered. */
export const filterKeys: readonly string[] = Object.keys(parsers);

/**
 * Reads a filter as people write it: `module:Deals operation:update -token:bad "site visit"`. Times such as `since:2h`
 * count back from the present of `clock`. Fails with the first thing that is wrong.
 */
export function parseFilter(text: string, clock: Pick<Clock, "now">): Result<EventFilter, FilterProblem> {
  const terms: FilterTerm[] = [];
  for (const token of tokenize(text)) {
    const term = parseToken(token, clock.now());
    if (!term.ok) return fail({ message: term.error, from: token.from, to: token.to });
    terms.push(term.value);
  }
  return succeed(terms);
}

function parseToken(token: FilterToken, now: number): Parsed {
  if (token.open) return fail(l10n.t("A quote is opened here and not closed."));
  if (token.key === undefined) return parseText(token);
  const parser = Object.hasOwn(parsers, token.key) ? parsers[token.key] : undefined;
  if (parser === undefined) return fail(unknownKey(token.key));
  if (token.values.every(value => value === "")) return fail(l10n.t("“{0}:” needs a value.", token.key));
  return parser(token, now);
}

/** What people call the keys: as the columns of the list are named, and as Zoho names the parts of a delivery. */
const otherNames: Readonly<Record<string, string>> = {
  record: "id",
  ids: "id",
  sender: "token",
  verified: "token",
  time: "since",
  after: "since",
  until: "before",
  changed: "field",
  handler: "status",
  event: "operation",
  action: "operation",
};

/** Shorter beginnings are those of too many words. */
const shortestBeginning = 3;

function unknownKey(key: string): string {
  const begins = (one: string, other: string): boolean => other.length >= shortestBeginning && one.startsWith(other);
  const named = Object.hasOwn(otherNames, key) ? otherNames[key] : undefined;
  const meant = named ?? filterKeys.find(each => begins(each, key) || begins(key, each));
  return meant === undefined
    ? l10n.t("There is no “{0}:” to filter by. To search for it as text, put it in quotes.", key)
    : l10n.t(
        "There is no “{0}:” to filter by. Did you mean “{1}:”? To search for it as text, put it in quotes.",
        key,
        meant,
      );
}

function parseText({ values: [text = ""], negated }: FilterToken): Parsed {
  if (text.trim() === "") return fail(l10n.t("There is nothing to search for between the quotes."));
  if (!/[\p{L}\p{N}]/u.test(text))
    return fail(l10n.t("There is no word in this to search for: words are of letters and digits."));
  return succeed({ key: "text", text, negated });
}

function names(key: "module" | "field" | "id" | "channel"): KeyParser {
  return ({ values, negated }) => succeed({ key, values, negated });
}

/** A word that is not known may be one of Zoho's that this version has not met. */
function parseOperation({ values, negated }: FilterToken): Parsed {
  const words = values.map(value => wordFor(operationWords, value) ?? value);
  return succeed({ key: "operation", values: words, negated });
}

function wordFor(words: Readonly<Record<string, readonly string[]>>, value: string): string | undefined {
  const wanted = value.toLowerCase();
  return Object.keys(words).find(word => word === wanted || words[word]?.includes(wanted) === true);
}

function choice(key: ChoiceKey): KeyParser {
  const words: Readonly<Record<string, readonly string[]>> = choices[key];
  return ({ values, negated }) => {
    const found = values.map(value => wordFor(words, value));
    const unknown = values[found.indexOf(undefined)];
    if (unknown !== undefined)
      return fail(l10n.t("“{0}:” is one of {1}; not “{2}”.", key, Object.keys(words).join(", "), unknown));
    return succeed({ key, values: found.filter(word => word !== undefined), negated });
  };
}

function parseStatus({ values, negated }: FilterToken): Parsed {
  const ranges = values.map(toRange);
  const unknown = values[ranges.indexOf(undefined)];
  if (unknown !== undefined)
    return fail(l10n.t("“status:” is a status such as 404, a class such as 5xx, or none; not “{0}”.", unknown));
  return succeed({ key: "status", ranges: ranges.filter(range => range !== undefined), negated });
}

function toRange(value: string): StatusRange | undefined {
  if (value.toLowerCase() === "none") return { from: 0, to: 0 };
  if (/^[1-5]xx$/i.test(value)) return { from: Number(value[0]) * 100, to: Number(value[0]) * 100 + 99 };
  return /^[1-5]\d\d$/.test(value) ? { from: Number(value), to: Number(value) } : undefined;
}

function time(key: "since" | "before"): KeyParser {
  return ({ values: [value = ""], negated }, now) => {
    const at = toInstant(value, now);
    if (at === undefined)
      return fail(l10n.t("“{0}:” is a time ago such as 30m, 2h or 3d, or a date such as 2026-11-24T09:30.", key));
    return succeed({ key, at, negated });
  };
}

function toInstant(value: string, now: number): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  if (amount !== undefined) return now - Number(amount) * (durations[unit] ?? 0);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?(Z|[+-]\d\d:\d\d)?$/.test(value)) return undefined;
  // A date alone is midnight here, as people mean it; the language takes it for midnight in Greenwich.
  const at = Date.parse(value.includes("T") ? value : `${value}T00:00`);
  return Number.isNaN(at) ? undefined : at;
}
