import { setImmediate } from "node:timers/promises";
import type { Steps } from "../steps.ts";

/** So long the thread is held at a time, in milliseconds: it is that of all extensions. */
const longestTurn = 20;

/** Does long work in turns, between which everybody else has theirs. */
export class Turns {
  #begun = performance.now();

  /** Does work to its end. */
  async finish<T>(work: Steps<T>): Promise<T> {
    let step = work.next();
    while (step.done !== true) {
      if (this.#isOver()) await this.#next();
      step = work.next();
    }
    if (this.#isOver()) await this.#next();
    return step.value;
  }

  #isOver(): boolean {
    return performance.now() - this.#begun >= longestTurn;
  }

  async #next(): Promise<void> {
    await setImmediate();
    this.#begun = performance.now();
  }
}
