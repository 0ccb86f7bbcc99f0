import type { Msg, Subscription } from "@nats-io/transport-node";
import { type Clock, minute, second } from "../base/clock.ts";
import { type Disposable, DisposableStore, toDisposable } from "../base/lifecycle.ts";
import type { ChannelWatcher } from "./eventLog.ts";
import { decodeEvents, decodeHead, isBatch, nextAfter } from "./jetstreamBatch.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";

/** A channel that somebody on this node watches: one subscription, however many they are. */
interface WatchedChannel {
  readonly watchers: Set<ChannelWatcher>;
  readonly subscription: Subscription;
  /** Events before this one have been announced. */
  next: number;
}

/**
 * What JetStream repeats of a channel once it is stored comes over core NATS, which promises nothing: a message may be
 * lost when a connection between servers breaks. So every watched channel is looked at about this often.
 */
const lookInterval = minute;
const lookStep = second;
/** With more watched channels a round takes longer: looking is for the rare case, and must not be the load. */
const mostLooks = 100;

/** Tells watchers of this node what any node has appended. */
export class JetStreamWatchers implements Disposable {
  readonly #cluster: JetStreamCluster;
  readonly #clock: Clock;
  readonly #onDue: (channel: string) => void;
  readonly #channels = new Map<string, WatchedChannel>();
  readonly #owned = new DisposableStore();
  #due: string[] = [];

  /** `onDue` hears when it is to be seen how a channel stands that somebody watches. */
  constructor(cluster: JetStreamCluster, clock: Clock, onDue: (channel: string) => void) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#onDue = onDue;
    this.#lookLater();
  }

  watch(channel: string, watcher: ChannelWatcher): Disposable {
    const watched = this.#channels.get(channel) ?? this.#subscribe(channel);
    watched.watchers.add(watcher);
    return toDisposable(() => {
      watched.watchers.delete(watcher);
      if (watched.watchers.size === 0) this.#unsubscribe(channel, watched);
    });
  }

  /** Makes the channel's watchers read: there may be something that they were not told. */
  look(channel: string): void {
    for (const watcher of this.#watchersOf(channel)) {
      watcher.accessChanged();
      watcher.appended([]);
    }
  }

  deleted(channel: string): void {
    for (const watcher of this.#watchersOf(channel)) watcher.deleted();
  }

  /** Has every watched channel looked at from now on, as nobody knows what was said before. */
  lookAtAll(): void {
    this.#due = [...this.#channels.keys()];
  }

  /** Whether anybody on this node watches the channel. */
  has(channel: string): boolean {
    return this.#channels.has(channel);
  }

  dispose(): void {
    this.#owned.dispose();
    for (const [channel, watched] of this.#channels) this.#unsubscribe(channel, watched);
  }

  #watchersOf(channel: string): readonly ChannelWatcher[] {
    return [...(this.#channels.get(channel)?.watchers ?? [])];
  }

  #subscribe(channel: string): WatchedChannel {
    const subscription = this.#cluster.connection.subscribe(this.#cluster.names.live(channel), {
      callback: (error, message) => {
        if (error === null && isBatch(message.headers)) this.#announce(watched, message);
      },
    });
    const watched: WatchedChannel = { watchers: new Set(), subscription, next: 0 };
    this.#channels.set(channel, watched);
    return watched;
  }

  #unsubscribe(channel: string, watched: WatchedChannel): void {
    if (this.#channels.get(channel) !== watched) return;
    this.#channels.delete(channel);
    watched.subscription.unsubscribe();
  }

  #announce(watched: WatchedChannel, message: Msg): void {
    const head = decodeHead(message.headers);
    const next = nextAfter(head);
    const events = decodeEvents(head, message.data).filter(({ sequence }) => sequence >= watched.next);
    if (next <= watched.next) return;
    watched.next = next;
    for (const watcher of [...watched.watchers]) watcher.appended(events);
  }

  /** Spread over the interval, so that ten thousand watched channels do not read all at once. */
  #lookLater(): void {
    const timer = this.#clock.after(lookStep, () => {
      this.#owned.delete(timer);
      if (this.#due.length === 0) this.#due = [...this.#channels.keys()];
      const share = Math.min(mostLooks, Math.ceil((this.#channels.size * lookStep) / lookInterval));
      for (const channel of this.#due.splice(0, share)) if (this.has(channel)) this.#onDue(channel);
      this.#lookLater();
    });
    this.#owned.add(timer);
  }
}
