import { type Clock, day, hour, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { EventSink } from "../events/capture.ts";
import { RelaySession, type RelayState } from "../relay/relaySession.ts";
import type { OpenRelaySocket } from "../relay/relaySocket.ts";

export interface ChannelDrainOptions {
  readonly channel: RelayChannel;
  /** The keys as they are kept now. */
  readonly reloadKeys: () => Promise<RelayChannel["keys"]>;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Another way to connect than `ws`, for tests. */
  readonly openSocket?: OpenRelaySocket;
}

/** How long nothing has to come in. Zoho sends what a subscription has waiting within minutes. */
const quietTime = hour;
/** A line that is cut is mostly there again sooner. Whoever could not send for longer may yet repeat it. */
const shortBreak = minute;
/** How long the relay may take to give all that it has. */
const catchUpDeadline = 20 * second;

/** Between tries at a relay that may be gone for ever. */
const longestPause = day;

/** Reads one channel to its end. What it is given to hold it disposes of, too. */
export class ChannelDrain implements Disposable {
  readonly channel: RelayChannel;
  readonly #options: ChannelDrainOptions;
  readonly #onState: (state: RelayState) => void;
  readonly #store = new DisposableStore();
  #session: RelaySession;
  /** When something came in last, or could come in again; milliseconds since 1970. */
  #lastAt = 0;
  #kind: RelayState["kind"] = "off";
  /** When it was live last, before now; 0 where nobody knows. */
  #leftAt = 0;

  constructor(options: ChannelDrainOptions, onState: (state: RelayState) => void) {
    this.channel = options.channel;
    this.#options = { ...options, sink: this.#noting(options.sink) };
    this.#onState = onState;
    this.#session = this.#newSession();
  }

  start(): void {
    this.#session.start();
  }

  /** Keeps `held` as long as the channel is read. */
  hold(held: Disposable): void {
    this.#store.add(held);
  }

  /** True where all that came in there is here, and nothing has come for an hour in which it could. */
  get isDrained(): boolean {
    return this.#session.state.kind === "live" && this.#options.clock.now() - this.#lastAt >= quietTime;
  }

  /** The newest sequence that is here, or known to be gone. */
  get lastSequence(): number {
    return this.#options.sink.lastSequence();
  }

  /** Asks again now, also where the relay has said no. */
  retryNow(): void {
    this.#session.retryNow();
  }

  /**
   * Connects anew, as nobody is told when a line is cut, and reads all that the relay has now. Gives the state that this led
   * to: `live` where all is here, and another one where that could not be done in time.
   */
  async catchUp(): Promise<RelayState> {
    this.#store.delete(this.#session);
    this.#session = this.#newSession();
    this.#session.start();
    return this.#settledState(this.#session);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #newSession(): RelaySession {
    const session = this.#store.add(new RelaySession({ ...this.#options, longestPause }));
    session.onDidChangeState(state => this.#follow(state));
    return session;
  }

  #follow(state: RelayState): void {
    const now = this.#options.clock.now();
    if (state.kind === "live" && now - this.#leftAt > shortBreak) this.#lastAt = now;
    // A machine that has slept connects at once: when it fell asleep nobody knows.
    if (this.#kind === "live") this.#leftAt = state.kind === "connecting" ? 0 : now;
    this.#kind = state.kind;
    this.#onState(state);
  }

  async #settledState(session: RelaySession): Promise<RelayState> {
    const waiting = new DisposableStore();
    await new Promise<void>(resolve => {
      waiting.add(this.#options.clock.after(catchUpDeadline, resolve));
      waiting.add(session.onDidChangeState(({ kind }) => !isUnderWay(kind) && resolve()));
      if (!isUnderWay(session.state.kind)) resolve();
    });
    waiting.dispose();
    return session.state;
  }

  #noting(sink: EventSink): EventSink {
    return {
      lastSequence: () => sink.lastSequence(),
      store: events => {
        this.#lastAt = this.#options.clock.now();
        sink.store(events);
      },
      recordGap: gap => sink.recordGap(gap),
    };
  }
}

function isUnderWay(kind: RelayState["kind"]): boolean {
  return kind === "connecting" || kind === "catching-up";
}
