import { hour, minute } from "../../../src/base/clock.ts";
import type { HttpAnswer, HttpRequest } from "../../../src/zoho/httpTransport.ts";
import { answer } from "./playedWatchApi.ts";

/** Zoho's limits: tokens of one refresh token in so much time. */
const mostMints = 10;
const mintWindow = 10 * minute;

/** Zoho's accounts server: access tokens for refresh tokens that hold, for an hour, not too many at a time. */
export class PlayedAccounts {
  readonly #now: () => number;
  readonly #refreshTokens = new Set<string>();
  readonly #accessTokens = new Map<string, { readonly from: string; readonly until: number }>();
  readonly #mints = new Map<string, readonly number[]>();
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A person signs in: a refresh token. */
  signIn(): string {
    const token = `refresh-${++this.#count}`;
    this.#refreshTokens.add(token);
    return token;
  }

  isGood(accessToken: string): boolean {
    const known = this.#accessTokens.get(accessToken);
    return known !== undefined && known.until > this.#now() && this.#refreshTokens.has(known.from);
  }

  end(accessToken: string): void {
    this.#accessTokens.delete(accessToken);
  }

  handle(request: HttpRequest): HttpAnswer {
    const refreshToken = new URLSearchParams(request.body).get("refresh_token") ?? "";
    if (!this.#refreshTokens.has(refreshToken)) return answer(200, { error: "invalid_code" });
    const now = this.#now();
    const recent = (this.#mints.get(refreshToken) ?? []).filter(at => at > now - mintWindow);
    if (recent.length >= mostMints) {
      return answer(400, {
        error: "Access Denied",
        error_description: "You have made too many requests continuously.",
      });
    }
    this.#mints.set(refreshToken, [...recent, now]);
    const accessToken = `access-${++this.#count}`;
    this.#accessTokens.set(accessToken, { from: refreshToken, until: now + hour });
    return answer(200, {
      access_token: accessToken,
      expires_in: 3600,
      api_domain: "https://www.zohoapis.eu",
      token_type: "Bearer",
    });
  }
}
