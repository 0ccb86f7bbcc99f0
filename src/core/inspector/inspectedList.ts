import type { Event } from "../../base/lifecycle.ts";
import type { EventRow, HostMessage, Sort } from "../../protocol/inspector.ts";
import type { EventFilter } from "../filter/eventFilter.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { TokenVerifier } from "../events/verification.ts";
import { presentRow } from "./presentRow.ts";

/** Where the inspector's events are kept. */
export interface InspectedHistory {
  select(filter: EventFilter, sort?: Sort): InspectedEvents;
  /** How many events there are in all. */
  count(): number;
  get(id: number): StoredEvent | undefined;
  readonly onDidAppend: Event<readonly StoredEvent[]>;
  readonly onDidUpdate: Event<readonly number[]>;
  readonly onDidReset: Event<void>;
}

/** What a filter shows, by offset; see EventListing. */
export interface InspectedEvents {
  readonly count: number;
  idsAt(offset: number, limit: number): readonly number[];
  page(offset: number, limit: number): readonly StoredEvent[];
  offsetOf(id: number): number | undefined;
  extend(): number;
  isBehind(): boolean;
  shown(ids: readonly number[]): ReadonlySet<number>;
}

/** Rows in a snapshot; the page asks for others as it needs them. */
const rowsAtOnce = 200;

/** Rows in one batch of appended rows at most: more than most pages have in view. */
const appendedAtOnce = 100;

type Message<Type extends HostMessage["type"]> = HostMessage & { readonly type: Type };

/** The list as it is, without what a page is told around it. */
export type ListSnapshot = Pick<Message<"snapshot">, "type" | "generation" | "total" | "offset" | "rows">;

/** What became of it since. */
export type ListChange = Message<"appended"> | Message<"updated">;

/** The filtered list in one generation after another, and what became of it that no page was told of. */
export class InspectedList {
  readonly #history: InspectedHistory;
  readonly #tokens: TokenVerifier;
  #events: InspectedEvents | undefined;
  #before: InspectedEvents | undefined;
  #filter: EventFilter = [];
  #sort: Sort | undefined;
  #generation = 0;

  constructor(history: InspectedHistory, tokens: TokenVerifier) {
    this.#history = history;
    this.#tokens = tokens;
  }

  get generation(): number {
    return this.#generation;
  }

  get isSorted(): boolean {
    return this.#sort !== undefined;
  }

  /** Begins the next generation, with the history as it is now. */
  restart(filter: EventFilter, sort: Sort | undefined): ListSnapshot {
    this.#filter = filter;
    this.#sort = sort;
    const events = this.#history.select(filter, sort);
    this.#generation++;
    this.#before = this.#events;
    this.#events = events;
    return this.snapshot();
  }

  /** The newest rows of this generation; of a sorted list, the first. */
  snapshot(): ListSnapshot {
    const total = this.#events?.count ?? 0;
    const offset = this.isSorted ? 0 : Math.max(0, total - rowsAtOnce);
    return { type: "snapshot", generation: this.#generation, total, offset, rows: this.rowsAt(offset, rowsAtOnce) };
  }

  rowsAt(offset: number, limit: number): EventRow[] {
    return (this.#events?.page(offset, limit) ?? []).map(event => this.#present(event));
  }

  /** The ids of a run of the list, or of the one before it, of which a page may still speak; of no older one. */
  idsAt(generation: number, offset: number, limit: number): readonly number[] {
    if (generation === this.#generation) return this.#events?.idsAt(offset, limit) ?? [];
    return generation === this.#generation - 1 ? (this.#before?.idsAt(offset, limit) ?? []) : [];
  }

  offsetOf(id: number): number | undefined {
    return this.#events?.offsetOf(id);
  }

  /** What arrived since the last call, or undefined. Of a flood only the last rows: the page asks for the others. */
  takeAppended(): Message<"appended"> | undefined {
    const added = this.#events?.extend() ?? 0;
    if (this.#events === undefined || added === 0) return undefined;
    const total = this.#events.count;
    const rows = this.rowsAt(Math.max(total - added, total - appendedAtOnce), appendedAtOnce);
    return { type: "appended", generation: this.#generation, total, rows };
  }

  /** Whether something arrived for which a sorted list has to be made anew. */
  isBehind(): boolean {
    return this.#events?.isBehind() ?? false;
  }

  /** Rows that changed, as far as they are in the list; "moved" where rows join, leave or change places by that. */
  updated(ids: readonly number[]): Message<"updated"> | "moved" | undefined {
    if (this.#movesWithUpdates(ids)) return "moved";
    const places = ids.flatMap(id => this.offsetOf(id) ?? []);
    if (places.length > rowsAtOnce) return "moved";
    const rows = places.flatMap(offset => this.rowsAt(offset, 1).map(row => ({ offset, row })));
    return rows.length === 0 ? undefined : { type: "updated", generation: this.#generation, rows };
  }

  #movesWithUpdates(ids: readonly number[]): boolean {
    if (this.#sort?.column === "handler" || this.#sort?.column === "latency") return true;
    if (!this.#filter.some(({ key }) => key === "is" || key === "status")) return false;
    const shown = this.#events?.shown(ids);
    return ids.some(id => (this.offsetOf(id) !== undefined) !== shown?.has(id));
  }

  #present(event: StoredEvent): EventRow {
    return presentRow(event, this.#tokens);
  }
}
