import { type Clock, hour } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import { type EventSink, RelaySession, type RelayState } from "../relay/relaySession.ts";

export interface ChannelDrainOptions {
  readonly channel: RelayChannel;
  /** The keys as they are kept now. */
  readonly reloadKeys: () => Promise<RelayChannel["keys"]>;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** How long nothing has to come in. Zoho sends what a subscription has waiting within minutes. */
const quietTime = hour;

/** Reads one channel to its end. What it is given to hold it disposes of, too. */
export class ChannelDrain implements Disposable {
  readonly channel: RelayChannel;
  readonly #session: RelaySession;
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  /** When something came in last, or reading began; milliseconds since 1970. */
  #lastAt: number;

  constructor({ sink, ...options }: ChannelDrainOptions, onState: (state: RelayState) => void) {
    this.channel = options.channel;
    this.#clock = options.clock;
    this.#lastAt = options.clock.now();
    this.#session = this.#store.add(new RelaySession({ ...options, sink: this.#noting(sink) }));
    this.#store.add(this.#session.onDidChangeState(onState));
  }

  start(): void {
    this.#session.start();
  }

  /** Keeps `held` as long as the channel is read. */
  hold(held: Disposable): void {
    this.#store.add(held);
  }

  /** True where all that came in there is here, and nothing has come for an hour. */
  get isDrained(): boolean {
    return this.#session.state.kind === "live" && this.#clock.now() - this.#lastAt >= quietTime;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #noting(sink: EventSink): EventSink {
    return {
      lastSequence: () => sink.lastSequence(),
      store: events => {
        this.#lastAt = this.#clock.now();
        sink.store(events);
      },
      recordGap: gap => sink.recordGap(gap),
    };
  }
}
