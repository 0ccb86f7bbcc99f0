import type { Clock } from "../../base/clock.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import { type LookUp, parseTarget, resolveTarget, systemLookUp } from "./forwardTarget.ts";
import { type Marks, endToEndHeaders, headersOf, withHeaders } from "./outgoingHeaders.ts";
import { pathAndQuery } from "./outgoingTarget.ts";
import type { RawAnswer } from "./rawAnswer.ts";
import type { SendOutcome } from "./sendOutcome.ts";
import { type SendFailure, failureOf, lateFailure, pathFailure, stoppedFailure } from "./sendProblem.ts";
import { type Connect, type OnConnected, type Transmission, transmit } from "./transmit.ts";

export interface RequestSenderOptions {
  /** Hosts beyond this machine that the user's own settings allow, read anew at each use. */
  readonly allowedHosts: () => readonly string[];
  /** Milliseconds until an answer must have ended. */
  readonly timeout: () => number;
  readonly clock: Clock;
  readonly lookUp?: LookUp;
  /** Another way to a handler on this machine than over the network, for tests. */
  readonly connect?: Connect;
}

export interface SendOptions {
  readonly marks?: Marks;
  /** Sent too, in the place of those of the same names. */
  readonly headers?: readonly Header[];
  readonly signal?: AbortSignal;
  /** Called when the connection stands: from then on the handler may have the request. */
  readonly onConnected?: OnConnected;
}

/** Sends requests to handlers, each once. Never rejects, follows no redirect, and goes nowhere but to permitted hosts. */
export class RequestSender {
  readonly #options: RequestSenderOptions;

  constructor(options: RequestSenderOptions) {
    this.#options = options;
  }

  /**
   * Sends `request` to the handler at `target` byte for byte: method, path suffix, query, end-to-end headers in order
   * and body, with `marks` added.
   */
  async send(target: string, request: CapturedRequest, options: SendOptions = {}): Promise<SendOutcome> {
    const allowed = this.#options.allowedHosts();
    const url = parseTarget(target, allowed);
    if (!url.ok) return notSent({ problem: url.error, transient: false });
    const path = pathAndQuery(url.value, request);
    if (path === undefined) return notSent(pathFailure(url.value));
    const resolved = await resolveTarget(url.value, allowed, this.#options.lookUp ?? systemLookUp);
    if (!resolved.ok) return notSent({ problem: resolved.error, transient: false });
    const headers = [
      ...withHeaders(endToEndHeaders(request.headers), options.headers ?? []),
      ...headersOf(options.marks ?? {}),
    ];
    const { method, body } = request;
    return this.#transmit({ target: resolved.value, method, path, headers, body }, options);
  }

  async #transmit(transmission: Transmission, { signal, onConnected }: SendOptions): Promise<SendOutcome> {
    const { url } = transmission.target;
    const timeout = this.#options.timeout();
    const late = new AbortController();
    const timer = this.#options.clock.after(timeout, () => late.abort());
    let start = performance.now();
    const elapsed = (): number => Math.round(performance.now() - start);
    const over = AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      const connected = (): void => {
        start = performance.now();
        onConnected?.();
      };
      const answer = await transmit(transmission, connected, over, this.#options.connect);
      return answered(answer, elapsed());
    } catch (error) {
      const failure =
        signal?.aborted === true
          ? stoppedFailure()
          : late.signal.aborted
            ? lateFailure(url, timeout)
            : failureOf(error, url);
      return { kind: "failed", ...failure, milliseconds: elapsed() };
    } finally {
      timer.dispose();
    }
  }
}

function answered(answer: RawAnswer, milliseconds: number): SendOutcome {
  return { kind: "answered", milliseconds, ...answer };
}

function notSent(failure: SendFailure): SendOutcome {
  return { kind: "failed", ...failure, milliseconds: 0 };
}
