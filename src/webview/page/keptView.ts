import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Query } from "../../protocol/inspector.ts";
import { type ViewState, parseViewState } from "./viewState.ts";

/** What VS Code keeps for the page while it is reloaded or hidden. */
export interface StateKeeper {
  getState(): unknown;
  setState(state: ViewState): void;
}

/** How long changes of the view are gathered before they are kept, in milliseconds. */
const keepDelay = 200;

/** The host numbers the lists that it sent to any page from here on. */
const firstGeneration = 1;

/** A part of the view that is another now; undefined where it has nothing to say any more. */
export type ViewChange = Partial<{ -readonly [Key in keyof ViewState]: ViewState[Key] | undefined }>;

/** The person's view of the events, which outlives the page. */
export class KeptView {
  readonly #keeper: StateKeeper;
  readonly #clock: Clock;
  /** What the list showed when the page was there last. */
  readonly #shownBefore: Pick<ViewState, "filter" | "sort">;
  #state: ViewState;
  #keeping: Disposable | undefined;

  constructor(keeper: StateKeeper, clock: Clock) {
    this.#keeper = keeper;
    this.#clock = clock;
    this.#state = parseViewState(keeper.getState());
    this.#shownBefore = this.#state;
  }

  get state(): ViewState {
    return this.#state;
  }

  change(change: ViewChange): void {
    this.#state = parseViewState({ ...this.#state, ...change });
    this.#keeping ??= this.#clock.after(keepDelay, () => {
      this.#keeping = undefined;
      this.#keeper.setState(this.#state);
    });
  }

  /**
   * What to ask a host for that sends the page its first list: one that begins anew with its window is told what the
   * list showed, unless it has something to show itself.
   */
  askedAfter(first: { readonly generation: number; readonly query: Query }): Pick<ViewState, "filter" | "sort"> {
    const isAnew = first.generation === firstGeneration && first.query.filter === "" && first.query.sort === undefined;
    return isAnew ? { filter: this.#shownBefore.filter, sort: this.#shownBefore.sort } : { filter: "" };
  }
}
