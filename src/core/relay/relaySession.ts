import { backoffDelay } from "../../base/backoff.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { SleepDetector } from "../../base/sleepDetector.ts";
import type { SealingKeyPair } from "../../protocol/sealing.ts";
import type { EventSink } from "../events/capture.ts";
import type { RelayChannel } from "./relayChannel.ts";
import { type StreamEnding, lossProblem, refusalOfGuest, refusalProblem } from "./relayProblems.ts";
import { openRelaySocketLazily } from "./lazyRelaySocket.ts";
import type { OpenRelaySocket } from "./relaySocket.ts";
import { RelayStream, type RelayStreamListener } from "./relayStream.ts";

/** How the session stands. `since` and `retryAt` are milliseconds since 1970; `behind` counts events still to come. */
export type RelayState =
  | { readonly kind: "off" }
  | { readonly kind: "connecting" }
  | { readonly kind: "catching-up"; readonly behind: number }
  | { readonly kind: "live"; readonly since: number }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly retryAt: number; readonly problem: Problem }
  | { readonly kind: "refused"; readonly problem: Problem };

export interface RelaySessionOptions {
  readonly channel: RelayChannel;
  /** The keys to open events with, read anew; for events that none of `channel` opens. */
  readonly reloadKeys?: () => Promise<readonly SealingKeyPair[]>;
  readonly sink: EventSink;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** Between tries; half a minute unless given. */
  readonly longestPause?: number;
  /** Another way to connect than `ws`, for tests. */
  readonly openSocket?: OpenRelaySocket;
}

const firstPause = second / 2;
const longestPause = 30 * second;

/**
 * Keeps one channel's events coming in: connects, takes events into the sink, and connects again whenever the stream
 * ends, one attempt at a time with growing pauses, which begin anew once the stream has been live. Stops when the relay
 * refuses; {@link retryNow} begins again.
 */
export class RelaySession implements Disposable {
  readonly #options: RelaySessionOptions;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<RelayState>());
  #state: RelayState = { kind: "off" };
  /** The stream, or the timer for the next one. */
  #current: Disposable | undefined;
  #attempt = 0;
  /** The codes of the problems that the log has since the stream was live. */
  readonly #told = new Set<string>();

  readonly onDidChangeState: Event<RelayState> = this.#changed.event;

  constructor(options: RelaySessionOptions) {
    this.#options = options;
  }

  get state(): RelayState {
    return this.#state;
  }

  start(): void {
    if (this.#state.kind !== "off" || this.#owned.isDisposed) return;
    this.#owned.add(new SleepDetector(this.#options.clock, missed => this.#onWake(missed)));
    this.#connect();
  }

  /** Connects now instead of later, also after a refusal. Does nothing while connected or connecting. */
  retryNow(): void {
    if (this.#state.kind === "reconnecting" || this.#state.kind === "refused") this.#connect();
  }

  dispose(): void {
    if (this.#owned.isDisposed) return;
    this.#current?.dispose();
    this.#set({ kind: "off" });
    this.#owned.dispose();
  }

  #connect(): void {
    this.#current?.dispose();
    this.#set({ kind: "connecting" });
    // A listener of that may have disposed of the session.
    if (!this.#owned.isDisposed) this.#openStream();
  }

  #openStream(): void {
    const { channel, sink, clock, logger, openSocket = openRelaySocketLazily } = this.#options;
    const reload = this.#options.reloadKeys ?? (async () => Promise.resolve(channel.keys));
    const keys = { known: channel.keys, reload };
    try {
      this.#current = new RelayStream({ channel, keys, sink, clock, logger, openSocket }, this.#listener());
    } catch (cause) {
      this.#onEnded({ kind: "lost", reason: "not-stored", cause });
    }
  }

  #listener(): RelayStreamListener {
    return {
      behind: behind => this.#set({ kind: "catching-up", behind }),
      live: () => this.#onLive(),
      ended: ending => this.#onEnded(ending),
    };
  }

  #onLive(): void {
    this.#attempt = 0;
    this.#set({ kind: "live", since: this.#options.clock.now() });
  }

  #onEnded(ending: StreamEnding): void {
    const { relayUrl, isGuest } = this.#options.channel;
    if (ending.kind === "refused") {
      const reason = isGuest === true ? refusalOfGuest(ending.reason) : ending.reason;
      this.#set({ kind: "refused", problem: refusalProblem(reason, relayUrl) });
    } else this.#reconnectLater(ending, relayUrl);
  }

  #reconnectLater(ending: Exclude<StreamEnding, { kind: "refused" }>, relayUrl: string): void {
    const { clock, random, longestPause: longest = longestPause } = this.#options;
    this.#attempt += 1;
    // Editors that were sent away together come back spread over as much time again.
    const asked = ending.kind === "sent-away" ? ending.retryAfter * (1 + random()) : 0;
    const delay = Math.max(backoffDelay(this.#attempt, { first: firstPause, longest }, random), Math.round(asked));
    this.#current = clock.after(delay, () => this.#connect());
    const problem = lossProblem(ending, relayUrl);
    this.#set({ kind: "reconnecting", attempt: this.#attempt, retryAt: clock.now() + delay, problem });
  }

  #onWake(missed: number): void {
    if (this.#state.kind === "refused") return;
    this.#options.logger.info(`relay: the machine slept for ${Math.round(missed / second)} s; connecting anew`);
    this.#attempt = 0;
    this.#connect();
  }

  #set(state: RelayState): void {
    if (this.#owned.isDisposed) return;
    this.#log(state);
    this.#state = state;
    this.#changed.fire(state);
  }

  /** Once for each change: a relay may be away for days, and is tried as long. */
  #log(state: RelayState): void {
    const { logger } = this.#options;
    if (state.kind === "reconnecting" || state.kind === "refused") {
      if (!this.#told.has(state.problem.code)) logger.warn(`relay: ${describeCauses(state.problem)}`);
      this.#told.add(state.problem.code);
    } else if (state.kind === "live" || this.#told.size === 0) {
      if (state.kind !== this.#state.kind) logger.info(`relay: ${state.kind}`);
      this.#told.clear();
    }
  }
}
