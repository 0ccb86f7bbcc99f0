import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, toDisposable } from "../../base/lifecycle.ts";
import type { Sort } from "../../protocol/inspector.ts";
import type { EventFilter } from "../filter/eventFilter.ts";
import type { InspectedHistory, InspectedList, ListChange, ListSnapshot } from "./inspectedList.ts";

/** How long to gather what arrived before telling the pages, in milliseconds: less than a person notices. */
const batchDelay = 50;

/** The same where so many came at once that nobody reads them one by one: more than a list has in view. */
const floodDelay = 150;
const floodRows = 30;

/** How long a list stays as it is, in milliseconds, while events that come in or change would move its rows. */
const restDelay = 1_000;

export interface ListNewsOptions {
  readonly history: InspectedHistory;
  readonly list: InspectedList;
  readonly clock: Clock;
  /** What the list is to show when it is made anew. */
  readonly shown: () => { readonly filter: EventFilter; readonly sort: Sort | undefined };
  /** Whether any page listens. */
  readonly isHeard: () => boolean;
  readonly tellAnew: (list: ListSnapshot) => void;
  readonly tell: (change: ListChange) => void;
  /** Reads the history, and gives undefined where that fails. */
  readonly attempt: <T>(read: () => T) => T | undefined;
}

/** When to tell the pages of the list what: what was appended or changed, gathered, or the list anew. */
export class ListNews implements Disposable {
  readonly #options: ListNewsOptions;
  readonly #store = new DisposableStore();
  readonly #updatedIds = new Set<number>();
  /** The past has changed, or nobody was looking: the next page that looks gets a new generation. */
  #isOutdated = true;
  /** Rows have other places than the list says, since events changed. */
  #isMoved = false;
  #restartedAt = 0;
  #batch: Disposable | undefined;
  #isFlooded = false;
  #rest: Disposable | undefined;

  constructor(options: ListNewsOptions) {
    this.#options = options;
    const { history } = options;
    this.#store.add(history.onDidAppend(() => this.#append()));
    this.#store.add(history.onDidUpdate(ids => this.#update(ids)));
    this.#store.add(history.onDidReset(() => this.outdateSoon()));
    this.#store.add(toDisposable(() => this.#cancelTimers()));
  }

  /** The list as it is must not be used any more: it is made anew when the pages are told. */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** The list is to be another one: tells the pages at once. */
  outdate(): void {
    this.#isOutdated = true;
    this.tellNow();
  }

  /** The past has changed: tells the pages with what else changes in these moments. */
  outdateSoon(): void {
    this.#isOutdated = true;
    this.#tellSoon();
  }

  /** Tells the pages at once what they do not know yet: what was appended or changed, or the list anew. */
  tellNow(): void {
    this.#batch?.dispose();
    this.#batch = undefined;
    if (!this.#options.isHeard()) return;
    if (this.#isOutdated) this.#tellAnew();
    else this.#options.attempt(() => this.#tellChanges());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #append(): void {
    if (this.#isOutdated) return;
    if (!this.#options.isHeard()) this.#isOutdated = true;
    else if (this.#options.list.isSorted) this.#restartInTime();
    else this.#tellSoon();
  }

  #update(ids: readonly number[]): void {
    if (this.#isOutdated) return;
    for (const id of ids) this.#updatedIds.add(id);
    this.#tellSoon();
  }

  #tellSoon(): void {
    this.#batch ??= this.#options.clock.after(this.#isFlooded ? floodDelay : batchDelay, () => this.tellNow());
  }

  /** Makes the list anew if it then has to be, but leaves people the time to read it. */
  #restartInTime(): void {
    const { clock, attempt, list } = this.#options;
    const delay = Math.max(batchDelay, this.#restartedAt + restDelay - clock.now());
    this.#rest ??= clock.after(delay, () => {
      this.#rest = undefined;
      if (attempt(() => this.#isMoved || list.isBehind()) === true) this.outdate();
    });
  }

  #tellAnew(): void {
    const { attempt, list, shown, clock, tellAnew } = this.#options;
    const { filter, sort } = shown();
    const snapshot = attempt(() => list.restart(filter, sort));
    if (snapshot === undefined) return;
    this.#isOutdated = false;
    this.#isMoved = false;
    this.#restartedAt = clock.now();
    this.#updatedIds.clear();
    tellAnew(snapshot);
  }

  #tellChanges(): void {
    const { list, tell } = this.#options;
    const appended = list.takeAppended();
    this.#isFlooded = (appended?.rows.length ?? 0) > floodRows;
    if (appended !== undefined) tell(appended);
    const ids = [...this.#updatedIds];
    this.#updatedIds.clear();
    const updated = ids.length === 0 ? undefined : list.updated(ids);
    if (updated === "moved") {
      this.#isMoved = true;
      this.#restartInTime();
    } else if (updated !== undefined) tell(updated);
  }

  #cancelTimers(): void {
    this.#batch?.dispose();
    this.#rest?.dispose();
  }
}
