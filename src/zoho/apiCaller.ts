import type { Clock } from "../base/clock.ts";
import type { Remedy } from "../base/problem.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { AccessToken, TokenSource } from "./accessTokens.ts";
import { isSurelyZohos, zohosCodeIn } from "./apiProblem.ts";
import type { CallRecorder } from "./callRecorder.ts";
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
  readonly recorder?: CallRecorder;
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

/** Sends calls with a good token, and takes note of what each answer says beside what was asked. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;
  /** Zoho's time, as the answers tell it. */
  readonly time: ZohoClock;
  /** The fresh token that a gateway refused last. */
  #refusedOnTheWay: string | undefined;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
    this.time = new ZohoClock(options.clock);
  }

  /**
   * The answer, whatever its status. Where the token is no longer taken, the call is sent again with another, and once
   * more where Zoho says that this one is not good either and it was another window's.
   */
  async send(call: ApiCall): Promise<Result<HttpAnswer, ZohoProblem>> {
    const first = await this.#attempt(call);
    const stale = refusedIn(first);
    if (stale === undefined && first.ok) this.#refusedOnTheWay = undefined;
    if (stale === undefined || this.#isInVain(stale)) return this.#finish(first);
    this.#options.tokens.invalidate(stale.token);
    const second = await this.#attempt(call);
    const fresh = refusedIn(second);
    if (fresh === undefined) return this.#finish(second);
    if (!isZohosOwn(fresh.answer)) {
      this.#refusedOnTheWay = fresh.token.value;
      return this.#finish(second);
    }
    const worthAnother = this.#options.tokens.invalidate(fresh.token);
    return this.#finish(worthAnother ? await this.#attempt(call) : second);
  }

  /** What stands between refused this very token when it was fresh: another costs one of ten, and fares no better. */
  #isInVain({ answer, token }: Attempt): boolean {
    return token.value === this.#refusedOnTheWay && !isZohosOwn(answer);
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
      recorder?.record(request, outcome, startedAt, clock.now());
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

/** The attempt, where its answer says that the token is not good. */
function refusedIn(attempt: Result<Attempt, ZohoProblem>): Attempt | undefined {
  if (!attempt.ok || attempt.value.answer.status < 400) return undefined;
  const code = zohosCodeIn(attempt.value.answer);
  const isRefused = attempt.value.answer.status === 401 && code !== "OAUTH_SCOPE_MISMATCH";
  return isRefused || tokenCodes.includes(code) ? attempt.value : undefined;
}

/** True where the answer has one of Zoho's codes: with any other, or none, it may be a gateway's. */
function isZohosOwn(answer: HttpAnswer): boolean {
  return zohosCodeIn(answer) !== undefined;
}
