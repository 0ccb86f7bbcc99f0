import type { IncomingMessage } from "node:http";
import type { Clock } from "../base/clock.ts";
import type { EventLog } from "./eventLog.ts";
import type { MemoryHold } from "./memoryBudget.ts";
import { RateLimiter } from "./rateLimiter.ts";
import { type RelayFailure, failures, tooMany } from "./respond.ts";

export interface IngestLimitOptions {
  readonly maxBodyBytes: number;
  /** Per channel; 0: no limit. */
  readonly maxEventsPerSecond: number;
  readonly maxBytesPerSecond: number;
}

/** Seconds of the allowed rate that may come at once: an import in a CRM announces itself in a burst. */
const burstSeconds = 10;
/** Bodies up to this size are read before the channel is looked up, which spares a look-up where all is well. */
const strangersBytes = 16 * 1024;

/** Decides whether a request of a sender is taken, before its body is read. */
export class IngestLimits {
  readonly #log: EventLog;
  readonly #maxBodyBytes: number;
  readonly #events: RateLimiter;
  readonly #bytes: RateLimiter;

  constructor(log: EventLog, clock: Clock, options: IngestLimitOptions) {
    this.#log = log;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#events = new RateLimiter(burst(options.maxEventsPerSecond), clock);
    this.#bytes = new RateLimiter(burst(options.maxBytesPerSecond), clock);
  }

  /**
   * Why the request, which holds `account`, is refused; undefined when it is not. A promise only where the channel has to
   * be looked up.
   */
  refuse(
    channel: string,
    request: IncomingMessage,
    account: MemoryHold,
  ): RelayFailure | undefined | Promise<RelayFailure | undefined> {
    const refusal = account.hasRoom() ? this.refuseChannel(channel) : failures.busy;
    if (refusal !== undefined) return refusal;
    const { expect, "content-length": length = "0", "transfer-encoding": coding } = request.headers;
    if (expect !== undefined && Number(length) > this.#maxBodyBytes) return failures.tooLarge;
    // Whoever does not know a channel shall not make the relay hold much, nor send it what it will refuse.
    const lookUp = expect !== undefined || coding !== undefined || Number(length) > strangersBytes;
    return lookUp && this.#log.recallChannel(channel) === undefined ? this.#refuseUnknown(channel) : undefined;
  }

  /** Why nothing is taken for the channel now, whatever it is. */
  refuseChannel(channel: string): RelayFailure | undefined {
    const wait = Math.max(this.#events.wait(channel), this.#bytes.wait(channel));
    return wait > 0 ? tooMany("CHANNEL_RATE", wait) : undefined;
  }

  async #refuseUnknown(channel: string): Promise<RelayFailure | undefined> {
    return (await this.#log.findChannel(channel)) === undefined ? failures.unknownChannel : undefined;
  }

  /** Counts a request against its channel's rates. */
  charge(channel: string, bytes: number): void {
    this.#events.take(channel, 1);
    this.#bytes.take(channel, bytes);
  }

  /** Keeps nothing about a channel that does not exist. */
  forget(channel: string): void {
    this.#events.forget(channel);
    this.#bytes.forget(channel);
  }
}

function burst(perSecond: number): { readonly perSecond: number; readonly burst: number } {
  return { perSecond, burst: perSecond * burstSeconds };
}
