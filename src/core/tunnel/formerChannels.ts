import * as v from "valibot";
import { type Clock, hour, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { SecretVault } from "../connections/connection.ts";
import { vaultError } from "../connections/vaultProblems.ts";
import { deleteRelayChannel } from "../relay/deleteRelayChannel.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import { type EventSink, RelaySession, type RelayState } from "../relay/relaySession.ts";
import { ChannelVault } from "./channelVault.ts";

export interface FormerChannelsDependencies {
  readonly vault: SecretVault;
  readonly sinkFor: (relay: string, channel: string) => EventSink;
  /** The relay in use; it is no former one, though it may have been. */
  readonly currentRelay: () => string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A relay that this editor has left, with a channel that still takes what is sent to its address. */
export interface FormerChannel {
  readonly relay: string;
  /** The path that its addresses have in common. */
  readonly ingestPath: string;
  /** True where all that came in there is here, and nothing has come for an hour. */
  readonly isDrained: boolean;
}

const listName = "relay.former";
const listSchema = v.pipe(v.string(), v.parseJson(), v.array(v.string()));

/** How long nothing has to come in. Zoho sends what a subscription has waiting within minutes. */
const quietTime = hour;
const lookInterval = 10 * minute;

/**
 * What is still sent to relays that this editor has left: it is read until its owner deletes the channel there, so that
 * moving loses nothing. All windows of the machine share the list, and the history takes each event once.
 */
export class FormerChannels implements Disposable {
  readonly #deps: FormerChannelsDependencies;
  readonly #channels: ChannelVault;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #drains = new Map<string, Drain>();

  readonly onDidChange = this.#changed.event;

  constructor(deps: FormerChannelsDependencies) {
    this.#deps = deps;
    this.#channels = this.#store.add(new ChannelVault(deps.vault, deps.logger));
    this.#store.add(deps.vault.onDidChange(name => name === listName && void this.follow()));
    this.#store.add(toDisposable(() => this.#drains.forEach(drain => drain.dispose())));
    this.#lookLater();
  }

  /** Those that are read now. */
  list(): readonly FormerChannel[] {
    return [...this.#drains.values()].map(drain => drain.described());
  }

  /** Goes on reading the channel at `relay`, which is about to be left. */
  async add(relay: string): Promise<void> {
    await this.#write(relays => [...relays.filter(each => each !== relay), relay]);
  }

  /** Deletes the channel at `relay` with all that is there, and forgets it. On failure it is read as before. */
  async delete(relay: string): Promise<Result<void, Problem>> {
    const channel = await this.#channels.read(relay);
    const deleted = channel === undefined ? succeed(undefined) : await deleteRelayChannel(channel);
    if (deleted.ok) await this.#forget(relay);
    return deleted;
  }

  /** Reads those that the vault has now, and no others. What cannot be read now is left as it is. */
  async follow(): Promise<void> {
    try {
      const relays = (await this.#read()).filter(relay => relay !== this.#deps.currentRelay());
      for (const relay of this.#drains.keys()) if (!relays.includes(relay)) this.#end(relay);
      for (const relay of relays) if (!this.#drains.has(relay)) await this.#begin(relay);
    } catch (error) {
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
    }
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #begin(relay: string): Promise<void> {
    const channel = await this.#channels.read(relay);
    // Windows may follow at the same time.
    if (channel === undefined || this.#store.isDisposed || this.#drains.has(relay)) return;
    const reloadKeys = async (): Promise<RelayChannel["keys"]> =>
      (await this.#channels.read(relay))?.keys ?? channel.keys;
    const drain = new Drain(relay, channel, reloadKeys, this.#deps, state => this.#onState(relay, state));
    this.#drains.set(relay, drain);
    drain.start();
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

  /** Time alone makes a channel drained. */
  #lookLater(): void {
    const timer = this.#deps.clock.after(lookInterval, () => {
      this.#store.delete(timer);
      this.#changed.fire();
      this.#lookLater();
    });
    this.#store.add(timer);
  }
}

const goneCodes: readonly string[] = ["RELAY_CHANNEL_DELETED", "RELAY_UNKNOWN_CHANNEL"];

/** One channel that is read to its end. */
class Drain implements Disposable {
  readonly #relay: string;
  readonly #channel: RelayChannel;
  readonly #session: RelaySession;
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  /** When something came in last, or reading began; milliseconds since 1970. */
  #lastAt: number;

  constructor(
    relay: string,
    channel: RelayChannel,
    reloadKeys: () => Promise<RelayChannel["keys"]>,
    { sinkFor, clock, random, logger }: FormerChannelsDependencies,
    onState: (state: RelayState) => void,
  ) {
    this.#relay = relay;
    this.#channel = channel;
    this.#clock = clock;
    this.#lastAt = clock.now();
    const sink = this.#noting(sinkFor(relay, channel.channel));
    this.#session = this.#store.add(new RelaySession({ channel, reloadKeys, sink, clock, random, logger }));
    this.#store.add(this.#session.onDidChangeState(onState));
  }

  start(): void {
    this.#session.start();
  }

  described(): FormerChannel {
    const isQuiet = this.#clock.now() - this.#lastAt >= quietTime;
    return {
      relay: this.#relay,
      ingestPath: relayPaths.ingest(this.#channel.channel),
      isDrained: this.#session.state.kind === "live" && isQuiet,
    };
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
