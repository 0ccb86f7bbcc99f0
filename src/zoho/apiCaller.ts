import { type Clock, minute } from "../base/clock.ts";
import type { Remedy } from "../base/problem.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { AccessToken, TokenSource } from "./accessTokens.ts";
import { isSurelyZohos, zohosCodeIn } from "./apiProblem.ts";
import type { CallListener } from "./callRecorder.ts";
import type { CreditGauge } from "./credits.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "./httpTransport.ts";
import { withOfflineRemedy } from "./networkProblem.ts";
import type { ZohoProblem } from "./problem.ts";
import type { ShapeObserver } from "./shapeObserver.ts";
import { type Exchange, ZohoClock } from "./zohoClock.ts";

export interface ApiCallerOptions {
  /** Origin of the API, such as `https://www.zohoapis.eu`. */
  readonly apiDomain: string;
  readonly tokens: TokenSource;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** What to offer when nothing answers: "retry", and "start-sandbox" for a server that we can start. */
  readonly remedyWhenOffline?: Remedy;
  /** Keeps the calls of the watch API. */
  readonly recorder?: CallListener;
  readonly credits?: CreditGauge;
  /** Hears of answers, and items of answers, whose form is not known. */
  readonly shapes?: ShapeObserver;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One call of the API. */
export interface ApiCall extends CallOptions {
  readonly method: HttpRequest["method"];
  /** Below the API's root, such as `/org`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const apiRoot = "/crm/v8";

/** Where channels are made, listed, changed and dropped. */
export const watchPath = "/actions/watch";

/** What Zoho says of a token that is not good, whatever the status. */
const tokenCodes: readonly (string | undefined)[] = [
  "INVALID_TOKEN",
  "INVALID_OAUTHTOKEN",
  "AUTHENTICATION_FAILURE",
  "4834",
];

interface Attempt {
  readonly answer: HttpAnswer;
  readonly token: AccessToken;
}

/** A fresh token was refused, by Zoho or by what stands between, at an instant in milliseconds since 1970. */
interface FreshRefusal {
  readonly token: string;
  readonly byZoho: boolean;
  readonly at: number;
}

/** How long no other token is tried then: Zoho counts those of ten minutes. */
const refusalLife = 10 * minute;

/** One call takes at most so many tokens beside its first. */
const mostRenewals = 2;

/** Sends calls with a good token, and takes note of what each answer says beside what was asked. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;
  /** Zoho's time, as the answers tell it. */
  readonly time: ZohoClock;
  /** Until an answer of Zoho's shows that tokens are taken again. */
  #refusal: FreshRefusal | undefined;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
    this.time = new ZohoClock(options.clock);
  }

  /**
   * The answer, whatever its status. Where the token is no longer taken, the call is sent again with another, and once
   * more where Zoho says that this one is not good either and it was another window's.
   */
  async send(call: ApiCall): Promise<Result<HttpAnswer, ZohoProblem>> {
    let attempt = await this.#attempt(call);
    for (let renewals = 0; this.#renewsToken(attempt, renewals); renewals++) attempt = await this.#attempt(call);
    return this.#finish(attempt);
  }

  /** Drops a token that was refused, where another may fare better. `renewals`: how often that was done for this call. */
  #renewsToken(attempt: Result<Attempt, ZohoProblem>, renewals: number): boolean {
    if (!attempt.ok) return false;
    const { answer, token } = attempt.value;
    if (!refusesToken(answer)) {
      if (this.#refusal !== undefined && isSurelyZohos(answer)) this.#refusal = undefined;
      return false;
    }
    if (this.#isInVain(attempt.value)) return false;
    if (renewals > 0 && !this.#isAnothers(attempt.value, renewals)) {
      this.#refusal = { token: token.value, byZoho: isZohosOwn(answer), at: this.#options.clock.now() };
      return false;
    }
    this.#options.tokens.invalidate(token);
    return true;
  }

  /** This very token was refused when it was fresh: another costs one of ten, and fares no better. */
  #isInVain({ answer, token }: Attempt): boolean {
    if (this.#refusal?.token !== token.value) return false;
    const age = this.#options.clock.now() - this.#refusal.at;
    return age >= 0 && age < refusalLife && (this.#refusal.byZoho || !isZohosOwn(answer));
  }

  /** True where Zoho refuses a token that another window minted, which it may have done some time ago. */
  #isAnothers({ answer, token }: Attempt, renewals: number): boolean {
    return renewals < mostRenewals && isZohosOwn(answer) && !this.#options.tokens.isFresh(token);
  }

  async #attempt(call: ApiCall): Promise<Result<Attempt, ZohoProblem>> {
    const token = await this.#options.tokens.get(call.signal);
    if (!token.ok) return token;
    const answer = await this.#exchange(this.#toRequest(call, token.value), call.path === watchPath);
    return answer.ok ? succeed({ answer: answer.value, token: token.value }) : answer;
  }

  async #exchange(request: HttpRequest, isWatch: boolean): Promise<Result<HttpAnswer, ZohoProblem>> {
    const { transport, clock, recorder, credits } = this.#options;
    const startedAt = clock.now();
    const answer = await transport.send(request);
    if (answer.ok) {
      credits?.note(answer.value);
      this.#noteTime(answer.value, { sentAt: startedAt, receivedAt: clock.now() });
    }
    if (isWatch) {
      const outcome = answer.ok
        ? ({ kind: "answer", answer: answer.value, cut: false } as const)
        : ({ kind: "no-answer", code: answer.error.code, message: answer.error.message } as const);
      await recorder?.record(request, outcome, startedAt, clock.now());
    }
    return answer;
  }

  /** Looks into an answer only where its time is news: it may be long. */
  #noteTime(answer: HttpAnswer, exchange: Exchange): void {
    if (this.time.isNews(answer, exchange) && isSurelyZohos(answer)) this.time.note(answer, exchange);
  }

  #finish(attempt: Result<Attempt, ZohoProblem>): Result<HttpAnswer, ZohoProblem> {
    if (attempt.ok) return succeed(attempt.value.answer);
    return fail(withOfflineRemedy(attempt.error, this.#options.remedyWhenOffline ?? "retry"));
  }

  #toRequest({ method, path, query, headers, body, signal }: ApiCall, token: AccessToken): HttpRequest {
    const url = new URL(apiRoot + path, this.#options.apiDomain);
    url.search = new URLSearchParams(query).toString();
    return {
      method,
      url: url.href,
      headers: {
        accept: "application/json",
        ...headers,
        authorization: `Zoho-oauthtoken ${token.value}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal,
      ...(body === undefined ? {} : { body }),
    };
  }
}

/** True where an answer says that the token is not good. */
function refusesToken(answer: HttpAnswer): boolean {
  if (answer.status < 400) return false;
  const code = zohosCodeIn(answer);
  return (answer.status === 401 && code !== "OAUTH_SCOPE_MISMATCH") || tokenCodes.includes(code);
}

/** True where the answer has one of Zoho's codes: with any other, or none, it may be a gateway's. */
function isZohosOwn(answer: HttpAnswer): boolean {
  return zohosCodeIn(answer) !== undefined;
}
