import type { Query } from "../../protocol/inspector.ts";

/** Where the filters are kept: what all windows of the machine know, by key. */
export interface FilterNotes {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  delete(key: string): void;
  /** The keys that begin with `prefix`, in order. */
  keys(prefix: string): readonly string[];
}

const prefix = "filter/";

/** A filter that is long is named by its beginning, in characters. */
const longestSuggestion = 40;

/** The filters that a person kept, by name. They hold names and words of filters, never payloads. */
export class SavedFilters {
  readonly #notes: FilterNotes;

  constructor(notes: FilterNotes) {
    this.#notes = notes;
  }

  /** In the order of their names. */
  list(): Query["saved"] {
    return this.#notes
      .keys(prefix)
      .map(key => ({ name: key.slice(prefix.length), filter: this.#notes.get(key) ?? "" }));
  }

  /** Keeps a filter in the place of one that has this name. */
  save(name: string, filter: string): void {
    this.#notes.set(prefix + name, filter);
  }

  forget(name: string): void {
    this.#notes.delete(prefix + name);
  }
}

/** A name for a filter that has none yet: what it was kept under before, or what it says. */
export function suggestName(filter: string, saved: Query["saved"]): string {
  const text = filter.trim();
  const known = saved.find(each => each.filter.trim() === text);
  if (known !== undefined) return known.name;
  return text.length <= longestSuggestion ? text : `${text.slice(0, longestSuggestion - 1)}…`;
}
