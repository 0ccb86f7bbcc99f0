import { type Clock, minute } from "../base/clock.ts";
import { type Disposable, toDisposable } from "../base/lifecycle.ts";
import { tokenThrottleProblem } from "./apiProblem.ts";
import type { ZohoProblem } from "./problem.ts";

/** What opens the API for about an hour. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** When access tokens were minted from one refresh token, by whomever. Instants in milliseconds since 1970. */
export interface TokenMintLedger {
  add(at: number): void;
  /** Those from `from` on, oldest first. */
  since(from: number): readonly number[];
}

/**
 * What all who use one refresh token, such as the windows of a machine, share about its access tokens: Zoho gives ten
 * in ten minutes, and ends the oldest when there are more than fifteen at a time.
 */
export interface TokenSharing {
  /** The token that was minted last; may be old, or one that Zoho no longer takes. */
  read(): Promise<AccessToken | undefined>;
  write(token: AccessToken): Promise<void>;
  readonly mints: TokenMintLedger;
  /** The right to mint; undefined while somebody else has it. Runs out by itself. */
  takeTurn(): Disposable | undefined;
}

/** Shares with nobody. */
export function unshared(): TokenSharing {
  let minted: readonly number[] = [];
  return {
    read: async () => Promise.resolve(undefined),
    write: async () => Promise.resolve(),
    mints: {
      add: at => (minted = [...minted, at].slice(-mostMints)),
      since: from => minted.filter(at => at >= from),
    },
    takeTurn: () => toDisposable(() => undefined),
  };
}

/** Zoho's throttle: so many access tokens of one refresh token in so many milliseconds. */
const mostMints = 10;
const mintWindow = 10 * minute;

/** Why no token may be minted now; undefined where one may. Instants after now are of a clock that was set back. */
export function mintThrottle(mints: TokenMintLedger, clock: Clock): ZohoProblem | undefined {
  const now = clock.now();
  const recent = mints.since(now - mintWindow + 1).filter(at => at <= now);
  const tenthLast = recent.at(-mostMints);
  return tenthLast === undefined ? undefined : tokenThrottleProblem("TOKEN_THROTTLE", tenthLast + mintWindow, clock);
}
