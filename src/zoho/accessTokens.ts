import { type BackoffOptions, backoffDelay } from "../base/backoff.ts";
import { type Clock, hour, minute, second, sleep } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { OAuthClient, TokenGrant } from "./oauth.ts";
import { type ZohoProblem, cancelledProblem } from "./problem.ts";
import { type AccessToken, type TokenSharing, mintThrottle, unshared } from "./tokenSharing.ts";

export type { AccessToken } from "./tokenSharing.ts";

/** Where the client gets its access tokens. */
export interface TokenSource {
  get(signal?: AbortSignal): Promise<Result<AccessToken, ZohoProblem>>;
  /** Zoho refused this token: the next `get` brings another. */
  invalidate(token: AccessToken): void;
  /** True where this token was minted only just now, so that another will hardly fare better. */
  isFresh(token: AccessToken): boolean;
}

/** How often to look whether another window has minted the token that we wait for, and for how long. */
const lookInterval = second / 4;
const turnPatience = 10 * second;

/** How long before its end a token is no longer handed out: longer than any request takes. */
const margin = minute;

/** How soon to ask again after a failure that may pass. Each one more makes it longer, so that nobody is hammered. */
const failureBackoff: BackoffOptions = { first: 2 * second, longest: minute };

/** How long Zoho's own word that a sign-in is over is believed. Only a new sign-in helps, unless Zoho erred. */
const refusalLife = hour;

/** What access tokens are made from: a refresh token, or the client's own credentials in one organisation. */
export type LastingAccess =
  | { readonly oauth: Pick<OAuthClient, "refresh">; readonly refreshToken: string }
  | {
      readonly oauth: Pick<OAuthClient, "grantToClient">;
      readonly zgid: string;
      readonly scopes: readonly string[];
    };

export type AccessTokensOptions = LastingAccess & {
  readonly clock: Clock;
  /** A token that is at hand already, such as that of the sign-in. */
  readonly initial?: AccessToken;
  /** Others who use the same sign-in; nobody unless told. */
  readonly sharing?: TokenSharing;
};

/** Why there is no token, and between which instants (milliseconds since 1970) that is taken for granted. */
interface Refusal {
  readonly problem: ZohoProblem;
  readonly since: number;
  readonly until: number;
}

/**
 * The access tokens of one sign-in, of which Zoho gives only ten in ten minutes: one is used until shortly before its
 * end, by all who share it; one call at a time serves all who wait, and a refusal is remembered for as long as it holds.
 */
export class AccessTokens implements TokenSource {
  readonly #options: AccessTokensOptions;
  readonly #sharing: TokenSharing;
  #current: AccessToken | undefined;
  #refreshing: Promise<Result<AccessToken, ZohoProblem>> | undefined;
  #refusal: Refusal | undefined;
  /** How many calls in a row failed. */
  #failures = 0;
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
    if (this.#holds(this.#refusal)) return fail(this.#refusal.problem);
    this.#refreshing ??= this.#refresh();
    return unlessAborted(this.#refreshing, signal);
  }

  invalidate(token: AccessToken): void {
    this.#refused = token.value;
    if (this.#current?.value === token.value) this.#current = undefined;
  }

  isFresh(token: AccessToken): boolean {
    const { value, at } = this.#minted;
    const age = this.#options.clock.now() - at;
    return token.value === value && age >= 0 && age <= margin;
  }

  #isGood(token: AccessToken | undefined): token is AccessToken {
    return token !== undefined && token.value !== this.#refused && token.expiresAt - margin > this.#options.clock.now();
  }

  /** A clock that was set back behind the refusal says nothing about how long ago that was. */
  #holds(refusal: Refusal | undefined): refusal is Refusal {
    const now = this.#options.clock.now();
    return refusal !== undefined && refusal.since <= now && now < refusal.until;
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
    for (let waited = 0; ; waited += lookInterval) {
      const turn = this.#sharing.takeTurn();
      const outcome = await this.#shareOrMint(turn, waited >= turnPatience);
      if (outcome !== undefined) return outcome;
      await sleep(this.#options.clock, lookInterval);
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
    const { clock } = this.#options;
    const throttle = mintThrottle(this.#sharing.mints, clock);
    if (throttle !== undefined) return fail(throttle);
    const grant = await requestGrant(this.#options);
    if (!grant.ok) return this.#refuse(grant.error);
    this.#sharing.mints.add(clock.now());
    const token = toAccessToken(grant.value);
    this.#minted = { value: token.value, at: clock.now() };
    await this.#sharing.write(token);
    return this.#use(token);
  }

  #use(token: AccessToken): Result<AccessToken, ZohoProblem> {
    this.#refusal = undefined;
    this.#failures = 0;
    this.#current = token;
    return succeed(token);
  }

  #refuse(problem: ZohoProblem): Result<AccessToken, ZohoProblem> {
    this.#failures += 1;
    const now = this.#options.clock.now();
    this.#refusal = { problem, since: now, until: refusedUntil(problem, this.#failures, now) };
    return fail(problem);
  }
}

async function requestGrant(access: LastingAccess): Promise<Result<TokenGrant, ZohoProblem>> {
  return "refreshToken" in access
    ? access.oauth.refresh(access.refreshToken)
    : access.oauth.grantToClient(access.zgid, access.scopes);
}

/** Until when (milliseconds since 1970) nobody need ask again after failure number `failures` in a row. */
function refusedUntil(problem: ZohoProblem, failures: number, now: number): number {
  switch (problem.kind) {
    case "throttled":
      return problem.retryAt;
    case "signed-out":
    case "client":
      return now + refusalLife;
    // Nobody was reached, so that nobody is hammered either; the transport has waited between its own tries.
    case "offline":
    case "cancelled":
      return now;
    default:
      return now + backoffDelay(failures, failureBackoff);
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
