import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";

/** The CRM's time: that of another clock, plus what a test has added. */
export class MovableClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #offset = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#clock.now() + this.#offset;
  }

  after(delay: number, action: () => void): Disposable {
    const timer: Timer = {
      due: this.now() + delay,
      fire: () => {
        this.#cancel(timer);
        action();
      },
      wait: this.#clock.after(delay, () => timer.fire()),
    };
    this.#timers.add(timer);
    return toDisposable(() => this.#cancel(timer));
  }

  /** Moves time forward by so many milliseconds; what falls due on the way happens now, in order. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
    const waiting = [...this.#timers].sort((one, other) => one.due - other.due);
    for (const timer of waiting.filter(({ due }) => due <= this.now())) timer.fire();
    for (const timer of this.#timers) {
      timer.wait.dispose();
      timer.wait = this.#clock.after(timer.due - this.now(), timer.fire);
    }
  }

  #cancel(timer: Timer): void {
    timer.wait.dispose();
    this.#timers.delete(timer);
  }
}

interface Timer {
  /** By the moved time. */
  readonly due: number;
  readonly fire: () => void;
  /** By the clock beneath. */
  wait: Disposable;
}
