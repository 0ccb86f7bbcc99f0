import { type Clock, second, sleep } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claim, Claims } from "./claims.ts";
import { steadyClaim } from "./steadyClaim.ts";

export interface JointTurnsOptions {
  readonly claims: Pick<Claims, "take">;
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
    const claims = new Map<string, Claim | undefined>();
    const until = this.#options.clock.now() + patience;
    // In one order, so that two who want the same things do not wait for each other.
    const wanted = [...new Set(keys)].sort();
    for (;;) {
      for (const key of wanted) if (!claims.has(key)) this.#try(key, life, claims);
      if (claims.size === wanted.length || this.#options.clock.now() >= until) return held(claims);
      await sleep(this.#options.clock, askInterval);
    }
  }

  #try(key: string, life: number, claims: Map<string, Claim | undefined>): void {
    try {
      const claim = this.#options.claims.take(key, life);
      if (claim !== undefined) claims.set(key, steadyClaim(claim, this.#options.logger));
    } catch (error) {
      this.#options.logger.warn(`windows cannot take turns for ${key}: ${describeCauses(error)}`);
      claims.set(key, undefined);
    }
  }
}

function held(claims: ReadonlyMap<string, Claim | undefined>): HeldTurns {
  const all = [...claims.values()].filter(claim => claim !== undefined);
  return {
    held: new Set(claims.keys()),
    extend: milliseconds => all.map(claim => claim.extend(milliseconds)).every(Boolean),
    dispose: () => {
      for (const claim of all) claim.dispose();
    },
  };
}
