import * as v from "valibot";
import { type Clock, hour, second } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import type { HttpAnswer, HttpTransport } from "./httpTransport.ts";
import { type OAuthStep, oauthProblem } from "./oauthProblem.ts";
import type { ZohoProblem } from "./problem.ts";
import { readJson, safeCode, unreadableProblem } from "./wire.ts";

export interface OAuthClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Origin of the accounts server. The client secret is sent there and nowhere else. */
  readonly accountsUrl: string;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** What the accounts server gives for a code or a refresh token. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Only for a code, and there only when consent was given anew. */
  readonly refreshToken?: string;
  /** Origin of the API that the token is for, where the answer tells. */
  readonly apiDomain?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly scopes: readonly string[];
}

export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** Comes back in the callback; must be unguessable. */
  readonly state: string;
}

const grantSchema = v.object({
  access_token: v.pipe(v.string(), v.minLength(1)),
  refresh_token: v.optional(v.pipe(v.string(), v.minLength(1))),
  api_domain: v.optional(v.pipe(v.string(), v.url())),
  /** Seconds. Very old clients of Zoho see milliseconds here and seconds in `expires_in_sec`. */
  expires_in: v.optional(v.number()),
  expires_in_sec: v.optional(v.number()),
  scope: v.optional(v.string()),
});

const errorSchema = v.object({ error: v.pipe(v.string(), v.transform(safeCode)) });

/** One registered client at one accounts server. */
export class OAuthClient {
  readonly #options: OAuthClientOptions;

  constructor(options: OAuthClientOptions) {
    this.#options = options;
  }

  /** The consent page to show in a browser. It asks each time, as only then Zoho gives a refresh token. */
  authorizationUrl({ redirectUri, scopes, state }: AuthorizationRequest): string {
    const url = new URL("/oauth/v2/auth", this.#options.accountsUrl);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#options.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(","),
      access_type: "offline",
      prompt: "consent",
      state,
    }).toString();
    return url.href;
  }

  /** Tokens for a code; `redirectUri` as the browser was sent with it, none for a self client's code. */
  async exchangeCode(
    code: string,
    redirectUri?: string,
    signal?: AbortSignal,
  ): Promise<Result<TokenGrant, ZohoProblem>> {
    const redirect = redirectUri === undefined ? {} : { redirect_uri: redirectUri };
    return this.#requestToken("exchange", { grant_type: "authorization_code", code, ...redirect }, signal);
  }

  async refresh(refreshToken: string, signal?: AbortSignal): Promise<Result<TokenGrant, ZohoProblem>> {
    return this.#requestToken("refresh", { grant_type: "refresh_token", refresh_token: refreshToken }, signal);
  }

  /** Ends a refresh token and all access tokens made from it. One that Zoho no longer knows counts as ended. */
  async revoke(refreshToken: string, signal?: AbortSignal): Promise<Result<void, ZohoProblem>> {
    const query = new URLSearchParams({ token: refreshToken }).toString();
    const answer = await this.#post(`/oauth/v2/token/revoke?${query}`, "", signal);
    if (!answer.ok) return answer;
    const problem = this.#problemIn(answer.value, "revoke");
    return problem === undefined || problem.kind === "signed-out" ? succeed(undefined) : fail(problem);
  }

  async #requestToken(
    step: OAuthStep,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Result<TokenGrant, ZohoProblem>> {
    const { clientId, clientSecret } = this.#options;
    const form = new URLSearchParams({ ...parameters, client_id: clientId, client_secret: clientSecret });
    const answer = await this.#post("/oauth/v2/token", form.toString(), signal);
    if (!answer.ok) return answer;
    const problem = this.#problemIn(answer.value, step);
    return problem === undefined ? this.#readGrant(answer.value) : fail(problem);
  }

  async #post(path: string, body: string, signal: AbortSignal | undefined): Promise<Result<HttpAnswer, ZohoProblem>> {
    return this.#options.transport.send({
      method: "POST",
      url: new URL(path, this.#options.accountsUrl).href,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body,
      signal,
    });
  }

  /** Errors come with any status, often 200: the body decides. */
  #problemIn(answer: HttpAnswer, step: OAuthStep): ZohoProblem | undefined {
    const body = readJson(answer);
    const named = body.ok ? v.safeParse(errorSchema, body.value) : undefined;
    if (named?.success === true) return oauthProblem(named.output.error, step, answer, this.#options.clock);
    return answer.status >= 300 ? problemOfAnswer(answer, this.#options.clock) : undefined;
  }

  #readGrant(answer: HttpAnswer): Result<TokenGrant, ZohoProblem> {
    const body = readJson(answer);
    const parsed = body.ok ? v.safeParse(grantSchema, body.value) : undefined;
    if (parsed?.success !== true) return fail(unreadableProblem(answer.status));
    const grant = parsed.output;
    const apiDomain = grant.api_domain === undefined ? undefined : new URL(grant.api_domain).origin;
    if (apiDomain !== undefined && !this.#maySendTokensTo(apiDomain)) return fail(unreadableProblem(answer.status));
    return succeed({
      accessToken: grant.access_token,
      expiresAt: this.#options.clock.now() + lifetime(grant.expires_in_sec ?? grant.expires_in),
      scopes: (grant.scope ?? "").split(/[\s,]+/).filter(scope => scope !== ""),
      ...(grant.refresh_token === undefined ? {} : { refreshToken: grant.refresh_token }),
      ...(apiDomain === undefined ? {} : { apiDomain }),
    });
  }

  /** An accounts server on HTTPS cannot make us speak plain HTTP. */
  #maySendTokensTo(apiDomain: string): boolean {
    return (
      apiDomain.startsWith("https:") || (apiDomain.startsWith("http:") && this.#options.accountsUrl.startsWith("http:"))
    );
  }
}

/** Milliseconds; an hour where the answer does not tell or tells nonsense. */
function lifetime(seconds: number | undefined): number {
  const told = (seconds ?? 0) * second;
  return told > 0 && told <= hour ? told : hour;
}
