import { type Clock, second } from "./clock.ts";
import type { Disposable } from "./lifecycle.ts";

const tick = 5 * second;
/** A tick that comes this much too late was not late: the machine slept, or its clock was set. */
const tolerance = 10 * second;

/** Calls `onWake` with the milliseconds missed when the machine has slept. Connections rarely survive that. */
export class SleepDetector implements Disposable {
  readonly #clock: Clock;
  readonly #onWake: (missed: number) => void;
  #timer: Disposable;

  constructor(clock: Clock, onWake: (missed: number) => void) {
    this.#clock = clock;
    this.#onWake = onWake;
    this.#timer = this.#tickLater();
  }

  dispose(): void {
    this.#timer.dispose();
  }

  #tickLater(): Disposable {
    const expected = this.#clock.now() + tick;
    return this.#clock.after(tick, () => {
      const missed = this.#clock.now() - expected;
      this.#timer = this.#tickLater();
      if (missed > tolerance) this.#onWake(missed);
    });
  }
}
