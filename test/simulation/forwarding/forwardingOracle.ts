import { second } from "../../../src/base/clock.ts";
import type { SendOutcome } from "../../../src/core/forwarding/sendOutcome.ts";
import type { Handling } from "../../../src/protocol/event.ts";
import type { Timeline } from "../world/timeline.ts";
import type { PlayedEvent } from "./playedZoho.ts";

/** The rules of forwarding, each with the first seeds that find breaks of it in the product. */
export const invariants = [
  // Seed 1 for each: where a job waits for none, where it does not wait for those of older events, where it does not wait for
  // what rules of other windows have not looked at, and where what is passed on to another rule waits for none.
  "in order per record",
  // Seed 5, where what a window that is gone had under way waits for its turn instead of a word; seed 9, where all other
  // windows are taken to be gone; seed 18, where tries are not counted.
  "answered once",
  // Seed 22, where a rule that is taken over begins with what comes in then; seed 359, where one begins when it can first be
  // written down; seed 2, where no token is learned late.
  "nothing lost",
  // Seed 1, where rules send what they fit but for its token.
  "withheld is not sent",
  // Seed 1, where every event waits for all older ones.
  "who waits stops only its own record",
  // Seed 6, where nobody sees to what a window left that crashed.
  "nothing is said to be under way that is not",
  // Seed 1, where whose turn it is, is asked for in wrong SQL.
  "only what was injected goes wrong",
] as const;
export type ForwardingInvariant = (typeof invariants)[number];

/** A request that reached the handler. */
export interface Arrival {
  readonly event: number;
  readonly target: string;
  readonly byHand: boolean;
  readonly window: string;
  /** Whether the window that sent it is still there to hear the answer. */
  readonly isAlive: () => boolean;
}

/** How a sending to one target ended, by a window and at a time (true, milliseconds). */
interface Ended {
  readonly window: string;
  readonly at: number;
  /** What came of it is not known to the product: then a word sends it again. */
  readonly isUnsure: boolean;
}

/** What the simulation knows of an event that the product does not say. */
interface Known {
  readonly played: PlayedEvent;
  /** The keys of the rules that fit it, of windows that are there. */
  readonly wantedBy: Set<string>;
  /** Its token proved too little as it came, and no rule minds. */
  isWithheld: boolean;
  /** Under way, by windows that may be gone. */
  under: readonly Arrival[];
  /** How often a rule sent it. */
  byRule: number;
  /** The same by target, since a person had a say in it, or changed the rules. */
  readonly tries: Map<string, number>;
  /** Targets that it is not to be sent to again by a rule. */
  readonly over: Map<string, Ended>;
  /** A person had a say in it: sent, released, discarded, stopped, or deleted it. */
  isTouched: boolean;
  /** A person changed rules before it had come to an end: none may be left that sends it. */
  mayBeStopped: boolean;
  isDeleted: boolean;
}

/** So often a rule has a handler try that is busy, or refuses. */
export const mostTries = 3;

/** A window that is killed, or closes while the disk fails, may not have written down what it heard so shortly before. */
const unwritten = 30 * second;

/** Watches what reaches the handler, and says which rule of forwarding was broken. */
export class ForwardingOracle {
  readonly violations: string[] = [];
  readonly #timeline: Timeline;
  readonly #known = new Map<number, Known>();
  sent = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** An event is in the history. */
  stored(event: number, played: PlayedEvent, wantedBy: readonly string[], isWithheld: boolean): void {
    if (this.#known.has(event)) return;
    const nothing = { under: [], byRule: 0, over: new Map<string, Ended>(), tries: new Map<string, number>() };
    const untouched = { isTouched: false, isDeleted: false, mayBeStopped: false };
    this.#known.set(event, { played, wantedBy: new Set(wantedBy), isWithheld, ...nothing, ...untouched });
  }

  /** A person does something about these events. */
  touched(events: readonly number[], isDeleted = false): void {
    for (const event of events) {
      const known = this.#known.get(event);
      if (known === undefined) continue;
      known.isTouched = true;
      known.tries.clear();
      for (const [target, { isUnsure }] of known.over) if (isUnsure) known.over.delete(target);
      known.isDeleted ||= isDeleted;
    }
  }

  /** Rules change: who chooses, and who sends what waits, is theirs to say. */
  rulesChange(stateOf: (event: number) => Handling["state"] | undefined): void {
    for (const [event, known] of this.#known) {
      const state = stateOf(event);
      if (state === undefined) known.wantedBy.clear();
      known.isWithheld = false;
      known.tries.clear();
      known.mayBeStopped ||= state !== "answered" && state !== "failed";
    }
  }

  /**
   * Rules that are gone with their windows before anybody could write down that they were there. Only what is written
   * outlives a window: whoever has such a rule later cannot know that it was there before, nor what came in meanwhile.
   */
  rulesLost(keys: readonly string[]): void {
    for (const { wantedBy } of this.#known.values()) for (const key of keys) wantedBy.delete(key);
  }

  /** What was withheld by a token may be held now. */
  tokenLearned(isGenuine: (event: PlayedEvent) => boolean): void {
    for (const known of this.#known.values()) known.isWithheld &&= !isGenuine(known.played);
  }

  arrived(arrival: Arrival): void {
    this.sent += 1;
    const known = this.#known.get(arrival.event);
    if (known === undefined) return;
    const beside = this.#sharing(known);
    if (known.under.some(({ isAlive, target }) => isAlive() && target === arrival.target))
      this.violate("answered once", `event ${arrival.event} goes twice at a time`);
    for (const [other, each] of beside) {
      if (each.under.some(({ isAlive }) => isAlive()))
        this.violate("in order per record", `event ${arrival.event} goes beside event ${other}`);
    }
    if (!arrival.byHand) this.#byRule(arrival, known, beside);
    known.under = [...known.under, arrival];
  }

  ended({ event, target, window }: Arrival, outcome: SendOutcome): void {
    const known = this.#known.get(event);
    if (known === undefined) return;
    known.under = known.under.filter(each => !each.isAlive() || each.target !== target);
    // Of one that was cut off, the handler may have had all there is.
    const isCutOff = outcome.kind === "failed" && outcome.problem.code === "FORWARD_STOPPED";
    if (isCutOff || (outcome.kind === "answered" && outcome.status < 500))
      known.over.set(target, { window, at: this.#timeline.now, isUnsure: isCutOff });
  }

  /** A window is gone: what it had under way may have had its effect. `isWritten`: it could write down what it heard. */
  windowGone(window: string, isWritten: boolean): void {
    for (const known of this.#known.values()) {
      for (const { isAlive, target } of known.under) if (!isAlive()) known.over.set(target, this.#unsure(window));
      known.under = known.under.filter(({ isAlive }) => isAlive());
      for (const [target, ended] of known.over)
        if (!isWritten && ended.window === window && this.#timeline.now - ended.at < unwritten)
          known.over.set(target, this.#unsure(window));
    }
  }

  /** Nothing is said to be under way that is not. */
  settled(sending: readonly number[]): void {
    for (const event of sending) {
      if (this.#known.get(event)?.under.length === 0)
        this.violate("nothing is said to be under way that is not", `event ${event} is not under way, as is said`);
    }
  }

  /** What rules are to choose, and nobody deleted. */
  get wanted(): readonly number[] {
    return [...this.#known]
      .filter(([, { wantedBy, isDeleted }]) => wantedBy.size > 0 && !isDeleted)
      .map(([event]) => event);
  }

  /** At the end every event that a rule fits has come to an end, be it by a word. */
  finish(handlingOf: (event: number) => Handling | undefined, isGenuine: (event: PlayedEvent) => boolean): void {
    for (const [event, { played, isDeleted, isTouched, mayBeStopped, wantedBy }] of this.#known) {
      if (isDeleted) continue;
      const state = handlingOf(event)?.state;
      const isEnd =
        state === "answered" ||
        state === "failed" ||
        (state === "stopped" && (isTouched || mayBeStopped)) ||
        (state === "withheld" && (!isGenuine(played) || isTouched || mayBeStopped)) ||
        (state === undefined && wantedBy.size === 0);
      if (!isEnd) this.violate("nothing lost", `event ${event} is ${state ?? "lost"}`);
    }
  }

  violate(invariant: ForwardingInvariant, what: string): void {
    this.violations.push(`${invariant}: ${what}`);
  }

  #byRule({ event, target }: Arrival, known: Known, beside: readonly (readonly [number, Known])[]): void {
    if (known.over.has(target)) this.violate("answered once", `event ${event} is sent to ${target} again`);
    if (known.isWithheld) this.violate("withheld is not sent", `event ${event} is sent by a rule`);
    const tries = (known.tries.get(target) ?? 0) + 1;
    known.tries.set(target, tries);
    if (tries > mostTries) this.violate("answered once", `event ${event} is sent to ${target} ${tries} times`);
    if (known.byRule++ > 0) return;
    // What a person lets go late goes late: it was held where nobody was there for its rule, or its token not known.
    if (known.isTouched) return;
    for (const [other, { byRule }] of beside) {
      if (other > event && byRule > 0) this.violate("in order per record", `event ${event} comes after event ${other}`);
    }
  }

  #sharing({ played }: Known): readonly (readonly [number, Known])[] {
    const { records } = played;
    return [...this.#known].filter(
      ([, other]) => other.played !== played && other.played.records.some(record => records.includes(record)),
    );
  }

  #unsure(window: string): Ended {
    return { window, at: this.#timeline.now, isUnsure: true };
  }
}
