import { type Clock, minute, second, sleep } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { OAuthClient, TokenGrant } from "./oauth.ts";
import { type ZohoProblem, cancelledProblem } from "./problem.ts";
import { type AccessToken, type TokenSharing, mintThrottle, unshared } from "./tokenSharing.ts";

export type { AccessToken } from "./tokenSharing.ts";

/** Where the client gets its access tokens. */
export interface TokenSource {
  get(signal?: AbortSignal): Promise<Result<AccessToken, ZohoProblem>>;
  /**
   * Zoho refused this token: the next `get` brings another. False where it was minted only just now, so that another
   * will hardly fare better.
   */
  invalidate(token: AccessToken): boolean;
}

/** How often to look whether another window has minted the token that we wait for, and for how long. */
const lookInterval = second / 4;
const turnPatience = 10 * second;

/** How long before its end a token is no longer handed out: longer than any request takes. */
const margin = minute;

export interface AccessTokensOptions {
  readonly oauth: Pick<OAuthClient, "refresh">;
  readonly refreshToken: string;
  readonly clock: Clock;
  /** A token that is at hand already, such as that of the sign-in. */
  readonly initial?: AccessToken;
  /** Others who use the same refresh token; nobody unless told. */
  readonly sharing?: TokenSharing;
}

/**
 * The access tokens of one refresh token, of which Zoho gives only ten in ten minutes: one is used until shortly before
 * its end, by all who share it; one refresh at a time serves all who wait, and a refusal is remembered for as long as it
 * holds.
 */
export class AccessTokens implements TokenSource {
  readonly #options: AccessTokensOptions;
  readonly #sharing: TokenSharing;
  #current: AccessToken | undefined;
  #refreshing: Promise<Result<AccessToken, ZohoProblem>> | undefined;
  #refusal: ZohoProblem | undefined;
  /** The token that Zoho refused last: not to be taken from others again. */
  #refused: string | undefined;
  #minted = { value: "", at: 0 };

  constructor(options: AccessTokensOptions) {
    this.#options = options;
    this.#sharing = options.sharing ?? unshared();
    this.#current = options.initial;
  }

  async get(signal?: AbortSignal): Promise<Result<AccessToken, ZohoProblem>> {
    if (this.#isGood(this.#current)) return succeed(this.#current);
    if (this.#refusal !== undefined && this.#holds(this.#refusal)) return fail(this.#refusal);
    this.#refreshing ??= this.#refresh();
    return unlessAborted(this.#refreshing, signal);
  }

  invalidate(token: AccessToken): boolean {
    this.#refused = token.value;
    if (this.#current?.value === token.value) this.#current = undefined;
    const { value, at } = this.#minted;
    return token.value !== value || this.#options.clock.now() - at > margin;
  }

  #isGood(token: AccessToken | undefined): token is AccessToken {
    return token !== undefined && token.value !== this.#refused && token.expiresAt - margin > this.#options.clock.now();
  }

  /** Takes no signal: whoever gives up waiting must not take the token from the others. */
  async #refresh(): Promise<Result<AccessToken, ZohoProblem>> {
    try {
      return await this.#obtain();
    } finally {
      this.#refreshing = undefined;
    }
  }

  /** The token that another minted, or else one that we mint when it is our turn, or nobody's for too long. */
  async #obtain(): Promise<Result<AccessToken, ZohoProblem>> {
    const { clock } = this.#options;
    const begun = clock.now();
    for (;;) {
      const turn = this.#sharing.takeTurn();
      const outcome = await this.#shareOrMint(turn, clock.now() - begun >= turnPatience);
      if (outcome !== undefined) return outcome;
      await sleep(clock, lookInterval);
    }
  }

  async #shareOrMint(
    turn: Disposable | undefined,
    outOfTurn: boolean,
  ): Promise<Result<AccessToken, ZohoProblem> | undefined> {
    try {
      const shared = await this.#sharing.read();
      if (this.#isGood(shared)) return this.#use(shared);
      return turn === undefined && !outOfTurn ? undefined : await this.#mint();
    } finally {
      turn?.dispose();
    }
  }

  async #mint(): Promise<Result<AccessToken, ZohoProblem>> {
    const { oauth, refreshToken, clock } = this.#options;
    const throttle = mintThrottle(this.#sharing.mints, clock);
    if (throttle !== undefined) return fail(throttle);
    const grant = await oauth.refresh(refreshToken);
    if (!grant.ok) return this.#refuse(grant.error);
    this.#sharing.mints.add(clock.now());
    const token = toAccessToken(grant.value);
    this.#minted = { value: token.value, at: clock.now() };
    await this.#sharing.write(token);
    return this.#use(token);
  }

  #use(token: AccessToken): Result<AccessToken, ZohoProblem> {
    this.#refusal = undefined;
    this.#current = token;
    return succeed(token);
  }

  #refuse(problem: ZohoProblem): Result<AccessToken, ZohoProblem> {
    this.#refusal = problem;
    return fail(problem);
  }

  /** A refresh token that was refused stays refused: only a new sign-in helps. A throttle ends. All else may be over. */
  #holds(refusal: ZohoProblem): boolean {
    if (refusal.kind === "throttled") return refusal.retryAt > this.#options.clock.now();
    return refusal.kind === "signed-out";
  }
}

export function toAccessToken(grant: TokenGrant): AccessToken {
  return { value: grant.accessToken, expiresAt: grant.expiresAt };
}

async function unlessAborted<T>(
  work: Promise<Result<T, ZohoProblem>>,
  signal: AbortSignal | undefined,
): Promise<Result<T, ZohoProblem>> {
  if (signal === undefined) return work;
  if (signal.aborted) return fail(cancelledProblem());
  const aborted = Promise.withResolvers<Result<T, ZohoProblem>>();
  const onAbort = (): void => aborted.resolve(fail(cancelledProblem()));
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
