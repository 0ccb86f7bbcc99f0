import type { Event } from "../../base/lifecycle.ts";
import type { EventRow, HostMessage, InspectorFilter } from "../../protocol/inspector.ts";
import { type StoredEvent, matchesFilter } from "../history/storedEvent.ts";
import { type TokenVerifier, presentRow } from "./eventPresenter.ts";

/** What the inspector shows: entries in order of id, addressed by offset in the filtered list, oldest first. */
export interface InspectedHistory {
  count(filter?: InspectorFilter): number;
  page(offset: number, limit: number, filter?: InspectorFilter): readonly StoredEvent[];
  get(id: number): StoredEvent | undefined;
  offsetOf(id: number, filter?: InspectorFilter): number | undefined;
  readonly onDidAppend: Event<readonly StoredEvent[]>;
  readonly onDidReset: Event<void>;
}

/** Rows in a snapshot, and at most in one batch of appended rows; the page asks for others as it needs them. */
export const rowsAtOnce = 200;

type Snapshot = Omit<HostMessage & { type: "snapshot" }, "feed">;
type Appended = HostMessage & { type: "appended" };

/** The filtered list in one generation after another: what it holds, and what was added that no page was told of. */
export class InspectedList {
  readonly #history: InspectedHistory;
  readonly #tokens: TokenVerifier;
  #filter: InspectorFilter | undefined;
  #generation = 0;
  #total = 0;
  /** The newest entry that `#total` counts. What arrives with a lower id was in the history when it was counted. */
  #newestId = 0;
  #unsent: StoredEvent[] = [];

  constructor(history: InspectedHistory, tokens: TokenVerifier) {
    this.#history = history;
    this.#tokens = tokens;
  }

  get filter(): InspectorFilter | undefined {
    return this.#filter;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Begins the next generation, with the history as it is now. */
  restart(filter: InspectorFilter | undefined): Snapshot {
    this.#filter = filter;
    this.#generation++;
    this.#unsent = [];
    this.#total = this.#history.count(filter);
    return this.snapshot();
  }

  /** The newest rows of this generation. */
  snapshot(): Snapshot {
    const offset = Math.max(0, this.#total - rowsAtOnce);
    const events = this.#history.page(offset, this.#total - offset, this.#filter);
    this.#newestId = events.at(-1)?.id ?? 0;
    const rows = events.map(event => this.#present(event));
    const list = { type: "snapshot", generation: this.#generation, total: this.#total, offset, rows } as const;
    return this.#filter === undefined ? list : { ...list, filter: this.#filter };
  }

  rowsAt(offset: number, limit: number): EventRow[] {
    return this.#history.page(offset, limit, this.#filter).map(event => this.#present(event));
  }

  /** Takes in what is new. Of a flood only the last rows are held: the page asks for the others. */
  append(events: readonly StoredEvent[]): void {
    const added = events.filter(event => event.id > this.#newestId && matchesFilter(event, this.#filter));
    const last = added.at(-1);
    if (last === undefined) return;
    this.#newestId = last.id;
    this.#total += added.length;
    this.#unsent = [...this.#unsent, ...added].slice(-rowsAtOnce);
  }

  /** What {@link append} took in since the last call, or undefined when that was nothing. */
  takeAppended(): Appended | undefined {
    const rows = this.#unsent.map(event => this.#present(event));
    this.#unsent = [];
    if (rows.length === 0) return undefined;
    return { type: "appended", generation: this.#generation, total: this.#total, rows };
  }

  #present(event: StoredEvent): EventRow {
    return presentRow(event, this.#tokens);
  }
}
