import { day, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, toDisposable } from "../../base/lifecycle.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { SecretVault } from "../connections/connection.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { RelayState } from "../relay/relaySession.ts";
import { ChannelVault } from "./channelVault.ts";
import { deleteDrained, isDeleted, isGone } from "./deleteDrained.ts";
import { FollowedChannel, type FollowedChannelDependencies } from "./followedChannel.ts";
import { FormerRelays } from "./formerRelays.ts";
import { SinceNotes } from "./sinceNotes.ts";

export interface FormerChannelsDependencies extends Omit<FollowedChannelDependencies, "channels"> {
  readonly vault: SecretVault;
  /** The name of the relay in use; it is no former one, though it may have been. */
  readonly currentRelay: () => string;
}

/** A channel of this editor's at a relay that it has left, which still takes what is sent to its address. */
export interface FormerChannel {
  readonly channel: string;
  /** The relay's name: its address, or `embeddedName` for this machine's own. */
  readonly relay: string;
  /** The path that its addresses have in common. */
  readonly ingestPath: string;
  /** True where all that came in there is here, and nothing has come for an hour. */
  readonly isDrained: boolean;
  /** For how many whole days its relay could not be reached, where those are so many that it may be gone for good. */
  readonly daysAway: number | undefined;
}

const lookInterval = 10 * minute;
/** A relay that came up without its data does not know its channels either, for a while. */
const unknownFor = day;
/** As long as relays keep events unless told otherwise: what waits there when it comes back later is mostly too old. */
const awayFor = 7 * day;

/** They take half an hour at least. */
const manyTries = 12;

/** In place of the relay's channel, or behind a colleague's that took its place. */
type Side = "front" | "behind";

/**
 * What is still sent to relays that this editor has left, this machine's own among them: it is read until its owner
 * deletes the channel there, so that moving loses nothing. So is an own channel behind a colleague's at the same relay.
 * All windows of the machine read the same, and the history takes each event once.
 */
export class FormerChannels implements Disposable {
  readonly #deps: FormerChannelsDependencies;
  readonly #channels: ChannelVault;
  readonly #relays: FormerRelays;
  /** Which channels their relays say they do not know. */
  readonly #unknown: SinceNotes;
  /** Which channels' relays cannot be reached. */
  readonly #away: SinceNotes;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #followed: Readonly<Record<Side, Map<string, FollowedChannel>>> = { front: new Map(), behind: new Map() };
  /** Those that were left, as far as this window has heard. */
  #left: readonly string[] = [];

  readonly onDidChange = this.#changed.event;

  constructor(deps: FormerChannelsDependencies) {
    this.#deps = deps;
    this.#channels = this.#store.add(new ChannelVault(deps.vault, deps.logger));
    this.#relays = this.#store.add(new FormerRelays({ ...deps, channels: this.#channels }));
    this.#unknown = this.#store.add(new SinceNotes({ ...deps, key: "relay.unknownSince" }));
    this.#away = this.#store.add(new SinceNotes({ ...deps, key: "relay.awaySince" }));
    this.#store.add(this.#relays.onDidChange(() => void this.follow()));
    this.#store.add(this.#channels.onDidChange(() => void this.follow()));
    for (const followed of Object.values(this.#followed)) {
      this.#store.add(toDisposable(() => followed.forEach(each => each.dispose())));
    }
    this.#lookLater();
  }

  /** Those that are to be read now, at relays that were left. */
  list(): readonly FormerChannel[] {
    return this.#all()
      .filter(({ relay }) => this.#left.includes(relay))
      .map(followed => {
        const { relay, isDrained } = followed;
        const { channel } = followed.channel;
        return {
          relay,
          channel,
          ingestPath: relayPaths.ingest(channel),
          isDrained,
          daysAway: this.#daysAway(followed),
        };
      });
  }

  /**
   * Deletes a channel of {@link list} at its relay with all that is there, and forgets it, once all that the relay has is
   * here. On failure it is read as before.
   */
  async delete(channel: string): Promise<Result<void, Problem>> {
    const followed = this.#all().find(each => each.channel.channel === channel);
    // Another window was faster.
    if (followed === undefined) return succeed(undefined);
    const drain = await followed.drain();
    if (!drain.ok) return drain;
    const kept = (await this.#channels.find(followed.relay, channel)) ?? followed.channel;
    const deleted = await deleteDrained(drain.value, kept);
    if (deleted.ok) await this.forget(channel);
    return deleted;
  }

  /** Reads a channel of {@link list} no more, and forgets its keys. What its relay still has of it stays there. */
  async forget(channel: string): Promise<void> {
    const followed = this.#all().find(each => each.channel.channel === channel);
    if (followed === undefined) return;
    const { relay } = followed;
    this.#end(followed);
    await this.#channels.forget(relay, channel);
    for (const notes of [this.#unknown, this.#away]) await notes.clear(channel);
    if (!(await this.#channels.relays()).includes(relay)) await this.#relays.remove(relay);
    this.#changed.fire();
  }

  /**
   * Reads those that were left, by whoever and whenever the setting was changed, and no others. What cannot be read now is
   * left as it is, and keeps nothing else from being read.
   */
  async follow(): Promise<void> {
    await this.#guarded(async () => this.#relays.noteUse());
    await this.#guarded(async () => this.#away.load());
    await this.#guarded(async () => this.#followAll());
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

  async #followAll(): Promise<void> {
    this.#left = await this.#relays.read();
    for (const followed of this.#followed.front.values()) if (!this.#isLeft(followed.relay)) this.#end(followed);
    const own = [...this.#left, ...this.#followed.behind.keys(), this.#deps.currentRelay()];
    // Side by side: one that takes its time holds up no other.
    await Promise.all([
      ...this.#left.map(async relay => this.#guarded(async () => this.#follow("front", relay))),
      ...[...new Set(own)].map(async relay => this.#guarded(async () => this.#follow("behind", relay))),
    ]);
  }

  /** Resolves after the first try to begin. */
  async #follow(side: Side, relay: string): Promise<void> {
    const kept = await this.#readOwn(side, relay);
    const before = this.#followed[side].get(relay);
    if (before !== undefined && (kept === undefined || before.isOutOfDate(kept))) this.#end(before);
    // Windows move at any time.
    if (kept === undefined || this.#store.isDisposed || (side === "front" && !this.#isLeft(relay))) return;
    if (this.#followed[side].has(relay)) return;
    const deps = { ...this.#deps, channels: this.#channels };
    const followed = new FollowedChannel(relay, kept, deps, state => this.#onState(followed, state));
    this.#followed[side].set(relay, followed);
    await followed.start();
  }

  /** One that was shared is its owner's to read. */
  async #readOwn(side: Side, relay: string): Promise<RelayChannel | undefined> {
    if (side === "behind") return this.#channels.readOwnBehind(relay);
    const kept = await this.#channels.read(relay);
    return kept?.isGuest === true ? undefined : kept;
  }

  #isLeft(relay: string): boolean {
    return this.#left.includes(relay) && relay !== this.#deps.currentRelay();
  }

  /** That the channel was deleted is a relay's last word; that it does not know it may be a mistake. */
  #onState(followed: FollowedChannel, state: RelayState): void {
    const { channel } = followed.channel;
    if (isDeleted(state)) void this.#guarded(async () => this.forget(channel));
    else void this.#guarded(async () => this.#note(channel, state));
    this.#changed.fire();
  }

  async #note(channel: string, state: RelayState): Promise<void> {
    if (state.kind === "reconnecting") await this.#away.note(channel);
    if (state.kind === "live") await this.#unknown.clear(channel);
    if (state.kind === "live" || state.kind === "refused") await this.#away.clear(channel);
    if (!isGone(state)) return;
    await this.#unknown.note(channel);
    if (this.#unknown.duration(channel) >= unknownFor) await this.forget(channel);
  }

  /** A machine that was away itself has to try for a while first. */
  #daysAway({ failedTries, channel: { channel } }: FollowedChannel): number | undefined {
    const away = this.#away.duration(channel);
    return failedTries < manyTries || away < awayFor ? undefined : Math.floor(away / day);
  }

  #all(): readonly FollowedChannel[] {
    return Object.values(this.#followed).flatMap(followed => [...followed.values()]);
  }

  #end(followed: FollowedChannel): void {
    followed.dispose();
    for (const each of Object.values(this.#followed)) {
      if (each.get(followed.relay) === followed) each.delete(followed.relay);
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
