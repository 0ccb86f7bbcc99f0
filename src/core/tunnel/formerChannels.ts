import { day, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, toDisposable } from "../../base/lifecycle.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { SecretVault } from "../connections/connection.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { RelayState } from "../relay/relaySession.ts";
import { patientVault } from "../connections/patientVault.ts";
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

/** A channel of this editor's that it uses no more, and that still takes what is sent to its address. */
export interface FormerChannel {
  readonly channel: string;
  /** The relay's name: its address, or `embeddedName` for this machine's own. */
  readonly relay: string;
  /** The path that its addresses have in common. */
  readonly ingestPath: string;
  /** True where all that came in there is here, and nothing has come for an hour in which it could. */
  readonly isDrained: boolean;
  /** For how many whole days its relay could not be reached, where those are so many that it may be gone for good. */
  readonly daysAway: number | undefined;
  /** True where the editor has made another at the same relay: it is to be deleted once it is out of use. */
  readonly isReplaced: boolean;
  /** True where the relay has it no more, so that whatever is sent to its address is lost. */
  readonly isGone: boolean;
  /** Why what is sent to its address does not come in now; undefined where it does. */
  readonly problem: Problem | undefined;
}

const lookInterval = 10 * minute;
/** A relay that came up without its data does not know its channels either, for a while. */
const unknownFor = day;
/** As long as relays keep events unless told otherwise: what waits there when it comes back later is mostly too old. */
const awayFor = 7 * day;

/** They take half an hour at least. */
const manyTries = 12;

/** In place of the relay's channel, behind a colleague's that took its place, or replaced by another of the editor's own. */
type Side = "front" | "behind" | "replaced";

/**
 * What is still sent to relays that this editor has left, this machine's own among them: it is read until its owner
 * deletes the channel there, so that moving loses nothing. So is an own channel behind a colleague's at the same relay, and
 * one that was replaced by another there.
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
  /** By the relay's name; those that were replaced, of which a relay may have several, by their own. */
  readonly #followed: Readonly<Record<Side, Map<string, FollowedChannel>>> = {
    front: new Map(),
    behind: new Map(),
    replaced: new Map(),
  };
  /** What of each is being noted last. */
  readonly #noting = new WeakMap<FollowedChannel, Promise<void>>();
  /** Two that ask at once have one deletion: the second would end what the first reads. */
  readonly #deleting = new Map<FollowedChannel, Promise<Result<boolean, Problem>>>();
  /** Those that were left, as far as this window has heard. */
  #left: readonly string[] = [];

  readonly onDidChange = this.#changed.event;

  constructor(given: FormerChannelsDependencies) {
    const vault = patientVault(given.vault, given.clock, () => void this.follow());
    const deps = { ...given, vault };
    this.#deps = deps;
    this.#channels = this.#store.add(new ChannelVault(deps.vault, deps.logger));
    this.#relays = new FormerRelays({ ...deps, channels: this.#channels });
    this.#unknown = this.#store.add(new SinceNotes({ ...deps, key: "relay.unknownSince", longestGap: unknownFor / 4 }));
    this.#away = this.#store.add(new SinceNotes({ ...deps, key: "relay.awaySince", longestGap: day }));
    this.#store.add(this.#relays.onDidChange(() => void this.follow()));
    this.#store.add(this.#channels.onDidChange(() => void this.follow()));
    this.#store.add(this.#channels.onDidChangeReplaced(() => void this.follow()));
    for (const followed of Object.values(this.#followed)) {
      this.#store.add(toDisposable(() => followed.forEach(each => each.dispose())));
    }
    this.#lookLater();
  }

  /** Those that are to be read now: at relays that were left, and those that were replaced. */
  list(): readonly FormerChannel[] {
    return this.#listed().map(followed => this.#describe(followed));
  }

  /** All that are read beside the one in use, also an own channel that is in use again once a colleague's is left. */
  all(): readonly FormerChannel[] {
    return this.#all().map(followed => this.#describe(followed));
  }

  #describe(followed: FollowedChannel): FormerChannel {
    const { relay, isDrained, problem } = followed;
    const { channel } = followed.channel;
    return {
      ...{ relay, channel, isDrained, problem },
      ingestPath: relayPaths.ingest(channel),
      daysAway: this.#daysAway(followed),
      isReplaced: this.#isReplaced(followed),
      isGone: this.#isGone(followed),
    };
  }

  /**
   * Deletes a channel of {@link list} at its relay with all that is there, and forgets it, once all that the relay has is
   * here. On failure it is read as before. False where the list has it no more: another window was faster, or it is in use
   * again.
   */
  async delete(channel: string): Promise<Result<boolean, Problem>> {
    const followed = this.#listed().find(each => each.channel.channel === channel);
    if (followed === undefined) return succeed(false);
    const deleting = this.#deleting.get(followed) ?? this.#delete(followed);
    this.#deleting.set(followed, deleting);
    try {
      return await deleting;
    } finally {
      this.#deleting.delete(followed);
    }
  }

  async #delete(followed: FollowedChannel): Promise<Result<boolean, Problem>> {
    const { channel } = followed.channel;
    const drain = await followed.drain();
    if (!drain.ok) return drain;
    const kept = (await this.#channels.find(followed.relay, channel)) ?? followed.channel;
    const deleted = await deleteDrained(drain.value, kept, this.#deps.clock);
    if (!deleted.ok) return deleted;
    await this.forget(channel);
    return succeed(true);
  }

  /** Reads a channel of {@link list} no more, and forgets its keys. What its relay still has of it stays there. */
  async forget(channel: string): Promise<void> {
    const followed = this.#all().find(each => each.channel.channel === channel);
    if (followed === undefined) return;
    const { relay } = followed;
    this.#end(followed);
    await this.#channels.forget(relay, channel);
    // It is forgotten by now, whatever is noted of it.
    for (const notes of [this.#unknown, this.#away]) await this.#guarded(async () => notes.clear(channel));
    this.#changed.fire();
  }

  /**
   * Reads those that were left, by whoever and whenever the setting was changed, and no others. What cannot be read now is
   * left as it is, and keeps nothing else from being read.
   */
  async follow(): Promise<void> {
    if (this.#store.isDisposed) return;
    await this.#guarded(async () => this.#relays.noteUse());
    await this.#guarded(async () => this.#away.load());
    await this.#guarded(async () => this.#followAll());
    this.#changed.fire();
  }

  /** The network is there: tries at once what could not be reached. */
  retryNow(): void {
    for (const followed of this.#all()) followed.retryNow();
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
      this.#guarded(async () => this.#followReplaced()),
    ]);
  }

  async #followReplaced(): Promise<void> {
    const replaced = await this.#channels.replaced();
    const names = replaced.map(({ channel }) => channel.channel);
    for (const [name, followed] of this.#followed.replaced) if (!names.includes(name)) this.#end(followed);
    await Promise.all(
      replaced.map(async ({ relay, channel }) =>
        this.#guarded(async () => this.#followAs("replaced", channel.channel, relay, channel)),
      ),
    );
  }

  async #follow(side: "front" | "behind", relay: string): Promise<void> {
    await this.#followAs(side, relay, relay, await this.#readOwn(side, relay));
  }

  /** Resolves after the first try to begin. */
  async #followAs(side: Side, name: string, relay: string, kept: RelayChannel | undefined): Promise<void> {
    const before = this.#followed[side].get(name);
    if (before !== undefined && (kept === undefined || before.isOutOfDate(kept))) this.#end(before);
    // Windows move at any time.
    if (kept === undefined || this.#store.isDisposed || (side === "front" && !this.#isLeft(relay))) return;
    if (this.#followed[side].has(name)) return;
    const deps = { ...this.#deps, channels: this.#channels };
    const followed = new FollowedChannel(relay, kept, deps, state => this.#onState(followed, state));
    this.#followed[side].set(name, followed);
    await followed.start();
  }

  /** One that was shared is its owner's to read. */
  async #readOwn(side: "front" | "behind", relay: string): Promise<RelayChannel | undefined> {
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
    // What still leads to one that was replaced is to be brought along first.
    if (isDeleted(state) && !this.#isReplaced(followed)) void this.#guarded(async () => this.forget(channel));
    else this.#noteInTurn(followed, state);
    this.#changed.fire();
  }

  /** One after the other: a state that takes its time to be noted may be over by then, and the next one says so. */
  #noteInTurn(followed: FollowedChannel, state: RelayState): void {
    const note = async (): Promise<void> => this.#guarded(async () => this.#note(followed, state));
    const turn = (this.#noting.get(followed) ?? Promise.resolve()).then(note);
    this.#noting.set(followed, turn);
  }

  async #note(followed: FollowedChannel, state: RelayState): Promise<void> {
    const { channel } = followed.channel;
    if (isOutOfReach(state)) await this.#away.note(channel);
    if (state.kind === "live") await this.#unknown.clear(channel);
    if (state.kind === "live" || state.kind === "refused") await this.#away.clear(channel);
    if (!isGone(state)) return;
    await this.#unknown.note(channel);
    if (followed.isRefused && this.#isGone(followed) && !this.#isReplaced(followed)) await this.forget(channel);
  }

  #isReplaced(followed: FollowedChannel): boolean {
    return this.#followed.replaced.get(followed.channel.channel) === followed;
  }

  #isGone({ isDeleted: isCertain, channel: { channel } }: FollowedChannel): boolean {
    return isCertain || this.#unknown.duration(channel) >= unknownFor;
  }

  /** A machine that was away itself has to try for a while first. */
  #daysAway({ failedTries, channel: { channel } }: FollowedChannel): number | undefined {
    const away = this.#away.duration(channel);
    return failedTries < manyTries || away < awayFor ? undefined : Math.floor(away / day);
  }

  #listed(): readonly FollowedChannel[] {
    return this.#all().filter(followed => this.#isReplaced(followed) || this.#isLeft(followed.relay));
  }

  #all(): readonly FollowedChannel[] {
    return Object.values(this.#followed).flatMap(followed => [...followed.values()]);
  }

  #end(followed: FollowedChannel): void {
    followed.dispose();
    for (const each of Object.values(this.#followed)) {
      for (const [name, held] of each) if (held === followed) each.delete(name);
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

/** What fails on this machine says nothing about the relay. */
const ownFaults: readonly string[] = ["EVENTS_NOT_STORED", "RELAY_KEYS_UNREADABLE", "VAULT_UNAVAILABLE"];

function isOutOfReach(state: RelayState): boolean {
  return state.kind === "reconnecting" && !ownFaults.includes(state.problem.code);
}
