import { choices, namelessKeys, noName, operationWords } from "./eventFilter.ts";
import { filterKeys } from "./parseFilter.ts";
import { quote, tokenize } from "./tokens.ts";

/** Names that events of this machine have, for offering them: newest or most frequent first. */
export interface KnownNames {
  readonly module: readonly string[];
  readonly field: readonly string[];
  readonly channel: readonly string[];
  /** Words of deliveries for what happened, as they came. */
  readonly operation: readonly string[];
}

/** What may stand at the cursor, to replace the text between two offsets. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  /** Whole pieces of filter text, best first. */
  readonly options: readonly string[];
}

const mostOptions = 20;
const statusOptions = ["2xx", "4xx", "5xx", "none"];
const timeOptions = ["10m", "1h", "1d"];

/** What can be typed on at `cursor` in a filter's text: a key with its colon, or a value of the key before it. */
export function completeFilter(text: string, cursor: number, known: KnownNames): Completion {
  const token = tokenize(text.slice(0, cursor)).at(-1);
  if (token === undefined || token.to < cursor) return { from: cursor, to: cursor, options: keysLike("") };
  const start = token.from + (token.negated ? 1 : 0);
  if (token.key === undefined) {
    return { from: start, to: cursor, options: keysLike(text.slice(start, cursor)) };
  }
  const typed = token.values.at(-1) ?? "";
  const from = text.lastIndexOf(text[cursor - 1] === ":" ? ":" : lastDivider(text.slice(0, cursor)), cursor - 1) + 1;
  return { from, to: cursor, options: valuesLike(typed, token.key, known).map(quote) };
}

function lastDivider(text: string): ":" | "," {
  return text.lastIndexOf(",") > text.lastIndexOf(":") ? "," : ":";
}

function keysLike(typed: string): string[] {
  return like(typed, filterKeys).map(key => `${key}:`);
}

function like(typed: string, candidates: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  return candidates.filter(candidate => candidate.toLowerCase().startsWith(wanted)).slice(0, mostOptions);
}

/** Where events may have none, asking for those is offered too, last. */
function valuesLike(typed: string, key: string, known: KnownNames): readonly string[] {
  const found = like(typed, valuesOf(key, known));
  const isOffered = namelessKeys.includes(key) && noName.startsWith(typed.toLowerCase());
  return isOffered ? [...found.filter(value => value !== noName).slice(0, mostOptions - 1), noName] : found;
}

function valuesOf(key: string, known: KnownNames): readonly string[] {
  if (Object.hasOwn(choices, key)) return Object.keys(choices[key as keyof typeof choices]);
  if (key === "operation") return operationsOffered(known.operation);
  if (key === "module" || key === "field" || key === "channel") return known[key];
  if (key === "status") return statusOptions;
  return key === "since" || key === "before" ? timeOptions : [];
}

/** Those of subscriptions, then what else deliveries have said. */
function operationsOffered(words: readonly string[]): readonly string[] {
  const offered = Object.keys(operationWords);
  const alike = new Set([...offered, ...Object.values(operationWords).flat()]);
  return [...offered, ...words.filter(word => !alike.has(word.toLowerCase()))];
}
