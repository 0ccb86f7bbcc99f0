import { knownNames } from "./knownNames.ts";
import { textForm } from "./textForm.ts";

/** What is looked at: of deeper, longer and wider values only so much. */
const deepest = 8;
const mostItems = 100;
const mostMembers = 100;

/** What a shape has at most, in characters. */
export const longestShape = 2_000;

/**
 * The form of a parsed JSON value, or of text, for people who look into what a parser did not know: names and types, such
 * as `{channel_id: text(19, digits), ids: list(1) of text(18, digits), operation: text(7, lowercase)}`. Nothing of any
 * value is in it, and of names only those that Zoho's API is known to have: ids as names become `<id>`, others `<name>`.
 */
export function shapeOf(value: unknown): string {
  const form = new Form();
  form.add(value, 0);
  const text = form.toString();
  return text.length <= longestShape ? text : `${text.slice(0, longestShape - 1)}…`;
}

/** What the values at one place have been: those of a list's items, or of members whose names say nothing, are one place. */
class Form {
  readonly #scalars = new Set<string>();
  readonly #lengths = new Set<string>();
  readonly #members = new Map<string, Form>();
  /** How many objects had the member. */
  readonly #having = new Map<string, number>();
  #objects = 0;
  #items: Form | undefined;

  add(value: unknown, depth: number): void {
    if (typeof value !== "object" || value === null) this.#scalars.add(scalarForm(value));
    else if (depth >= deepest) this.#scalars.add("…");
    else if (Array.isArray(value)) this.#addList(value, depth);
    else this.#addObject(value, depth);
  }

  toString(): string {
    const lists = [...this.#lengths].sort().map(length => this.#listForm(length));
    const object = this.#objects === 0 ? [] : [this.#objectForm()];
    return [...object, ...lists, ...[...this.#scalars].sort()].join(" or ");
  }

  #addList(items: readonly unknown[], depth: number): void {
    this.#lengths.add(rangeOf(items.length));
    for (const item of items.slice(0, mostItems)) (this.#items ??= new Form()).add(item, depth + 1);
  }

  #addObject(object: object, depth: number): void {
    this.#objects += 1;
    const named = new Set<string>();
    for (const [key, value] of Object.entries(object).slice(0, mostMembers)) {
      const name = nameForm(key);
      const form = this.#members.get(name) ?? new Form();
      this.#members.set(name, form);
      form.add(value, depth + 1);
      named.add(name);
    }
    for (const name of named) this.#having.set(name, (this.#having.get(name) ?? 0) + 1);
  }

  #listForm(length: string): string {
    const items = this.#items?.toString();
    if (items === undefined || length === "0") return `list(${length})`;
    return `list(${length}) of ${items.includes(" or ") ? `(${items})` : items}`;
  }

  #objectForm(): string {
    const members = [...this.#members]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, form]) => `${name}${this.#having.get(name) === this.#objects ? "" : "?"}: ${form.toString()}`);
    return `{${members.join(", ")}}`;
  }
}

/** A number that a double cannot hold comes as its digits, which {@link textForm} tells as such. */
function scalarForm(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return textForm(value);
  if (typeof value === "number") return Number.isInteger(value) ? "whole number" : "number";
  return typeof value === "boolean" ? "boolean" : "nothing";
}

function nameForm(key: string): string {
  if (/^-?\d+$/.test(key)) return "<id>";
  return knownNames.has(key) ? key : "<name>";
}

function rangeOf(length: number): string {
  if (length <= 1) return String(length);
  return length <= 10 ? "2–10" : length <= 100 ? "11–100" : "over 100";
}
