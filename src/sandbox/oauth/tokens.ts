import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { hour, minute } from "../../base/clock.ts";
import { type BehaviourSwitches, tokenThrottleWindow } from "../behaviour.ts";
import { Collection } from "../state/collection.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Storage } from "../state/storage.ts";
import { type CodeChallenge, meetsChallenge } from "./codeChallenge.ts";

/** Who may do what: common to codes and tokens. */
const grantSchema = v.object({
  clientId: v.string(),
  userId: v.string(),
  scopes: v.array(v.string()),
});
export type Grant = v.InferOutput<typeof grantSchema>;

const refreshTokenSchema = v.object({ ...grantSchema.entries, token: v.string() });
export type RefreshToken = v.InferOutput<typeof refreshTokenSchema>;

const accessTokenSchema = v.object({
  ...grantSchema.entries,
  token: v.string(),
  /** Absent for access without `access_type=offline`. */
  refreshToken: v.optional(v.string()),
  issuedAt: v.number(),
  expiresAt: v.number(),
});
export type AccessToken = v.InferOutput<typeof accessTokenSchema>;

/** A code that a person's consent (or the self client) gave: one use, short life, not kept across restarts. */
interface Code extends Grant {
  /** What the token call has to prove; undefined where the consent was asked for without. */
  readonly challenge: CodeChallenge | undefined;
  readonly redirectUri: string | undefined;
  readonly offline: boolean;
  readonly expiresAt: number;
}

/** What a code from the consent page is bound to. */
export interface ConsentTerms {
  readonly redirectUri: string;
  readonly offline: boolean;
  readonly challenge: CodeChallenge | undefined;
}

const consentCodeLife = 2 * minute;
const selfClientCodeLife = 3 * minute;
const accessTokenLife = hour;
const refreshTokensPerUser = 20;

/** What a token call brings along with a code. */
export interface CodeProof {
  readonly redirectUri: string | undefined;
  readonly verifier: string | undefined;
}

/** The codes and tokens that the sandbox gave out. */
export class Tokens {
  readonly #clock: MovableClock;
  readonly #behaviour: BehaviourSwitches;
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens: Collection<RefreshToken>;
  readonly #accessTokens: Collection<AccessToken>;

  constructor(clock: MovableClock, behaviour: BehaviourSwitches, storage: Storage) {
    this.#clock = clock;
    this.#behaviour = behaviour;
    this.#refreshTokens = new Collection("refresh_tokens", storage, refreshTokenSchema);
    this.#accessTokens = new Collection("access_tokens", storage, accessTokenSchema);
  }

  /** A code for the browser flow. It is good for two minutes, once, and only with the same redirect URI. */
  issueConsentCode(grant: Grant, terms: ConsentTerms): string {
    return this.#issueCode({ ...grant, ...terms, expiresAt: this.#clock.now() + consentCodeLife });
  }

  /** A code as a person would copy it from the API console. It is good for three minutes, once. */
  issueSelfClientCode(grant: Grant): string {
    const expiresAt = this.#clock.now() + selfClientCodeLife;
    return this.#issueCode({ ...grant, redirectUri: undefined, challenge: undefined, offline: true, expiresAt });
  }

  #issueCode(code: Code): string {
    const text = newToken();
    this.#codes.set(text, code);
    return text;
  }

  /**
   * Uses up a code of this client; undefined when there is none, it is too old, the redirect URI is another, or the
   * verifier is not that of the challenge.
   */
  redeemCode(code: string, clientId: string, proof: CodeProof): Code | undefined {
    const found = this.#codes.get(code);
    if (found?.clientId !== clientId) return undefined;
    this.#codes.delete(code);
    if (found.expiresAt <= this.#clock.now()) return undefined;
    const returned = found.redirectUri === undefined || found.redirectUri === proof.redirectUri;
    return returned && meetsChallenge(found.challenge, proof.verifier) ? found : undefined;
  }

  /** A refresh token. A user has at most twenty: one more and the oldest dies, with its access tokens. */
  issueRefreshToken({ clientId, userId, scopes }: Grant): RefreshToken {
    const issued = { clientId, userId, scopes, token: newToken() };
    this.#refreshTokens.put(issued.token, issued);
    const all = [...this.#refreshTokens.values()].filter(other => other.userId === userId);
    for (const { token } of all.slice(0, Math.max(0, all.length - refreshTokensPerUser))) this.revoke(token);
    return issued;
  }

  refreshToken(token: string): RefreshToken | undefined {
    return this.#refreshTokens.get(token);
  }

  /** An access token for an hour, or "throttled" when its refresh token had too many within ten minutes. */
  issueAccessToken({ clientId, userId, scopes }: Grant, refreshToken: string | undefined): AccessToken | "throttled" {
    this.#forgetExpired();
    if (refreshToken !== undefined && this.#isThrottled(refreshToken)) return "throttled";
    const issuedAt = this.#clock.now();
    const life = { token: newToken(), issuedAt, expiresAt: issuedAt + accessTokenLife };
    const issued = { clientId, userId, scopes, ...life, ...(refreshToken === undefined ? {} : { refreshToken }) };
    this.#accessTokens.put(issued.token, issued);
    return issued;
  }

  #isThrottled(refreshToken: string): boolean {
    const limit = this.#behaviour.current.accessTokensPerTenMinutes;
    const since = this.#clock.now() - tokenThrottleWindow;
    const recent = [...this.#accessTokens.values()].filter(
      token => token.refreshToken === refreshToken && token.issuedAt > since,
    );
    return limit > 0 && recent.length >= limit;
  }

  #forgetExpired(): void {
    for (const { token, expiresAt } of [...this.#accessTokens.values()]) {
      if (expiresAt <= this.#clock.now()) this.#accessTokens.delete(token);
    }
  }

  /** The access token, if it is known and its hour is not over. */
  accessToken(token: string): AccessToken | undefined {
    const found = this.#accessTokens.get(token);
    return found !== undefined && found.expiresAt > this.#clock.now() ? found : undefined;
  }

  /** Ends a refresh token with all its access tokens, or one access token. False when there is no such token. */
  revoke(token: string): boolean {
    for (const access of [...this.#accessTokens.values()]) {
      if (access.refreshToken === token) this.#accessTokens.delete(access.token);
    }
    const wasRefreshToken = this.#refreshTokens.delete(token);
    return this.#accessTokens.delete(token) || wasRefreshToken;
  }

  /** Ends the tokens of one user, or of all, and gives how many refresh tokens there were. */
  revokeAll(userId?: string): number {
    const ofUser = (grant: Grant): boolean => userId === undefined || grant.userId === userId;
    const refreshTokens = [...this.#refreshTokens.values()].filter(ofUser);
    const accessTokens = [...this.#accessTokens.values()].filter(ofUser);
    for (const { token } of [...refreshTokens, ...accessTokens]) this.revoke(token);
    return refreshTokens.length;
  }

  /** Ends every code that nobody has redeemed yet, and gives how many there were. */
  expireCodes(): number {
    const count = this.#codes.size;
    this.#codes.clear();
    return count;
  }

  /** Ends the hour of every access token; the refresh tokens stay good. */
  expireAccessTokens(): void {
    for (const { token } of [...this.#accessTokens.values()]) this.#accessTokens.delete(token);
  }
}

/** In the form of Zoho's tokens. */
function newToken(): string {
  return `1000.${randomBytes(16).toString("hex")}.${randomBytes(16).toString("hex")}`;
}
