import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { ReorderPlan } from "../faults/deliveryPlan.ts";

/** Holds deliveries back so that later ones overtake them. */
export class ReorderBuffer implements Disposable {
  readonly #clock: Clock;
  #held: (() => void)[] = [];
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `release` when there are `count` of them, or `patience` milliseconds after the first came: the last one first. */
  hold(release: () => void, { count, patience }: ReorderPlan): void {
    this.#held.push(release);
    this.#timer ??= this.#clock.after(patience, () => this.#release());
    if (this.#held.length >= count) this.#release();
  }

  /** Lets go of all that wait. */
  dispose(): void {
    this.#release();
  }

  #release(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    const released = this.#held.reverse();
    this.#held = [];
    for (const release of released) release();
  }
}
