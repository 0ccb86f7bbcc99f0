import type { Clock } from "../../base/clock.ts";

/**
 * The CRM's time: that of another clock, plus what a test has added. Everything that expires in the sandbox is judged by
 * `now` when somebody asks, so moving time needs no timers.
 */
export class MovableClock {
  readonly #clock: Pick<Clock, "now">;
  #offset = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#clock.now() + this.#offset;
  }

  /** Moves time forward by so many milliseconds. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}
