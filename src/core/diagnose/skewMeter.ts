import type { Clock } from "../../base/clock.ts";
import type { Result } from "../../base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../zoho/httpTransport.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";

/** The header names the second that has begun; in the mean, half of it has passed. */
const halfSecond = 500;

/** Carries requests, and notes from the Date header of each answer how far this machine's clock is from the server's. */
export class SkewMeter implements HttpTransport {
  readonly #inner: HttpTransport;
  readonly #clock: Clock;
  readonly #skews = new Map<string, number>();

  constructor(inner: HttpTransport, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  async send(request: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> {
    const sentAt = this.#clock.now();
    const answer = await this.#inner.send(request);
    const date = answer.ok ? Date.parse(answer.value.headers["date"] ?? "") : Number.NaN;
    if (Number.isNaN(date)) return answer;
    const middle = (sentAt + this.#clock.now()) / 2;
    this.#skews.set(new URL(request.url).origin, middle - (date + halfSecond));
    return answer;
  }

  /** How far our clock was ahead of that of `origin` at its last answer, in milliseconds; undefined before the first. */
  skewOf(origin: string): number | undefined {
    return this.#skews.get(new URL(origin).origin);
  }
}
