import type { SendOutcome } from "../../../src/core/forwarding/sendOutcome.ts";
import type { Handling } from "../../../src/protocol/event.ts";

/** A request that reached the handler. */
export interface Arrival {
  readonly event: number;
  readonly target: string;
  readonly byHand: boolean;
  readonly window: string;
  /** Whether the window that sent it is still there to hear the answer. */
  readonly isAlive: () => boolean;
}

/** What the simulation knows of an event that the product does not say. */
interface Known {
  readonly records: readonly string[];
  /** Under way, by windows that may be gone. */
  under: Arrival[];
  /** How often a rule sent it. */
  byRule: number;
  /** The targets that it was sent to where what came of that stands or is not known: only a word sends it again. */
  readonly over: Set<string>;
  /** A person had a say in it: sent, released, discarded, stopped, or deleted it. */
  isTouched: boolean;
  isDeleted: boolean;
}

/** Watches what reaches the handler, and says which rule of forwarding was broken. */
export class ForwardingOracle {
  readonly violations: string[] = [];
  readonly #known = new Map<number, Known>();
  sent = 0;

  /** An event is in the history. */
  stored(event: number, records: readonly string[]): void {
    if (this.#known.has(event)) return;
    this.#known.set(event, { records, under: [], byRule: 0, over: new Set(), isTouched: false, isDeleted: false });
  }

  /** A person does something about these events. */
  touched(events: readonly number[], isDeleted = false): void {
    for (const event of events) {
      const known = this.#known.get(event);
      if (known === undefined) continue;
      known.isTouched = true;
      known.over.clear();
      known.isDeleted ||= isDeleted;
    }
  }

  arrived(arrival: Arrival): void {
    this.sent += 1;
    const known = this.#known.get(arrival.event);
    if (known === undefined) return;
    const beside = this.#sharing(known);
    const isTwice = known.under.some(({ isAlive, target }) => isAlive() && target === arrival.target);
    if (isTwice) this.#violate(`event ${arrival.event} goes twice at a time`);
    for (const [other, each] of beside) {
      // One that was deleted while it was under way has no turn to take any more.
      if (!each.isDeleted && each.under.some(({ isAlive }) => isAlive()))
        this.#violate(`event ${arrival.event} goes beside event ${other}`);
    }
    if (!arrival.byHand) this.#byRule(arrival, known, beside);
    known.under.push(arrival);
  }

  ended({ event, target }: Arrival, outcome: SendOutcome): void {
    const known = this.#known.get(event);
    if (known === undefined) return;
    known.under = known.under.filter(each => !each.isAlive() || each.target !== target);
    // Of one that was cut off, the handler may have had all there is.
    const isCutOff = outcome.kind === "failed" && outcome.problem.code === "FORWARD_STOPPED";
    if (isCutOff || (outcome.kind === "answered" && outcome.status < 500)) known.over.add(target);
  }

  /** A window is gone: what it had under way may have had its effect. */
  windowGone(): void {
    for (const known of this.#known.values()) {
      for (const { isAlive, target } of known.under) if (!isAlive()) known.over.add(target);
      known.under = known.under.filter(({ isAlive }) => isAlive());
    }
  }

  /** Nothing is said to be under way that is not. */
  settled(sending: readonly number[]): void {
    for (const event of sending) {
      if (this.#known.get(event)?.under.length === 0) this.#violate(`event ${event} is not under way, as is said`);
    }
  }

  /** At the end every event that a rule fits has come to an end, be it by a word. */
  finish(handlingOf: (event: number) => Handling | undefined, left: number): void {
    if (left > 0) this.#violate(`${left} jobs are left`);
    for (const [event, { isDeleted, isTouched }] of this.#known) {
      if (isDeleted) continue;
      const state = handlingOf(event)?.state;
      const isEnd = state === "answered" || state === "failed" || (state === "stopped" && isTouched);
      if (!isEnd) this.#violate(`event ${event} is ${state ?? "lost"}`);
    }
  }

  #byRule({ event, target }: Arrival, known: Known, beside: readonly (readonly [number, Known])[]): void {
    if (known.over.has(target)) this.#violate(`event ${event} is sent again`);
    if (known.byRule++ > 0) return;
    for (const [other, { byRule, isTouched }] of beside) {
      if (other > event && byRule > 0 && !isTouched && !known.isTouched) {
        this.#violate(`event ${event} comes after event ${other}`);
      }
    }
  }

  #sharing({ records }: Known): readonly (readonly [number, Known])[] {
    return [...this.#known].filter(
      ([, other]) => other.records !== records && other.records.some(record => records.includes(record)),
    );
  }

  #violate(what: string): void {
    this.violations.push(what);
  }
}
