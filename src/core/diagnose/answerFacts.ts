import type { Clock } from "../../base/clock.ts";
import type { Result } from "../../base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../zoho/httpTransport.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";

/** What the headers of a server's last answer told beside the answer. */
export interface AnswerFacts {
  /** How far this machine's clock is ahead of the server's, in milliseconds; undefined where no Date came. */
  readonly skew?: number;
  /** What is left of today's API credits; Zoho tells once half is used. */
  readonly creditsRemaining?: number;
}

/** Carries requests, and notes by origin what the headers of the answers tell. */
export class ObservedTransport implements HttpTransport {
  readonly #inner: HttpTransport;
  readonly #clock: Clock;
  readonly #facts = new Map<string, AnswerFacts>();

  constructor(inner: HttpTransport, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  async send(request: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> {
    const sentAt = this.#clock.now();
    const answer = await this.#inner.send(request);
    if (answer.ok) {
      const middle = (sentAt + this.#clock.now()) / 2;
      this.#facts.set(new URL(request.url).origin, factsOf(answer.value.headers, middle));
    }
    return answer;
  }

  /** What the last answer of a server told; `url` is its origin, or any address there. */
  factsOf(url: string): AnswerFacts {
    return this.#facts.get(new URL(url).origin) ?? {};
  }
}

/** `at`: when the answer was made by our clock, as near as can be told. */
function factsOf(headers: HttpAnswer["headers"], at: number): AnswerFacts {
  const date = Date.parse(headers["date"] ?? "");
  const credits = headers["x-api-credits-remaining"];
  return {
    ...(Number.isNaN(date) ? {} : { skew: at - (date + halfSecond) }),
    ...(credits === undefined || !/^\d+$/.test(credits) ? {} : { creditsRemaining: Number(credits) }),
  };
}

/** The header names the second that has begun; in the mean, half of it has passed. */
const halfSecond = 500;
