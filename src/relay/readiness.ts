import { type SteadyClock, second } from "../base/clock.ts";

/** How long it is believed that events can be stored, and that they cannot. */
const trust = { ready: 5 * second, notReady: second };

/**
 * Whether events can be stored now. Anybody may ask, as often as they like: what it takes to find out is done at most
 * once in a while, for all who ask meanwhile.
 */
export class Readiness {
  readonly #probe: () => Promise<unknown>;
  readonly #clock: SteadyClock;
  /** `until` is on the steady clock. */
  #verdict: { readonly isReady: boolean; readonly until: number } | undefined;
  #underWay: Promise<boolean> | undefined;

  /** `probe` rejects where an event could not be stored. */
  constructor(probe: () => Promise<unknown>, clock: SteadyClock) {
    this.#probe = probe;
    this.#clock = clock;
  }

  async ask(): Promise<boolean> {
    if (this.#verdict !== undefined && this.#clock.elapsed() < this.#verdict.until) return this.#verdict.isReady;
    this.#underWay ??= this.#find().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  /** To be called when an event could not be stored, which nobody has to find out then. */
  refused(): void {
    this.#believe(false);
  }

  async #find(): Promise<boolean> {
    const isReady = await this.#probe().then(
      () => true,
      () => false,
    );
    this.#believe(isReady);
    return isReady;
  }

  #believe(isReady: boolean): void {
    this.#verdict = { isReady, until: this.#clock.elapsed() + (isReady ? trust.ready : trust.notReady) };
  }
}
