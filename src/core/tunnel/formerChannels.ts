import * as l10n from "@vscode/l10n";
import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { SecretVault } from "../connections/connection.ts";
import type { LocalServer } from "../local/localServer.ts";
import { deleteRelayChannel } from "../relay/deleteRelayChannel.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { EventSink } from "../events/capture.ts";
import type { RelayState } from "../relay/relaySession.ts";
import { ChannelDrain } from "./channelDrain.ts";
import { ChannelVault } from "./channelVault.ts";
import { embeddedName } from "./embeddedName.ts";
import { FormerRelays } from "./formerRelays.ts";
import { settleReadKey } from "./settleReadKey.ts";
import { UnknownChannels } from "./unknownChannels.ts";

export interface FormerChannelsDependencies {
  readonly vault: SecretVault;
  readonly sinkFor: (relay: string, channel: string) => EventSink;
  /** The name of the relay in use; it is no former one, though it may have been. */
  readonly currentRelay: () => string;
  /** Makes the handle on this machine's embedded relay; nothing is started before its `acquire`. */
  readonly embeddedRelay: () => LocalServer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A relay that this editor has left, with a channel that still takes what is sent to its address. */
export interface FormerChannel {
  /** Its name: its address, or {@link embeddedName} for this machine's own. */
  readonly relay: string;
  /** The path that its addresses have in common. */
  readonly ingestPath: string;
  /** True where all that came in there is here, and nothing has come for an hour. */
  readonly isDrained: boolean;
}

const lookInterval = 10 * minute;
/** Between tries to begin reading at one relay. */
const backoff: BackoffOptions = { first: second, longest: lookInterval };

interface Retry {
  readonly attempt: number;
  readonly timer: Disposable;
}

/**
 * What is still sent to relays that this editor has left, this machine's own among them: it is read until its owner
 * deletes the channel there, so that moving loses nothing. All windows of the machine share the list, and the history
 * takes each event once.
 */
export class FormerChannels implements Disposable {
  readonly #deps: FormerChannelsDependencies;
  readonly #channels: ChannelVault;
  readonly #relays: FormerRelays;
  readonly #unknown: UnknownChannels;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #drains = new Map<string, ChannelDrain>();
  /** Of the own channels that made room for a colleague's at the same relay, until they are in use again. */
  readonly #drainsBehind = new Map<string, ChannelDrain>();
  /** Where reading could not be begun, until it could. */
  readonly #retries = new Map<string, Retry>();

  readonly onDidChange = this.#changed.event;

  constructor(deps: FormerChannelsDependencies) {
    this.#deps = deps;
    this.#channels = this.#store.add(new ChannelVault(deps.vault, deps.logger));
    this.#relays = this.#store.add(new FormerRelays({ ...deps, channels: this.#channels }));
    this.#unknown = this.#store.add(new UnknownChannels(deps));
    this.#store.add(this.#relays.onDidChange(() => void this.follow()));
    this.#store.add(this.#channels.onDidChange(() => void this.follow()));
    for (const drains of [this.#drains, this.#drainsBehind]) {
      this.#store.add(toDisposable(() => drains.forEach(drain => drain.dispose())));
    }
    this.#store.add(toDisposable(() => this.#retries.forEach(({ timer }) => timer.dispose())));
    this.#lookLater();
  }

  /** Those that are read now. */
  list(): readonly FormerChannel[] {
    return [...this.#drains].map(([relay, { channel, isDrained }]) => {
      return { relay, ingestPath: relayPaths.ingest(channel.channel), isDrained };
    });
  }

  /**
   * Deletes the channel at `relay` with all that is there, and forgets it, once all that the relay has is here. On failure it
   * is read as before.
   */
  async delete(relay: string): Promise<Result<void, Problem>> {
    const kept = await this.#channels.read(relay);
    const deleted = kept === undefined ? succeed(undefined) : await this.#deleteAt(relay, kept);
    if (deleted.ok) await this.#forget(relay);
    return deleted;
  }

  /**
   * Reads those that were left, by whoever and whenever the setting was changed, and no others. What cannot be read now is
   * left as it is, and keeps nothing else from being read.
   */
  async follow(): Promise<void> {
    await this.#guarded(async () => this.#relays.noteMove());
    await this.#guarded(async () => this.#followLeft());
    await this.#guarded(async () => this.#followAllBehind());
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
    }
  }

  async #followLeft(): Promise<void> {
    const relays = await this.#relays.read();
    for (const relay of this.#drains.keys()) if (!relays.includes(relay)) this.#end(relay);
    // Side by side: one that takes its time, such as this machine's while it starts, holds up no other.
    await Promise.all(relays.map(async relay => this.#guarded(async () => this.#followOne(relay))));
  }

  async #followAllBehind(): Promise<void> {
    for (const relay of await this.#channels.relays()) await this.#guarded(async () => this.#followBehind(relay));
  }

  /** What the relay refused is tried again: with another key, where there is one by now. */
  async #followOne(relay: string): Promise<void> {
    const kept = await this.#channels.read(relay);
    // One that was shared is its owner's to read.
    const isOurs = kept !== undefined && kept.isGuest !== true;
    const drain = this.#drains.get(relay);
    if (drain !== undefined && (!isOurs || isOutOfDate(drain, kept))) this.#end(relay);
    if (!isOurs || this.#drains.has(relay)) return;
    const begun = await this.#begin(relay, kept);
    if (!begun.ok) this.#retryLater(relay, begun.error);
  }

  async #begin(relay: string, kept: RelayChannel): Promise<Result<void, Problem>> {
    const begun = await (relay === embeddedName ? this.#beginEmbedded(kept) : this.#beginAt(relay, kept));
    if (begun.ok) this.#endRetry(relay);
    return begun.ok ? succeed(undefined) : begun;
  }

  async #beginEmbedded(kept: RelayChannel): Promise<Result<ChannelDrain | undefined, Problem>> {
    const server = this.#deps.embeddedRelay();
    const losing = server.onDidLose(() => this.#beginAgain(embeddedName));
    const acquired = await server.acquire();
    const begun = acquired.ok ? await this.#beginAt(embeddedName, { ...kept, relayUrl: acquired.value.url }) : acquired;
    if (!begun.ok || begun.value === undefined) server.dispose();
    else {
      begun.value.hold(server);
      begun.value.hold(losing);
    }
    return begun;
  }

  async #beginAt(relay: string, channel: RelayChannel): Promise<Result<ChannelDrain | undefined, Problem>> {
    const settled = await settleReadKey(channel);
    if (!settled.ok) return settled;
    if (channel.formerReadKey !== undefined) await this.#channels.write(relay, settled.value);
    // Windows may follow at the same time, and the relay be in use again by now.
    if (this.#store.isDisposed || this.#drains.has(relay) || relay === this.#deps.currentRelay())
      return succeed(undefined);
    const read = async (): Promise<RelayChannel | undefined> => this.#channels.read(relay);
    const drain = this.#drain(relay, settled.value, read, state => this.#onState(relay, channel.channel, state));
    this.#drains.set(relay, drain);
    drain.start();
    return succeed(drain);
  }

  async #followBehind(relay: string): Promise<void> {
    const read = async (): Promise<RelayChannel | undefined> => this.#channels.readOwnBehind(relay);
    const own = await read();
    const drain = this.#drainsBehind.get(relay);
    if (drain !== undefined && (own === undefined || isOutOfDate(drain, own))) {
      drain.dispose();
      this.#drainsBehind.delete(relay);
    }
    if (own === undefined || this.#drainsBehind.has(relay)) return;
    const settled = await settleReadKey(own);
    if (!settled.ok) this.#retryLater(relay, settled.error);
    else if (!this.#store.isDisposed && !this.#drainsBehind.has(relay)) {
      const begun = this.#drain(relay, settled.value, read, () => undefined);
      this.#drainsBehind.set(relay, begun);
      this.#endRetry(relay);
      begun.start();
    }
  }

  async #deleteAt(relay: string, kept: RelayChannel): Promise<Result<void, Problem>> {
    if (kept.isGuest !== true && !this.#drains.has(relay)) {
      const begun = await this.#begin(relay, kept);
      if (!begun.ok) return begun;
    }
    const drain = this.#drains.get(relay);
    if (drain === undefined) return deleteRelayChannel(kept);
    const state = await drain.catchUp();
    if (state.kind !== "live" && !isGone(state)) return fail(notAllHere(drain.channel.relayUrl, state));
    return deleteRelayChannel({ ...kept, relayUrl: drain.channel.relayUrl });
  }

  #drain(
    relay: string,
    channel: RelayChannel,
    read: () => Promise<RelayChannel | undefined>,
    onState: (state: RelayState) => void,
  ): ChannelDrain {
    const { sinkFor, clock, random, logger } = this.#deps;
    const reloadKeys = async (): Promise<RelayChannel["keys"]> => (await read())?.keys ?? channel.keys;
    return new ChannelDrain(
      { channel, reloadKeys, sink: sinkFor(relay, channel.channel), clock, random, logger },
      onState,
    );
  }

  #beginAgain(relay: string): void {
    this.#end(relay);
    void this.follow();
  }

  /** That the channel was deleted is a relay's last word; that it does not know it may be a mistake. */
  #onState(relay: string, channel: string, state: RelayState): void {
    if (state.kind === "live") void this.#guarded(async () => this.#unknown.clear(channel));
    if (isDeleted(state)) void this.#guarded(async () => this.#forget(relay));
    else if (isGone(state)) void this.#guarded(async () => this.#onUnknown(relay, channel));
    this.#changed.fire();
  }

  async #onUnknown(relay: string, channel: string): Promise<void> {
    if (!(await this.#unknown.note(channel))) return;
    await this.#forget(relay);
    await this.#unknown.clear(channel);
  }

  async #forget(relay: string): Promise<void> {
    this.#end(relay);
    if (relay !== this.#deps.currentRelay()) await this.#channels.forget(relay);
    await this.#relays.remove(relay);
  }

  #retryLater(relay: string, problem: Problem): void {
    if (this.#store.isDisposed) return;
    const attempt = (this.#retries.get(relay)?.attempt ?? 0) + 1;
    this.#retries.get(relay)?.timer.dispose();
    const delay = backoffDelay(attempt, backoff, this.#deps.random);
    this.#deps.logger.warn(`former relay: ${describeCauses(problem)}; trying again in ${Math.round(delay / second)} s`);
    this.#retries.set(relay, { attempt, timer: this.#deps.clock.after(delay, () => void this.follow()) });
  }

  #endRetry(relay: string): void {
    this.#retries.get(relay)?.timer.dispose();
    this.#retries.delete(relay);
  }

  #end(relay: string): void {
    this.#drains.get(relay)?.dispose();
    this.#drains.delete(relay);
  }

  /** Time alone makes a channel drained, and brings back what could not be read. */
  #lookLater(): void {
    const timer = this.#deps.clock.after(lookInterval, () => {
      this.#store.delete(timer);
      void this.follow();
      this.#lookLater();
    });
    this.#store.add(timer);
  }
}

/** Whether there is another channel or key by now, or the relay has refused what the drain reads with. */
function isOutOfDate({ channel, isRefused }: ChannelDrain, kept: RelayChannel): boolean {
  const isSame = channel.channel === kept.channel && [kept.readKey, kept.formerReadKey].includes(channel.readKey);
  return isRefused || !isSame;
}

function isDeleted(state: RelayState): boolean {
  return state.kind === "refused" && state.problem.code === "RELAY_CHANNEL_DELETED";
}

/** The relay itself says that there is no such channel. */
function isGone(state: RelayState): boolean {
  return isDeleted(state) || (state.kind === "refused" && state.problem.code === "RELAY_UNKNOWN_CHANNEL");
}

function notAllHere(relayUrl: string, state: RelayState): Problem {
  const message = l10n.t(
    "The channel at {0} wasn't deleted, because events may still be waiting there and couldn't be fetched now. Try again when the relay can be reached.",
    relayUrl,
  );
  return { code: "RELAY_NOT_DRAINED", message, remedy: "retry", cause: "problem" in state ? state.problem : undefined };
}
