import { type Clock, second, sleep } from "../../base/clock.ts";
import { type Disposable, DisposableStore, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claim, Claims } from "./claims.ts";
import { steadyClaim } from "./steadyClaim.ts";

/**
 * Runs `work` while no other window runs anything under the same `name`; gives what it gives. `isOurs` holds the turn on
 * for a moment, or is false where it has become another window's, such as while the machine slept: work that took its time
 * over reading asks before it writes.
 */
export type Exclusive = <T>(name: string, work: (isOurs: () => boolean) => Promise<T>) => Promise<T>;

export interface TurnsOptions {
  readonly claims: Pick<Claims, "take">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A turn whose window died is over after this time; work that takes longer extends it. */
const turnLength = 5 * second;
const extendInterval = second;

/** Work that takes longer than this, such as with a keychain that waits for a person, keeps the others no more. */
const longestWork = 30 * second;

/** The editor tells other windows of a change a tenth of a second after it was made: only then may they read. */
const settling = second / 2;

const pause = second / 20;
const longestWait = longestWork + turnLength + second;

/**
 * Windows take turns at what they read, change and write again. Nobody waits for ever: where the others do not come to
 * an end, or the database through which they agree cannot be used, work goes on without a turn and the log says so.
 */
export class Turns implements Disposable {
  readonly #options: TurnsOptions;
  readonly #store = new DisposableStore();
  /** Turns whose work is done, but whose change may not have reached other windows yet. */
  readonly #settling = new Map<string, { readonly claim: Claim; readonly end: Disposable }>();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  readonly run: Exclusive = async (name, work) => {
    const claim = await this.#wait(name);
    if (claim === undefined) return work(() => true);
    const steady = steadyClaim(claim, this.#options.logger);
    const extending = this.#extendMeanwhile(steady);
    try {
      return await work(() => steady.extend(turnLength));
    } finally {
      extending.dispose();
      this.#settle(name, claim);
    }
  };

  dispose(): void {
    for (const name of [...this.#settling.keys()]) this.#giveBack(name);
    this.#store.dispose();
  }

  async #wait(name: string): Promise<Claim | undefined> {
    const { clock, logger } = this.#options;
    try {
      for (const end = clock.now() + longestWait; clock.now() < end;) {
        const claim = this.#take(name);
        if (claim !== undefined) return claim;
        await sleep(clock, pause);
      }
      logger.warn(`turns: another window did not come to an end with ${name}`);
    } catch (error) {
      logger.warn(`turns: ${describeCauses(error)}`);
    }
    return undefined;
  }

  #take(name: string): Claim | undefined {
    const own = this.#resume(name);
    if (own?.extend(turnLength) === true) return own;
    return this.#options.claims.take(`turn/${name}`, turnLength);
  }

  /** Extends the claim until the result is disposed. */
  #extendMeanwhile(claim: Claim): Disposable {
    const { clock } = this.#options;
    const end = clock.now() + longestWork;
    const wait = (): Disposable => this.#store.add(clock.after(extendInterval, again));
    const again = (): void => {
      this.#store.delete(timer);
      if (clock.now() < end && claim.extend(turnLength)) timer = wait();
    };
    let timer = wait();
    return toDisposable(() => this.#store.delete(timer));
  }

  #settle(name: string, claim: Claim): void {
    if (this.#store.isDisposed) {
      claim.dispose();
      return;
    }
    const end = this.#options.clock.after(settling, () => this.#giveBack(name));
    this.#settling.set(name, { claim, end: this.#store.add(end) });
  }

  /** This window need not wait for itself. */
  #resume(name: string): Claim | undefined {
    const settled = this.#settling.get(name);
    if (settled === undefined) return undefined;
    this.#settling.delete(name);
    this.#store.delete(settled.end);
    return settled.claim;
  }

  #giveBack(name: string): void {
    try {
      this.#resume(name)?.dispose();
    } catch (error) {
      this.#options.logger.warn(`turns: ${describeCauses(error)}`);
    }
  }
}
