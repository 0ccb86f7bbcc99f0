import type { Clock } from "../../src/base/clock.ts";
import { type Disposable, toDisposable } from "../../src/base/lifecycle.ts";

interface Timer {
  due: number;
  readonly action: () => void;
}

/** Time that passes only when a test says so. Milliseconds. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now: number;

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

  /** Sets the time back, as a person or a time server does: timers wait as long as they had to before. */
  setBack(duration: number): void {
    this.#now -= duration;
    for (const timer of this.#timers) timer.due -= duration;
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(timer => timer.due <= end);
    return due.sort((one, other) => one.due - other.due)[0];
  }
}
