import { type Clock, sleep } from "../base/clock.ts";
import { fail } from "../base/result.ts";
import type { HttpRequest, HttpTransport } from "./httpTransport.ts";
import { cancelledProblem } from "./problem.ts";
import { type Outcome, type RetryLimits, defaultRetryLimits, mayRepeat, retryDelay } from "./retryPolicy.ts";

export interface RetryingTransportOptions {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly limits?: RetryLimits;
}

/** Carries requests by another transport, and again where that is safe and likely to help; then gives the last outcome. */
export class RetryingTransport implements HttpTransport {
  readonly #options: RetryingTransportOptions;

  constructor(options: RetryingTransportOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest): Promise<Outcome> {
    const { transport, clock } = this.#options;
    const startedAt = clock.now();
    let outcome = await transport.send(request);
    for (let retry = 1; mayRepeat(request, outcome); retry++) {
      const wait = this.#waitBefore(retry, outcome, clock.now() - startedAt);
      if (wait === undefined) break;
      await sleep(clock, wait, request.signal);
      if (request.signal?.aborted === true) return fail(cancelledProblem());
      outcome = await transport.send(request);
    }
    return outcome;
  }

  /** Undefined where no further try fits into the limits. */
  #waitBefore(retry: number, outcome: Outcome, elapsed: number): number | undefined {
    const { clock, random, limits = defaultRetryLimits } = this.#options;
    if (retry > limits.mostRetries) return undefined;
    const wait = retryDelay(retry, outcome, limits, clock, random);
    return elapsed + wait <= limits.patience ? wait : undefined;
  }
}
