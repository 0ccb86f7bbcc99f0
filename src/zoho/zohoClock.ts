import { type Clock, second } from "../base/clock.ts";
import type { HttpAnswer } from "./httpTransport.ts";

/** When a request left and when its answer was here, by this machine's clock: milliseconds since 1970. */
export interface Exchange {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** How far Zoho's clock is ahead of this machine's, in milliseconds: between these two. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * Zoho's time, told from the Date of its answers. Expiries are instants of Zoho's: each comparison with one and each one
 * that is asked for goes by this clock, as this machine's may be hours off or set while it runs. Until the first answer it
 * goes by this machine's. All instants and durations are milliseconds.
 */
export class ZohoClock {
  readonly #clock: Clock;
  #bounds: Bounds = { least: 0, most: 0 };
  #isKnown = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.ahead;
  }

  /** How far Zoho's clock is ahead of this machine's; negative where it is behind. */
  get ahead(): number {
    return Math.round((this.#bounds.least + this.#bounds.most) / 2);
  }

  hasPassed(instant: number): boolean {
    return instant <= this.now();
  }

  /** This machine's time at an instant of Zoho's. */
  toLocal(instant: number): number {
    return instant - this.ahead;
  }

  /**
   * Learns from an answer. Its Date was written between sending and receiving and has whole seconds; several answers
   * together tell more. Where they contradict each other, one of the clocks was set, and the last one holds.
   */
  note({ headers }: Pick<HttpAnswer, "headers">, { sentAt, receivedAt }: Exchange): void {
    const date = Date.parse(headers["date"] ?? "");
    if (Number.isNaN(date) || receivedAt < sentAt) return;
    const told = { least: date - receivedAt, most: date + second - sentAt };
    const least = Math.max(told.least, this.#bounds.least);
    const most = Math.min(told.most, this.#bounds.most);
    this.#bounds = this.#isKnown && least <= most ? { least, most } : told;
    this.#isKnown = true;
  }
}
