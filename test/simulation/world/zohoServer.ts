import type { HttpAnswer, HttpRequest } from "../../../src/zoho/httpTransport.ts";
import { PlayedAccounts } from "./playedAccounts.ts";
import { type Caller, PlayedWatchApi, type WatchObserver, answer, error } from "./playedWatchApi.ts";
import type { Randomness } from "./randomness.ts";
import type { RequestFault, Weather } from "./weather.ts";

/** What became of a request at Zoho; no answer where it got lost on the way back. */
export type Served = HttpAnswer | undefined;

/** Zoho as a request meets it: its accounts server and its watch API, with what the weather does to both. */
export class ZohoServer {
  readonly api: PlayedWatchApi;
  readonly accounts: PlayedAccounts;
  readonly #weather: Weather;

  constructor(trueNow: () => number, randomness: Randomness, weather: Weather, observer: WatchObserver) {
    this.#weather = weather;
    const count = (fault: RequestFault): void => weather.count(fault);
    this.api = new PlayedWatchApi({ trueNow, randomness, observer, count });
    this.accounts = new PlayedAccounts(() => this.api.now);
  }

  serve(request: HttpRequest, by: Caller, fault: RequestFault | undefined): Served {
    const early = this.#answerEarly(request, fault);
    const served = early ?? this.#handle(request, by, fault);
    if (fault === "answer lost after the effect") {
      this.#weather.count(fault);
      return undefined;
    }
    if (fault !== "5xx after the effect") return this.#dated(served);
    this.#weather.count(fault);
    return this.#dated(answer(500, error("INTERNAL_ERROR")));
  }

  #handle(request: HttpRequest, by: Caller, fault: RequestFault | undefined): HttpAnswer {
    if (new URL(request.url).pathname.startsWith("/oauth/")) return this.accounts.handle(request);
    const token = tokenOf(request);
    return this.accounts.isGood(token) ? this.api.handle(request, by, fault) : answer(401, error("INVALID_TOKEN"));
  }

  /** What answers before Zoho's CRM has seen the request. */
  #answerEarly(request: HttpRequest, fault: RequestFault | undefined): HttpAnswer | undefined {
    const early = earlyAnswer(fault);
    if (early === undefined || fault === undefined) return undefined;
    if (fault === "401 of a token that Zoho ended") this.accounts.end(tokenOf(request));
    this.#weather.count(fault);
    return early;
  }

  #dated(served: HttpAnswer): HttpAnswer {
    return { ...served, headers: { ...served.headers, date: new Date(this.api.now).toUTCString() } };
  }
}

function earlyAnswer(fault: RequestFault | undefined): HttpAnswer | undefined {
  switch (fault) {
    case "5xx before the effect":
      return answer(503, undefined);
    case "429":
      return answer(429, error("TOO_MANY_REQUESTS"));
    case "401 of a token that Zoho ended":
      return answer(401, error("INVALID_TOKEN"));
    case "401 of a gateway":
      return answer(401, undefined);
    case "page of a proxy":
      return {
        status: 200,
        headers: { "content-type": "text/html" },
        text: "<html><body>Sign in to the network</body></html>",
      };
    default:
      return undefined;
  }
}

function tokenOf(request: HttpRequest): string {
  return (request.headers?.["authorization"] ?? "").replace("Zoho-oauthtoken ", "");
}
