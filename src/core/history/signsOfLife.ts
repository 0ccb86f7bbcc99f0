import { second } from "../../base/clock.ts";

/** How much time at most is taken to have gone by between two looks: more says that the clock was set, or all slept. */
const longestStep = 4 * second;

/** How long to wait for a new sign where one is old as it is first seen: the clock may have been set since. */
const firstWait = 3 * second;

/**
 * Which windows, or what they see to, still live, as one window can tell by the signs that they write down: when each gave
 * its last, in milliseconds since 1970. Such times can't be compared with the machine's clock, which may be set, and runs
 * on while all windows sleep. So whoever gave a sign lives until this window was awake for so long without seeing another.
 */
export class SignsOfLife {
  readonly #patience: number;
  #last: ReadonlyMap<string, { readonly sign: number; readonly silentFor: number }> = new Map();
  #lookedAt: number | undefined;

  /** `patience`: milliseconds without a new sign until somebody is gone. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Takes note of everybody's last sign. To be called every few seconds. */
  look(signs: readonly (readonly [string, number])[], now: number): void {
    const step = Math.min(Math.abs(now - (this.#lookedAt ?? now)), longestStep);
    this.#lookedAt = now;
    this.#last = new Map(signs.map(([who, sign]) => [who, { sign, silentFor: this.#silentFor(who, sign, step, now) }]));
  }

  /** Whether somebody lives whose last sign is this one by now. */
  isAlive(who: string, sign: number): boolean {
    const last = this.#last.get(who);
    return last?.sign !== sign || last.silentFor <= this.#patience;
  }

  #silentFor(who: string, sign: number, step: number, now: number): number {
    const last = this.#last.get(who);
    if (last?.sign === sign) return last.silentFor + step;
    return Math.min(Math.abs(now - sign), this.#patience - firstWait);
  }
}
