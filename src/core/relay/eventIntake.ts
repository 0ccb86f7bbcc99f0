import type { EventFrame, GapFrame } from "../../protocol/relayFrames.ts";
import type { Capture, EventSink } from "../events/capture.ts";
import type { Opened } from "./unsealer.ts";
import { type Result, fail, succeed } from "../../base/result.ts";

/** Why what came cannot be taken. */
export type IntakeFailure = "out-of-order" | "unknown-scheme";

/**
 * Takes the events of one connection into the sink, in order and without holes. Events are gathered until `flush`;
 * only what `flush` has given back as stored may be acknowledged.
 */
export class EventIntake {
  readonly #sink: EventSink;
  #gathered: Capture[] = [];
  #last: number;
  #stored: number;

  constructor(sink: EventSink) {
    this.#sink = sink;
    this.#stored = this.#last = sink.lastSequence();
  }

  /** The newest sequence taken, stored or not. */
  get last(): number {
    return this.#last;
  }

  /**
   * Gathers one event. One that is here already is passed over. A payload in a scheme of a later version is refused
   * rather than dropped: unacknowledged, it stays at the relay for an editor that can read it. `isLive`: it came after the
   * relay had sent everything that it kept.
   */
  accept({ sequence, receivedAt }: EventFrame, opened: Opened, isLive: boolean): Result<void, IntakeFailure> {
    if (sequence <= this.#last) return succeed(undefined);
    if (sequence !== this.#last + 1) return fail("out-of-order");
    if (opened === "unknown-scheme") return fail("unknown-scheme");
    this.#gathered.push({ sequence, receivedAt, ...opened, ...(isLive ? {} : { isBacklog: true }) });
    this.#last = sequence;
    return succeed(undefined);
  }

  /** Stores what was gathered, then notes what will not come. */
  skip({ from, to, reason }: GapFrame): Result<void, IntakeFailure> {
    this.flush();
    const known = reason === "reset" ? to === this.#last : from === this.#last + 1 && to >= from;
    if (!known) return fail("out-of-order");
    this.#sink.recordGap({ from, to, reason });
    this.#stored = this.#last = to;
    return succeed(undefined);
  }

  /** Stores what was gathered; the sequence up to which everything is stored now. Throws when the sink does. */
  flush(): number {
    const events = this.#gathered;
    this.#gathered = [];
    if (events.length === 0) return this.#stored;
    this.#sink.store(events);
    return (this.#stored = this.#last);
  }
}
