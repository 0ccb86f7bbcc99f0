import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, day, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { EventSink } from "../events/capture.ts";
import type { LocalServer } from "../local/localServer.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import { isRefusal } from "../relay/relayProblems.ts";
import type { RelayState } from "../relay/relaySession.ts";
import { catchUpAtRelay } from "./catchUpAtRelay.ts";
import { ChannelDrain } from "./channelDrain.ts";
import { ChannelKeyring } from "./channelKeyring.ts";
import type { ChannelVault } from "./channelVault.ts";
import { isDeleted } from "./deleteDrained.ts";
import { embeddedName } from "./embeddedName.ts";
import { settleReadKey } from "./settleReadKey.ts";

export interface FollowedChannelDependencies {
  readonly channels: ChannelVault;
  readonly sinkFor: (relay: string, channel: string) => EventSink;
  /** Makes the handle on this machine's embedded relay; nothing is started before its `acquire`. */
  readonly embeddedRelay: () => LocalServer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Between tries at a relay that cannot be reached, or says no: it may be gone for ever. */
const backoff: BackoffOptions = { first: second, longest: day };

/** One channel of the editor's own that is read beside the one in use, however long its relay takes to be there. */
export class FollowedChannel implements Disposable {
  readonly relay: string;
  /** As it was kept when reading began. */
  readonly channel: RelayChannel;
  readonly #deps: FollowedChannelDependencies;
  readonly #onState: (state: RelayState) => void;
  readonly #store = new DisposableStore();
  readonly #abort = new AbortController();
  #drain: ChannelDrain | undefined;
  #beginning: Promise<Result<ChannelDrain, Problem>> | undefined;
  /** How often this machine's relay has gone. */
  #losses = 0;
  #attempt = 0;
  #failedTries = 0;
  #problem: Problem | undefined;
  #isRefused = false;
  #isDeleted = false;
  #next: Disposable | undefined;
  /** Why it could not be begun, as the log has it. */
  #told: string | undefined;

  /** `relay` is the relay's name in the vault. `onState` hears how it goes, also where reading could not be begun. */
  constructor(
    relay: string,
    channel: RelayChannel,
    deps: FollowedChannelDependencies,
    onState: (state: RelayState) => void,
  ) {
    this.relay = relay;
    this.channel = channel;
    this.#deps = deps;
    this.#onState = onState;
  }

  /** Begins to read, and goes on until it is disposed of. Resolves after the first try. */
  async start(): Promise<void> {
    await this.drain();
  }

  /** What reads it, begun now where it was not. */
  async drain(): Promise<Result<ChannelDrain, Problem>> {
    if (this.#drain !== undefined) return succeed(this.#drain);
    this.#beginning ??= this.#tryToBegin().finally(() => (this.#beginning = undefined));
    return this.#beginning;
  }

  /** Tries again at once where its relay could not be reached: that may have been the network, which is back now. */
  retryNow(): void {
    if (this.#failedTries === 0) return;
    this.#failedTries = 0;
    if (this.#drain === undefined) void this.drain();
    else this.#drain.retryNow();
  }

  /** How often in a row its relay could not be reached by now; 0 while that is being tried anew. */
  get failedTries(): number {
    return this.#failedTries;
  }

  /** Why its events do not come in, as long as that is so. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Whether its relay has said no, and nothing else since. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** True once its relay has said that it was deleted. */
  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** True where all that came in there is here, and nothing has come for an hour in which it could. */
  get isDrained(): boolean {
    return this.#drain?.isDrained === true;
  }

  /** Whether there is another channel or key by now than this reads with. */
  isOutOfDate(kept: RelayChannel): boolean {
    const { channel, readKey } = this.#drain?.channel ?? this.channel;
    return channel !== kept.channel || ![kept.readKey, kept.formerReadKey].includes(readKey);
  }

  dispose(): void {
    this.#abort.abort();
    this.#next?.dispose();
    this.#store.dispose();
  }

  /** Never rejects. */
  async #tryToBegin(): Promise<Result<ChannelDrain, Problem>> {
    const losses = this.#losses;
    const begun = await this.#begin().catch((error: unknown) => fail(toProblem(error)));
    if (begun.ok && this.#losses > losses) {
      this.#dropDrain();
      return this.#tryToBegin();
    }
    if (begun.ok) this.#told = undefined;
    else if (!this.#store.isDisposed) this.#failToBegin(begun.error);
    return begun;
  }

  #failToBegin(problem: Problem): void {
    if (this.#told !== problem.code) this.#deps.logger.warn(`former relay: ${describeCauses(problem)}`);
    this.#told = problem.code;
    const delay = this.#later(() => void this.drain());
    const retryAt = this.#deps.clock.now() + delay;
    this.#tell({ kind: "reconnecting", attempt: this.#attempt, retryAt, problem });
  }

  async #begin(): Promise<Result<ChannelDrain, Problem>> {
    const held = new DisposableStore();
    try {
      const begun = await this.#beginWith(held);
      if (!begun.ok || this.#store.isDisposed) held.dispose();
      return begun;
    } catch (error) {
      held.dispose();
      throw error;
    }
  }

  /** What the drain needs goes into `held`, which it keeps. */
  async #beginWith(held: DisposableStore): Promise<Result<ChannelDrain, Problem>> {
    const relayUrl = await this.#relayUrl(held);
    if (!relayUrl.ok) return relayUrl;
    const { channels, logger, sinkFor, clock, random } = this.#deps;
    const kept = (await channels.find(this.relay, this.channel.channel)) ?? this.channel;
    const channel = { ...kept, relayUrl: relayUrl.value };
    const settled = await settleReadKey(this.relay, channel, channels, this.#abort.signal);
    // What the relay itself refuses it refuses to the stream, too, which goes on from there.
    if (!settled.ok && !isRefusal(settled.error)) return settled;
    const read = settled.ok ? settled.value : channel;
    const keyring = new ChannelKeyring(this.relay, read, channels, logger);
    const reloadKeys = async (): ReturnType<ChannelKeyring["reload"]> => keyring.reload();
    const sink = sinkFor(this.relay, channel.channel);
    const drain = new ChannelDrain({ channel: read, reloadKeys, sink, clock, random, logger }, state =>
      this.#onDrainState(keyring, state),
    );
    drain.hold(held);
    this.#drain = this.#store.add(drain);
    drain.start();
    return succeed(drain);
  }

  async #relayUrl(held: DisposableStore): Promise<Result<string, Problem>> {
    if (this.relay !== embeddedName) return succeed(this.channel.relayUrl);
    const server = held.add(this.#deps.embeddedRelay());
    held.add(server.onDidLose(() => this.#onLost()));
    const acquired = await server.acquire();
    return acquired.ok ? succeed(acquired.value.url) : acquired;
  }

  #onDrainState(keyring: ChannelKeyring, state: RelayState): void {
    if (state.kind === "live") {
      this.#attempt = 0;
      void catchUpAtRelay(keyring, this.#abort.signal, this.#deps.logger);
    }
    if (state.kind === "refused") this.#later(() => void this.#afterRefusal());
    this.#tell(state);
  }

  #tell(state: RelayState): void {
    if (state.kind === "live") this.#problem = undefined;
    else if (state.kind === "reconnecting" || state.kind === "refused") this.#problem = state.problem;
    this.#isRefused = state.kind === "refused";
    this.#isDeleted ||= isDeleted(state);
    if (state.kind === "reconnecting") this.#failedTries = state.attempt;
    else if (state.kind === "live" || state.kind === "refused") this.#failedTries = 0;
    this.#onState(state);
  }

  /** The relay may have its data again, or know one of two keys by now. What fails is tried again. */
  async #afterRefusal(): Promise<void> {
    try {
      const kept = await this.#deps.channels.find(this.relay, this.channel.channel);
      if (kept?.formerReadKey === undefined) this.#drain?.retryNow();
      else this.#beginAnew();
    } catch {
      this.#later(() => void this.#afterRefusal());
    }
  }

  /** What is being begun for the relay that has gone begins again when it is through. */
  #onLost(): void {
    this.#losses += 1;
    if (this.#beginning === undefined) this.#beginAnew();
  }

  #dropDrain(): void {
    if (this.#drain !== undefined) this.#store.delete(this.#drain);
    this.#drain = undefined;
  }

  #beginAnew(): void {
    this.#dropDrain();
    if (!this.#store.isDisposed) void this.drain();
  }

  /** Gives after how many milliseconds. */
  #later(action: () => void): number {
    this.#next?.dispose();
    this.#attempt += 1;
    const delay = backoffDelay(this.#attempt, backoff, this.#deps.random);
    if (!this.#store.isDisposed) this.#next = this.#deps.clock.after(delay, action);
    return delay;
  }
}
