import { type Clock, minute, second } from "../base/clock.ts";
import { readHttpDate } from "./httpDate.ts";
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

/** How far an answer may be off from what is known and still be believed by itself. */
const mostDrift = minute;

/**
 * Zoho's time, told from the Date of its answers. Expiries are instants of Zoho's: each comparison with one and each one
 * that is asked for goes by this clock, as this machine's may be hours off or set while it runs. Until the first answer it
 * goes by this machine's. All instants and durations are milliseconds.
 */
export class ZohoClock {
  readonly #clock: Clock;
  #bounds: Bounds = { least: 0, most: 0 };
  #isKnown = false;
  /** What an answer told that is far from what is known: one of the clocks was set, or that answer is wrong. */
  #doubted: Bounds | undefined;

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

  /** True where the last answer told another time than is known: the next one shows which of them is right. */
  get isDoubtful(): boolean {
    return this.#doubted !== undefined;
  }

  hasPassed(instant: number): boolean {
    return instant <= this.now();
  }

  /** This machine's time at an instant of Zoho's. */
  toLocal(instant: number): number {
    return instant - this.ahead;
  }

  /** True where an answer would teach something. */
  isNews(answer: Dated, exchange: Exchange): boolean {
    const told = boundsIn(answer, exchange);
    if (told === undefined) return false;
    const { least, most } = this.#bounds;
    return !this.#isKnown || this.#doubted !== undefined || told.least > least || told.most < most;
  }

  /**
   * Learns from an answer, which must be Zoho's. Its Date was written between sending and receiving and has whole seconds;
   * several answers together tell more. Where they contradict each other the last one holds, but by itself only for a
   * drift: a clock that was set shows in the next answer, too, and a wrong Date does not.
   */
  note(answer: Dated, exchange: Exchange): void {
    const told = boundsIn(answer, exchange);
    if (told === undefined) return;
    if (this.#isKnown && !agree(told, this.#bounds) && !agree(told, this.#doubted)) {
      this.#doubted = told;
      return;
    }
    this.#doubted = undefined;
    this.#bounds = this.#isKnown ? narrowed(this.#bounds, told) : told;
    this.#isKnown = true;
  }
}

/** An answer, as far as it tells the time. */
type Dated = Pick<HttpAnswer, "headers">;

/** Nothing from an exchange during which this machine's clock was set back. */
function boundsIn({ headers }: Dated, { sentAt, receivedAt }: Exchange): Bounds | undefined {
  const date = readHttpDate(headers["date"]);
  if (date === undefined || receivedAt < sentAt) return undefined;
  return { least: date - receivedAt, most: date + second - sentAt };
}

function agree(told: Bounds, other: Bounds | undefined): boolean {
  return other !== undefined && told.least - other.most <= mostDrift && other.least - told.most <= mostDrift;
}

/** What both say; where they contradict each other, what was told last. */
function narrowed(known: Bounds, told: Bounds): Bounds {
  const least = Math.max(told.least, known.least);
  const most = Math.min(told.most, known.most);
  return least <= most ? { least, most } : told;
}
