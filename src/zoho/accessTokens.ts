import { type Clock, minute } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { OAuthClient, TokenGrant } from "./oauth.ts";
import { type ZohoProblem, cancelledProblem } from "./problem.ts";

/** What opens the API for about an hour. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Where the client gets its access tokens. */
export interface TokenSource {
  get(signal?: AbortSignal): Promise<Result<AccessToken, ZohoProblem>>;
  /** Zoho refused this token: the next `get` brings another. */
  invalidate(token: AccessToken): void;
}

/** How long before its end a token is no longer handed out: longer than any request takes. */
const margin = minute;

export interface AccessTokensOptions {
  readonly oauth: Pick<OAuthClient, "refresh">;
  readonly refreshToken: string;
  readonly clock: Clock;
  /** A token that is at hand already, such as that of the sign-in. */
  readonly initial?: AccessToken;
}

/**
 * The access tokens of one refresh token, of which Zoho gives only ten in ten minutes: one is used until shortly before
 * its end, one refresh at a time serves all who wait, and a refusal is remembered for as long as it holds.
 */
export class AccessTokens implements TokenSource {
  readonly #options: AccessTokensOptions;
  #current: AccessToken | undefined;
  #refreshing: Promise<Result<AccessToken, ZohoProblem>> | undefined;
  #refusal: ZohoProblem | undefined;

  constructor(options: AccessTokensOptions) {
    this.#options = options;
    this.#current = options.initial;
  }

  async get(signal?: AbortSignal): Promise<Result<AccessToken, ZohoProblem>> {
    if (this.#current !== undefined && this.#current.expiresAt - margin > this.#options.clock.now()) {
      return succeed(this.#current);
    }
    if (this.#refusal !== undefined && this.#holds(this.#refusal)) return fail(this.#refusal);
    this.#refreshing ??= this.#refresh();
    return unlessAborted(this.#refreshing, signal);
  }

  invalidate(token: AccessToken): void {
    if (this.#current?.value === token.value) this.#current = undefined;
  }

  /** Takes no signal: whoever gives up waiting must not take the token from the others. */
  async #refresh(): Promise<Result<AccessToken, ZohoProblem>> {
    try {
      const grant = await this.#options.oauth.refresh(this.#options.refreshToken);
      if (!grant.ok) return this.#refuse(grant.error);
      this.#refusal = undefined;
      this.#current = toAccessToken(grant.value);
      return succeed(this.#current);
    } finally {
      this.#refreshing = undefined;
    }
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
  if (signal.aborted) return fail(cancelledProblem);
  const aborted = Promise.withResolvers<Result<T, ZohoProblem>>();
  const onAbort = (): void => aborted.resolve(fail(cancelledProblem));
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
