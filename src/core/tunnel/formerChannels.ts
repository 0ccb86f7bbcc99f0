import * as v from "valibot";
import { type Clock, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { SecretVault } from "../connections/connection.ts";
import { vaultError } from "../connections/vaultProblems.ts";
import type { LocalServer } from "../local/localServer.ts";
import { deleteRelayChannel } from "../relay/deleteRelayChannel.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { EventSink, RelayState } from "../relay/relaySession.ts";
import { ChannelDrain } from "./channelDrain.ts";
import { ChannelVault } from "./channelVault.ts";
import { embeddedName } from "./embeddedName.ts";

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

/** The relay that was in use when a window looked last; absent: this machine's own, as nothing else was set. */
const inUseName = "relay.inUse";
const listName = "relay.former";
const listSchema = v.pipe(v.string(), v.parseJson(), v.array(v.string()));

const lookInterval = 10 * minute;

/**
 * What is still sent to relays that this editor has left, this machine's own among them: it is read until its owner
 * deletes the channel there, so that moving loses nothing. All windows of the machine share the list, and the history
 * takes each event once.
 */
export class FormerChannels implements Disposable {
  readonly #deps: FormerChannelsDependencies;
  readonly #channels: ChannelVault;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #drains = new Map<string, ChannelDrain>();
  /** Of the own channels that made room for a colleague's at the same relay, until they are in use again. */
  readonly #drainsBehind = new Map<string, ChannelDrain>();

  readonly onDidChange = this.#changed.event;

  constructor(deps: FormerChannelsDependencies) {
    this.#deps = deps;
    this.#channels = this.#store.add(new ChannelVault(deps.vault, deps.logger));
    this.#store.add(deps.vault.onDidChange(name => name === listName && void this.follow()));
    this.#store.add(this.#channels.onDidChange(() => void this.follow()));
    for (const drains of [this.#drains, this.#drainsBehind]) {
      this.#store.add(toDisposable(() => drains.forEach(drain => drain.dispose())));
    }
    this.#lookLater();
  }

  /** Those that are read now. */
  list(): readonly FormerChannel[] {
    return [...this.#drains].map(([relay, { channel, isDrained }]) => {
      return { relay, ingestPath: relayPaths.ingest(channel.channel), isDrained };
    });
  }

  /** Deletes the channel at `relay` with all that is there, and forgets it. On failure it is read as before. */
  async delete(relay: string): Promise<Result<void, Problem>> {
    const kept = await this.#channels.read(relay);
    const channel = relay === embeddedName ? this.#drains.get(relay)?.channel : kept;
    const deleted = channel === undefined ? succeed(undefined) : await deleteRelayChannel(channel);
    if (deleted.ok) await this.#forget(relay);
    return deleted;
  }

  /**
   * Reads those that were left, by whoever and whenever the setting was changed, and no others. What cannot be read now is
   * left as it is.
   */
  async follow(): Promise<void> {
    try {
      await this.#noteMove();
      const relays = (await this.#read()).filter(relay => relay !== this.#deps.currentRelay());
      for (const relay of this.#drains.keys()) if (!relays.includes(relay)) this.#end(relay);
      for (const relay of relays) if (!this.#drains.has(relay)) await this.#begin(relay);
      for (const relay of await this.#channels.relays()) await this.#followBehind(relay);
    } catch (error) {
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
    }
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** It is on the list before the relay in use is another one: a window that dies in between has lost nothing. */
  async #noteMove(): Promise<void> {
    const current = this.#deps.currentRelay();
    const left = (await this.#deps.vault.get(inUseName)) ?? embeddedName;
    if (left === current) return;
    const added = (await this.#channels.relays()).includes(left) ? [left] : [];
    await this.#write(relays => [...relays.filter(each => each !== left && each !== current), ...added]);
    await this.#deps.vault.store(inUseName, current);
  }

  async #begin(relay: string): Promise<void> {
    const kept = await this.#channels.read(relay);
    // One that was shared is its owner's to read.
    if (kept === undefined || kept.isGuest === true) return;
    if (relay === embeddedName) await this.#beginEmbedded(kept);
    else this.#beginAt(relay, kept);
  }

  /** Where this machine's relay cannot be started, that is tried again with the next look. */
  async #beginEmbedded(kept: RelayChannel): Promise<void> {
    const server = this.#deps.embeddedRelay();
    const acquired = await server.acquire();
    const drain = acquired.ok ? this.#beginAt(embeddedName, { ...kept, relayUrl: acquired.value.url }) : undefined;
    if (!acquired.ok) this.#deps.logger.warn(`former relay: ${describeCauses(acquired.error)}`);
    if (drain === undefined) server.dispose();
    else {
      drain.hold(server);
      drain.hold(server.onDidLose(() => this.#beginAgain(embeddedName)));
    }
  }

  #beginAt(relay: string, channel: RelayChannel): ChannelDrain | undefined {
    // Windows may follow at the same time.
    if (this.#store.isDisposed || this.#drains.has(relay)) return undefined;
    const read = async (): Promise<RelayChannel | undefined> => this.#channels.read(relay);
    const drain = this.#drain(relay, channel, read, state => this.#onState(relay, state));
    this.#drains.set(relay, drain);
    drain.start();
    return drain;
  }

  async #followBehind(relay: string): Promise<void> {
    const read = async (): Promise<RelayChannel | undefined> => this.#channels.readOwnBehind(relay);
    const own = await read();
    const drain = this.#drainsBehind.get(relay);
    if (this.#store.isDisposed || own?.channel === drain?.channel.channel) return;
    drain?.dispose();
    this.#drainsBehind.delete(relay);
    if (own === undefined) return;
    const begun = this.#drain(relay, own, read, () => undefined);
    this.#drainsBehind.set(relay, begun);
    begun.start();
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

  /** What the relay itself says is not there is drained. */
  #onState(relay: string, state: RelayState): void {
    if (state.kind === "refused" && goneCodes.includes(state.problem.code)) {
      this.#forget(relay).catch((error: unknown) => this.#deps.logger.warn(`former relay: ${describeCauses(error)}`));
    }
    this.#changed.fire();
  }

  async #forget(relay: string): Promise<void> {
    this.#end(relay);
    if (relay !== this.#deps.currentRelay()) await this.#channels.forget(relay);
    await this.#write(relays => relays.filter(each => each !== relay));
  }

  #end(relay: string): void {
    this.#drains.get(relay)?.dispose();
    this.#drains.delete(relay);
  }

  async #read(): Promise<readonly string[]> {
    const parsed = v.safeParse(listSchema, (await this.#deps.vault.get(listName)) ?? "[]");
    return parsed.success ? parsed.output : [];
  }

  async #write(change: (relays: readonly string[]) => readonly string[]): Promise<void> {
    const { vault } = this.#deps;
    const work = async (): Promise<void> => vault.store(listName, JSON.stringify(change(await this.#read())));
    try {
      await (vault.exclusive === undefined ? work() : vault.exclusive(listName, work));
    } catch (error) {
      throw vaultError("written", error);
    }
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

const goneCodes: readonly string[] = ["RELAY_CHANNEL_DELETED", "RELAY_UNKNOWN_CHANNEL"];
