import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import type { Channel, ChannelReading } from "./channel.ts";
import { hasAllOf } from "./ownedReading.ts";

/** What is known of one connection's channels. */
export type SubscriptionsState =
  | { readonly kind: "loading" }
  | ({ readonly kind: "loaded"; readonly refreshedAt: number } & ChannelReading)
  /** `channels` are those last known. */
  | {
      readonly kind: "failed";
      readonly failedAt: number;
      readonly problem: Problem;
      readonly channels: readonly Channel[];
    };

export interface ChannelListOptions {
  /** Asks the server. What it gives after `signal` aborted is not used. */
  readonly fetch: (signal: AbortSignal) => Promise<Result<ChannelReading, Problem>>;
  readonly onDidChange: () => void;
  readonly clock: Clock;
}

interface Reading {
  readonly abort: AbortController;
  done: Promise<void>;
}

/** The channels of one connection as last read. One reading at a time; what was asked before a write is never shown. */
export class ChannelList implements Disposable {
  readonly #options: ChannelListOptions;
  #state: SubscriptionsState = { kind: "loading" };
  /** Of these, all that the server has was read. */
  #whole: ReadonlySet<string> = new Set();
  #reading: Reading | undefined;

  constructor(options: ChannelListOptions) {
    this.#options = options;
  }

  get state(): SubscriptionsState {
    return this.#state;
  }

  get channels(): readonly Channel[] {
    return this.#state.kind === "loading" ? [] : this.#state.channels;
  }

  /** False for a channel that is shown, but a part of which may be hidden. */
  isWhole(channelId: string): boolean {
    return this.#whole.has(channelId);
  }

  /** Reads the channels, or joins the reading that is under way. Never rejects: the state tells. */
  async refresh(): Promise<void> {
    await (this.#reading ?? this.#begin()).done;
  }

  /** Reads the channels after a change: a reading that began before it is given up, and who waits for it waits for this. */
  async refreshAnew(): Promise<void> {
    this.#reading?.abort.abort();
    await this.#begin().done;
  }

  /**
   * Shows single channels, whole as they were read or written since, undefined for one that is gone. A reading that is under way
   * may be of before, so it is done again.
   */
  put(changed: ReadonlyMap<string, Channel | undefined>): void {
    if (this.#reading !== undefined) void this.refreshAnew();
    if (this.#state.kind === "loading" || changed.size === 0) return;
    const known = new Set(this.#state.channels.map(({ channelId }) => channelId));
    const kept = this.#state.channels.flatMap(channel =>
      changed.has(channel.channelId) ? (changed.get(channel.channelId) ?? []) : channel,
    );
    const added = [...changed.values()].filter(channel => channel !== undefined && !known.has(channel.channelId));
    this.#state = { ...this.#state, channels: [...kept, ...added.filter(channel => channel !== undefined)] };
    this.#whole = new Set([...this.#whole, ...changed.keys()]);
    this.#options.onDidChange();
  }

  dispose(): void {
    const reading = this.#reading;
    this.#reading = undefined;
    reading?.abort.abort();
  }

  #begin(): Reading {
    const reading: Reading = { abort: new AbortController(), done: Promise.resolve() };
    this.#reading = reading;
    reading.done = this.#read(reading);
    return reading;
  }

  async #read(reading: Reading): Promise<void> {
    const read = await this.#fetch(reading.abort.signal);
    if (this.#reading !== reading) {
      await this.#reading?.done;
      return;
    }
    this.#reading = undefined;
    this.#state = this.#follow(read);
    this.#options.onDidChange();
  }

  /** What is thrown was not foreseen; it must not leave the list reading for ever. */
  async #fetch(signal: AbortSignal): Promise<Result<ChannelReading, Problem>> {
    try {
      return await this.#options.fetch(signal);
    } catch (error) {
      return fail(toProblem(error));
    }
  }

  #follow(read: Result<ChannelReading, Problem>): SubscriptionsState {
    const now = this.#options.clock.now();
    if (!read.ok) return { kind: "failed", failedAt: now, problem: read.error, channels: this.channels };
    const ids = read.value.channels.map(({ channelId }) => channelId);
    this.#whole = new Set(ids.filter(channelId => hasAllOf(read.value, channelId)));
    return { kind: "loaded", ...read.value, refreshedAt: now };
  }
}
