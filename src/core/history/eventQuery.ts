import type { SQLInputValue } from "node:sqlite";
import { assertNever } from "../../base/assertNever.ts";
import {
  type ChoiceTerm,
  type EventFilter,
  type FilterTerm,
  type NameTerm,
  type StatusRange,
  type TextTerm,
  type TimeTerm,
  noName,
} from "../filter/eventFilter.ts";
import type { KnownToken } from "../events/tokenBook.ts";
import { digestBeginning } from "./eventFacts.ts";
import { divideIdeographs } from "../events/searchableText.ts";

/** A condition on the table `event`; `values` are those of its question marks, in order. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** What a list is made of. */
export interface EventQuery {
  /** What the index of words is to find, where it is to find anything: the events come from there then. */
  readonly words?: string;
  /** What else is true of the events; undefined: nothing. */
  readonly condition?: Condition;
}

/** Which tokens the channels were given, for terms about verification. */
export type KnownTokens = () => readonly KnownToken[];

/** What finds the entries that `filter` shows, and no others. */
export function toQuery(filter: EventFilter, tokens: KnownTokens): EventQuery {
  const texts = filter.filter(term => term.key === "text").filter(({ negated }) => !negated);
  const others = filter.filter(term => term.key !== "text" || term.negated);
  return {
    ...(texts.length === 0 ? {} : { words: texts.map(toWords).join(" AND ") }),
    ...(others.length === 0 ? {} : { condition: all(others.map(term => withNegation(term, tokens))) }),
  };
}

/** A comparison with what an entry does not have is neither true nor false; its negation is true nevertheless. */
function withNegation(term: FilterTerm, tokens: KnownTokens): Condition {
  const { sql, values } = toTermCondition(term, tokens);
  return term.negated ? { sql: `(${sql}) IS NOT TRUE`, values } : { sql, values };
}

function toTermCondition(term: FilterTerm, tokens: KnownTokens): Condition {
  switch (term.key) {
    case "text":
      return textCondition(term);
    case "module":
    case "channel":
    case "field":
    case "id":
    case "operation":
      return nameCondition(term);
    case "source":
    case "is":
    case "token":
      return choiceCondition(term, tokens);
    case "status":
      return any(term.ranges.map(statusCondition));
    case "since":
    case "before":
      return timeCondition(term);
    default:
      return assertNever(term);
  }
}

function textCondition(term: TextTerm): Condition {
  return { sql: "id IN (SELECT rowid FROM event_text WHERE event_text MATCH ?)", values: [toWords(term)] };
}

/** Quotes make the index read whatever the text is as words, never as operators; what follows the last one may go on. */
function toWords({ text }: TextTerm): string {
  return `"${divideIdeographs(text).replaceAll("\0", " ").replaceAll('"', '""')}" *`;
}

const named = {
  module: (marks: string): string => `module IN (${marks})`,
  channel: (marks: string): string => `zoho_channel IN (${marks})`,
  operation: (marks: string): string => `operation COLLATE NOCASE IN (${marks})`,
  field: (marks: string): string => `id IN (SELECT event FROM event_field WHERE field IN (${marks}))`,
  id: (marks: string): string => `id IN (SELECT event FROM event_record WHERE record IN (${marks}))`,
} as const;

/** Of what a notification may fail to name: how to find those that do. */
const unnamed: Readonly<Partial<Record<NameTerm["key"], string>>> = {
  module: "kind = 'notification' AND module IS NULL",
  channel: "kind = 'notification' AND zoho_channel IS NULL",
  operation: "kind = 'notification' AND operation IS NULL",
};

function nameCondition({ key, values }: NameTerm): Condition {
  const byName = { sql: named[key](marksFor(values)), values };
  const without = values.some(value => value.toLowerCase() === noName) ? unnamed[key] : undefined;
  return without === undefined ? byName : any([byName, { sql: without, values: [] }]);
}

function choiceCondition({ key, values }: ChoiceTerm, tokens: KnownTokens): Condition {
  switch (key) {
    case "source":
      return { sql: `source IN (${marksFor(values)})`, values };
    case "is":
      return any(values.map(value => ({ sql: stateConditions.get(value) ?? "false", values: [] })));
    case "token":
      return any(values.map(value => tokenCondition(value, tokens)));
    default:
      return assertNever(key);
  }
}

const stateConditions: ReadonlyMap<string, string> = new Map([
  ["unreadable", "kind = 'unreadable'"],
  ["pinned", "pinned > 0"],
  ["forwarded", "attempts > 0"],
]);

const hasChannel = "zoho_channel IN (SELECT value ->> 'channelId' FROM json_each(?))";
const hasToken = `(zoho_channel, token) IN
  (SELECT value ->> 'channelId', substr(value ->> 'digest', 1, ${digestBeginning}) FROM json_each(?))`;

/** As {@link TokenBook.verify} has it. */
const tokenConditions: ReadonlyMap<string, string> = new Map([
  ["ok", hasToken],
  ["bad", `token IS NOT NULL AND NOT ${hasToken} AND ${hasChannel}`],
  ["none", `token IS NULL AND ${hasChannel}`],
  ["unknown", `(${hasChannel}) IS NOT TRUE`],
]);

function tokenCondition(value: string, tokens: KnownTokens): Condition {
  const sql = tokenConditions.get(value) ?? "false";
  const known = JSON.stringify(tokens());
  return { sql: `kind = 'notification' AND ${sql}`, values: sql.match(/\?/g)?.map(() => known) ?? [] };
}

function statusCondition({ from, to }: StatusRange): Condition {
  if (to === 0) return { sql: "status IS NULL AND handling IN ('failed', 'waiting')", values: [] };
  return { sql: "status BETWEEN ? AND ?", values: [from, to] };
}

function timeCondition({ key, at }: TimeTerm): Condition {
  return { sql: key === "since" ? "received_at >= ?" : "received_at < ?", values: [at] };
}

function marksFor(values: readonly string[]): string {
  return values.map(() => "?").join(", ");
}

function all(conditions: readonly Condition[]): Condition {
  return join(conditions, " AND ", "true");
}

function any(conditions: readonly Condition[]): Condition {
  return join(conditions, " OR ", "false");
}

function join(conditions: readonly Condition[], word: string, empty: string): Condition {
  if (conditions.length === 0) return { sql: empty, values: [] };
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(word),
    values: conditions.flatMap(({ values }) => values),
  };
}
