import type { SteadyClock } from "../../src/base/clock.ts";
import { type Disposable, toDisposable } from "../../src/base/lifecycle.ts";

interface Timer {
  due: number;
  readonly action: () => void;
}

/** Time that passes only when a test says so. Milliseconds. */
export class FakeClock implements SteadyClock {
  readonly #timers = new Set<Timer>();
  #now: number;
  /** By how much the time was set back, all in all. */
  #setBack = 0;

  constructor(now = Date.UTC(2026, 0, 5, 9)) {
    this.#now = now;
  }

  /** Timers that wait; a test of disposal expects none. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now + this.#setBack;
  }

  after(delay: number, action: () => void): Disposable {
    const timer = { due: this.#now + delay, action };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  /** Runs what falls due within `duration`, in order and at its time. */
  advance(duration: number): void {
    const end = this.#now + duration;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.due);
      this.#timers.delete(next);
      next.action();
    }
    this.#now = end;
  }

  /** Moves the time without running anything, as when a machine sleeps; what fell due runs with the next `advance`. */
  jump(duration: number): void {
    this.#now += duration;
  }

  /** Sets the time back, as a person or a time server does: timers wait as long as they had to before. Ahead, if negative. */
  setBack(duration: number): void {
    this.#now -= duration;
    this.#setBack += duration;
    for (const timer of this.#timers) timer.due -= duration;
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(timer => timer.due <= end);
    return due.sort((one, other) => one.due - other.due)[0];
  }
}
