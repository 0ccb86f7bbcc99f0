import type { AxiosInstance, AxiosResponse } from "axios";
import { type Clock, second, systemClock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "./httpTransport.ts";
import { isLoopback } from "./loopback.ts";
import { networkProblem, proxyPasswordProblem, proxyProblem, timeoutProblem } from "./networkProblem.ts";
import { type ZohoProblem, cancelledProblem } from "./problem.ts";
import { unreachedProxy } from "./proxyFailure.ts";

export interface AxiosTransportOptions {
  readonly clock?: Clock;
  /** How long one request may take, in milliseconds. 30 seconds: Zoho's slowest answers come well within. */
  readonly deadline?: number;
  /** The longest answer that is read, in bytes. 32 MiB: the metadata of a large organisation is a tenth of it. */
  readonly longestAnswer?: number;
  /** Stands in for axios' own instance, such as one with a proxy or a certificate authority of its own. */
  readonly axios?: AxiosInstance;
}

/** Sends requests with axios. Any status is an answer, and answers stay text: ids would not survive axios' own parsing. */
export class AxiosTransport implements HttpTransport {
  #axios: AxiosInstance | undefined;
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #longestAnswer: number;

  constructor(options: AxiosTransportOptions = {}) {
    this.#axios = options.axios;
    this.#clock = options.clock ?? systemClock;
    this.#deadline = options.deadline ?? 30 * second;
    this.#longestAnswer = options.longestAnswer ?? 32 * 1024 * 1024;
  }

  async send(request: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> {
    if (request.signal?.aborted === true) return fail(cancelledProblem());
    const late = new AbortController();
    const timer = this.#clock.after(this.#deadline, () => late.abort());
    try {
      const answer = toAnswer(await this.#exchange(request, late.signal));
      // No server says this: it is the word of the proxy before it.
      return answer.status === 407 ? fail(proxyPasswordProblem(new URL(request.url).host)) : succeed(answer);
    } catch (error) {
      return fail(this.#explain(error, request, late.signal.aborted));
    } finally {
      timer.dispose();
    }
  }

  async #exchange(request: HttpRequest, late: AbortSignal): Promise<AxiosResponse<string>> {
    const client = await this.#client();
    return client.request<string>({
      adapter: "http",
      method: request.method,
      url: request.url,
      headers: { ...request.headers },
      data: request.body,
      signal: request.signal === undefined ? late : AbortSignal.any([late, request.signal]),
      responseType: "text",
      transformRequest: (body: unknown) => body,
      transformResponse: (body: unknown) => body,
      validateStatus: () => true,
      // Following would carry the token to wherever the answer points.
      maxRedirects: 0,
      maxContentLength: this.#longestAnswer,
      // A proxy cannot reach this machine's own servers for us.
      ...(isLoopback(request.url) ? { proxy: false } : {}),
    });
  }

  /** Loaded with the first request, so that starting the editor is not slowed. */
  async #client(): Promise<AxiosInstance> {
    const { default: axios } = await import("axios");
    return (this.#axios ??= axios.create());
  }

  #explain(error: unknown, request: HttpRequest, late: boolean): ZohoProblem {
    const { host } = new URL(request.url);
    if (late) return timeoutProblem(host);
    if (request.signal?.aborted === true) return cancelledProblem();
    const proxy = unreachedProxy(error, request.url);
    return proxy === undefined ? networkProblem(codeOf(error), host) : proxyProblem(codeOf(error), proxy, host);
  }
}

function toAnswer(response: AxiosResponse<string>): HttpAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries<unknown>(response.headers)) {
    if (typeof value === "string") headers[name.toLowerCase()] = value;
  }
  return { status: response.status, headers, text: typeof response.data === "string" ? response.data : "" };
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "UNKNOWN";
  return typeof error.code === "string" ? error.code : "UNKNOWN";
}
