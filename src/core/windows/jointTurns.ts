import { type Clock, second, sleep } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claims, JointClaim } from "./claims.ts";
import { steadyClaim } from "./steadyClaim.ts";

export interface JointTurnsOptions {
  readonly claims: Pick<Claims, "join">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface TakeOptions {
  /** For how long a turn lasts without being extended, in milliseconds: longer than one request takes. */
  readonly life: number;
  /** How long to wait for turns that are somebody else's, in milliseconds. */
  readonly patience: number;
}

/** The right to be the only one, in any window, for some things. Disposing gives it back. */
export interface HeldTurns extends Disposable {
  /** What it is held for. */
  readonly held: ReadonlySet<string>;
  /** Holds on to it for `milliseconds` from now; false where one of them has become another's. */
  extend(milliseconds: number): boolean;
}

/** How often to ask again for a turn that is another's. */
const askInterval = second / 4;

/**
 * Takes turns for several things at once. What is another's when the patience ends is left out. Where windows have no
 * database to agree through, everybody has their turn: doing a thing twice is better than not at all.
 */
export class JointTurns {
  readonly #options: JointTurnsOptions;

  constructor(options: JointTurnsOptions) {
    this.#options = options;
  }

  async take(keys: readonly string[], { life, patience }: TakeOptions): Promise<HeldTurns> {
    const { claims, clock, logger } = this.#options;
    const claim = claims.join();
    const steady = steadyClaim(claim, logger);
    const until = clock.now() + patience;
    const wanted = [...new Set(keys)];
    for (;;) {
      const missing = wanted.filter(key => !claim.keys.has(key));
      if (!this.#add(claim, missing, life)) return { ...steady, held: new Set(wanted) };
      if (claim.keys.size === wanted.length || clock.now() >= until) return { ...steady, held: claim.keys };
      await sleep(clock, askInterval);
    }
  }

  /** False where the database fails: another try would keep everybody waiting once more, and hardly fare better. */
  #add(claim: JointClaim, keys: readonly string[], life: number): boolean {
    try {
      if (keys.length > 0) claim.add(keys, life);
      return true;
    } catch (error) {
      this.#options.logger.warn(`windows cannot take turns for ${keys.join(", ")}: ${describeCauses(error)}`);
      return false;
    }
  }
}
