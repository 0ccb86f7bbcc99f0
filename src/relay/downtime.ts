import { type SteadyClock, minute } from "../base/clock.ts";

/** A clock that has not been set for so long is taken to be right. */
const settling = 10 * minute;
/** How much a clock may be put right without having been wrong. */
const tolerance = minute;

/**
 * How long a log was stopped before this process. Only the wall clock knows, which may be wrong when a machine starts, and
 * be put right soon after.
 */
export class Downtime {
  readonly #clock: SteadyClock;
  readonly #lastSeen: number;
  /** On the steady clock. */
  readonly #begunAt: number;
  /** The wall clock's lead over the steady one. */
  #lead: number;
  #steadySince: number;
  #stopped = 0;
  #isSettled: boolean;

  /** `lastSeen` (milliseconds since 1970) is when the log was last known to run; undefined of a new one. */
  constructor(clock: SteadyClock, lastSeen: number | undefined) {
    this.#clock = clock;
    this.#lastSeen = lastSeen ?? 0;
    this.#isSettled = lastSeen === undefined;
    this.#begunAt = clock.elapsed();
    this.#steadySince = this.#begunAt;
    this.#lead = clock.now() - this.#begunAt;
  }

  /** To be called about once a minute. Milliseconds, and whether that is certain: then it changes no more. */
  look(): { readonly stopped: number; readonly isSettled: boolean } {
    if (!this.#isSettled) this.#measure();
    return { stopped: this.#stopped, isSettled: this.#isSettled };
  }

  #measure(): void {
    const elapsed = this.#clock.elapsed();
    const lead = this.#clock.now() - elapsed;
    if (Math.abs(lead - this.#lead) > tolerance) {
      this.#lead = lead;
      this.#steadySince = elapsed;
    }
    this.#stopped = Math.max(0, Math.floor(this.#begunAt + lead - this.#lastSeen));
    this.#isSettled = elapsed - this.#steadySince >= settling;
  }
}
