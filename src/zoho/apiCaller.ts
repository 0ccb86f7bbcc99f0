import type { Clock } from "../base/clock.ts";
import type { Remedy } from "../base/problem.ts";
import { type Result, type Success, fail, succeed } from "../base/result.ts";
import type { AccessToken, TokenSource } from "./accessTokens.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import type { CallRecorder } from "./callRecorder.ts";
import type { CreditGauge } from "./credits.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "./httpTransport.ts";
import { withOfflineRemedy } from "./networkProblem.ts";
import type { ZohoProblem } from "./problem.ts";
import type { ShapeObserver } from "./shapeObserver.ts";
import { ZohoClock } from "./zohoClock.ts";

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

interface Attempt {
  readonly answer: HttpAnswer;
  readonly token: AccessToken;
}

/** Sends calls with a good token, and takes note of what each answer says beside what was asked. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;
  /** Zoho's time, as the answers tell it. */
  readonly time: ZohoClock;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
    this.time = new ZohoClock(options.clock);
  }

  /**
   * The answer, whatever its status. Where Zoho no longer takes the token, the call is sent again with another, and once
   * more where that one was not fresh either but another window's.
   */
  async send(call: ApiCall): Promise<Result<HttpAnswer, ZohoProblem>> {
    const first = await this.#attempt(call);
    if (!this.#isRefused(first)) return this.#finish(first);
    this.#options.tokens.invalidate(first.value.token);
    const second = await this.#attempt(call);
    const worthAnother = this.#isRefused(second) && this.#options.tokens.invalidate(second.value.token);
    return this.#finish(worthAnother ? await this.#attempt(call) : second);
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
      this.time.note(answer.value, { sentAt: startedAt, receivedAt: clock.now() });
    }
    if (isWatch) {
      const outcome = answer.ok
        ? ({ kind: "answer", answer: answer.value, cut: false } as const)
        : ({ kind: "no-answer", code: answer.error.code, message: answer.error.message } as const);
      recorder?.record(request, outcome, startedAt, clock.now());
    }
    return answer;
  }

  #finish(attempt: Result<Attempt, ZohoProblem>): Result<HttpAnswer, ZohoProblem> {
    if (attempt.ok) return succeed(attempt.value.answer);
    return fail(withOfflineRemedy(attempt.error, this.#options.remedyWhenOffline ?? "retry"));
  }

  #isRefused(attempt: Result<Attempt, ZohoProblem>): attempt is Success<Attempt> {
    if (!attempt.ok || attempt.value.answer.status !== 401) return false;
    const { code } = problemOfAnswer(attempt.value.answer, this.#options.clock);
    return code === "INVALID_TOKEN" || code === "INVALID_OAUTHTOKEN";
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
