import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type DeviceCode, type DevicePoll, readDeviceCode, readDeviceWait } from "./deviceGrant.ts";
import type { HttpAnswer, HttpTransport } from "./httpTransport.ts";
import { type OAuthStep, oauthProblem, uncodedProblem } from "./oauthProblem.ts";
import type { ZohoProblem } from "./problem.ts";
import { type TokenGrant, readGrant } from "./tokenGrant.ts";
import { readJson, safeCode } from "./wire.ts";

export type { TokenGrant } from "./tokenGrant.ts";

export interface OAuthClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Origin of the accounts server. The client secret is sent there and nowhere else. */
  readonly accountsUrl: string;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** Comes back in the callback; must be unguessable. */
  readonly state: string;
  /** Of a proof key (RFC 7636), by S256; client types that don't know it ignore it. */
  readonly codeChallenge: string;
}

/** How the browser was sent out for a code; nothing of it for a self client's code. */
export interface CodeOrigin {
  readonly redirectUri: string;
  /** The verifier to the challenge that went out. */
  readonly codeVerifier: string;
}

const errorSchema = v.object({ error: v.pipe(v.string(), v.transform(safeCode)) });

/** One registered client at one accounts server. */
export class OAuthClient {
  readonly #options: OAuthClientOptions;

  constructor(options: OAuthClientOptions) {
    this.#options = options;
  }

  /** The consent page to show in a browser. It asks each time, as only then Zoho gives a refresh token. */
  authorizationUrl({ redirectUri, scopes, state, codeChallenge }: AuthorizationRequest): string {
    const url = new URL("/oauth/v2/auth", this.#options.accountsUrl);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#options.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(","),
      access_type: "offline",
      prompt: "consent",
      state,
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
    }).toString();
    return url.href;
  }

  /** Tokens for a code. `origin`: how the browser was sent out for it; none for a self client's code. */
  async exchangeCode(
    code: string,
    origin?: CodeOrigin,
    signal?: AbortSignal,
  ): Promise<Result<TokenGrant, ZohoProblem>> {
    const sentOut =
      origin === undefined ? {} : { redirect_uri: origin.redirectUri, code_verifier: origin.codeVerifier };
    return this.#requestToken("exchange", { grant_type: "authorization_code", code, ...sentOut }, signal);
  }

  /**
   * An access token for the client itself, without a refresh token. `zgid`: Zoho's id of the organisation, which is not
   * the one that the CRM's API gives.
   */
  async grantToClient(
    zgid: string,
    scopes: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<TokenGrant, ZohoProblem>> {
    const asked = { grant_type: "client_credentials", scope: scopes.join(","), soid: `ZohoCRM.${zgid}` };
    return this.#requestToken("credentials", asked, signal);
  }

  /** A code for a person to enter on whatever device they have a browser on. */
  async requestDeviceCode(scopes: readonly string[], signal?: AbortSignal): Promise<Result<DeviceCode, ZohoProblem>> {
    const { clientId, accountsUrl, clock } = this.#options;
    const form = new URLSearchParams({
      client_id: clientId,
      grant_type: "device_request",
      scope: scopes.join(","),
      access_type: "offline",
      prompt: "consent",
    });
    const answer = await this.#post("/oauth/v3/device/code", form.toString(), signal);
    if (!answer.ok) return answer;
    const problem = this.#problemIn(answer.value, "device");
    return problem === undefined ? readDeviceCode(answer.value, accountsUrl, clock) : fail(problem);
  }

  /** Asks once whether the person has entered the code and accepted. */
  async pollDevice(deviceCode: string, signal?: AbortSignal): Promise<Result<DevicePoll, ZohoProblem>> {
    const form = this.#withClient({ grant_type: "device_token", code: deviceCode });
    const answer = await this.#post("/oauth/v3/device/token", form, signal);
    if (!answer.ok) return answer;
    const wait = readDeviceWait(answer.value);
    if (wait !== undefined) return succeed(wait);
    const grant = this.#grantIn(answer.value, "device");
    return grant.ok ? succeed({ kind: "granted", grant: grant.value }) : grant;
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
    const answer = await this.#post("/oauth/v2/token", this.#withClient(parameters), signal);
    return answer.ok ? this.#grantIn(answer.value, step) : answer;
  }

  #withClient(parameters: Readonly<Record<string, string>>): string {
    const { clientId, clientSecret } = this.#options;
    return new URLSearchParams({ ...parameters, client_id: clientId, client_secret: clientSecret }).toString();
  }

  #grantIn(answer: HttpAnswer, step: OAuthStep): Result<TokenGrant, ZohoProblem> {
    const { accountsUrl, clock } = this.#options;
    const problem = this.#problemIn(answer, step);
    return problem === undefined ? readGrant(answer, accountsUrl, clock) : fail(problem);
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

  /** Errors come with any status, often 200: the body decides, where it has one of the accounts server's own words. */
  #problemIn(answer: HttpAnswer, step: OAuthStep): ZohoProblem | undefined {
    const body = readJson(answer);
    const named = body.ok ? v.safeParse(errorSchema, body.value) : undefined;
    if (named?.success === true) return oauthProblem(named.output.error, step, answer, this.#options.clock);
    return answer.status >= 300 ? uncodedProblem(answer, this.#options.clock) : undefined;
  }
}
