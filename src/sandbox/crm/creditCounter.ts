import { day } from "../../base/clock.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { CreditMeter, CreditUse } from "./crmRoutes.ts";

/** Counts the calls of a day; once half of what a day allows is used, each answer says what remains. */
export class CreditCounter implements CreditMeter {
  readonly #clock: MovableClock;
  readonly #behaviour: BehaviourSwitches;
  #day = -1;
  #used = 0;

  constructor(clock: MovableClock, behaviour: BehaviourSwitches) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  use(): CreditUse {
    const today = Math.floor(this.#clock.now() / day);
    if (today !== this.#day) this.#used = 0;
    this.#day = today;
    this.#used++;
    const { creditsPerDay } = this.#behaviour.current;
    const remaining = Math.max(0, creditsPerDay - this.#used);
    const headers = remaining * 2 > creditsPerDay ? {} : { "X-API-CREDITS-REMAINING": String(remaining) };
    return { isAllowed: this.#used <= creditsPerDay, headers };
  }
}
