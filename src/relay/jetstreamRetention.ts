import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { type Clock, minute, second } from "../base/clock.ts";
import { type Disposable, DisposableStore } from "../base/lifecycle.ts";
import type { Retention } from "./eventLog.ts";
import type { ChannelTail } from "./jetstreamAppender.ts";
import { type StoredBatch, decodeHead, nextAfter } from "./jetstreamBatch.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import { channelOfSubject } from "./jetstreamNames.ts";
import type { JetStreamReader } from "./jetstreamReader.ts";
import type { RelayLogger } from "./relayLogger.ts";

export interface JetStreamRetentionOptions {
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: RelayLogger;
  /** Puts a mark at the end of a channel that keeps its next sequence; not called for channels that are gone. */
  readonly mark: (channel: string) => Promise<void>;
}

/** Where a channel begins: the sequence of its oldest event, and the bytes of those before it. */
interface Removed {
  readonly next: number;
  readonly bytes: number;
}

const sweepInterval = minute;
/** Messages that one sweep of a shard removes at most. */
const sweepMessages = 10_000;
const fetchDeadline = 2 * second;
/** Removing more often would cost more than it frees. */
const longestSurplus = 256;

/** How many events above its limit a channel may have before they are removed. */
export function surplusOf(maxEvents: number): number {
  return Math.min(Math.floor(maxEvents / 8), longestSurplus);
}

/**
 * Removes what is too old or too much. JetStream could do the former itself, but would take the last message of a
 * channel, too, and with it the number that comes next; and each replica would do it at a moment of its own. So every
 * node looks, once a minute, at the beginning of each stream, which is where the old ones are. Several nodes may do so
 * at once: what they do is the same.
 */
export class JetStreamRetention implements Disposable {
  readonly #cluster: JetStreamCluster;
  readonly #reader: JetStreamReader;
  readonly #options: JetStreamRetentionOptions;
  readonly #owned = new DisposableStore();
  /** By channel that this node appends to: what came before its oldest message, as far as that is known. */
  readonly #removed = new Map<string, Removed>();
  readonly #trimming = new Set<string>();

  constructor(cluster: JetStreamCluster, reader: JetStreamReader, options: JetStreamRetentionOptions) {
    this.#cluster = cluster;
    this.#reader = reader;
    this.#options = options;
    this.#sweepLater();
  }

  /** To be called when a channel has grown to `tail`. */
  grown(channel: string, tail: ChannelTail): void {
    const removed = this.#removed.get(channel) ?? { next: 1, bytes: 0 };
    if (!this.#isTooMuch(removed, tail) || this.#trimming.has(channel)) return;
    this.#trimming.add(channel);
    this.#trim(channel, tail)
      .catch((error: unknown) => this.#report(error))
      .finally(() => this.#trimming.delete(channel));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #isTooMuch(removed: Removed, tail: ChannelTail): boolean {
    const { maxEvents, maxBytes } = this.#options.retention;
    return (
      tail.next - removed.next > maxEvents + surplusOf(maxEvents) ||
      tail.bytes - removed.bytes > maxBytes + maxBytes / 8
    );
  }

  async #trim(channel: string, tail: ChannelTail): Promise<void> {
    const first = await this.#reader.oldest(channel, () => true);
    if (first === undefined || !this.#isTooMuch(this.#removedBefore(channel, first), tail)) return;
    const { maxEvents, maxBytes } = this.#options.retention;
    const oldest = await this.#reader.oldest(
      channel,
      batch => nextAfter(batch) > tail.next - maxEvents && batch.bytes > tail.bytes - maxBytes,
    );
    if (oldest === undefined) return;
    const filter = this.#cluster.names.events(channel);
    await this.#cluster.manager.streams.purge(this.#cluster.names.streamOf(channel), { filter, seq: oldest.sequence });
    this.#removedBefore(channel, oldest);
  }

  #removedBefore(channel: string, oldest: StoredBatch): Removed {
    const removed = { next: oldest.first, bytes: oldest.bytes - oldest.data.byteLength };
    this.#removed.set(channel, removed);
    return removed;
  }

  #sweepLater(): void {
    const timer = this.#options.clock.after(sweepInterval, () => {
      this.#owned.delete(timer);
      this.#sweep().catch((error: unknown) => this.#report(error));
      this.#sweepLater();
    });
    this.#owned.add(timer);
  }

  async #sweep(): Promise<void> {
    this.#removed.clear();
    for (let shard = 0; shard < this.#cluster.names.shards; shard++) await this.#sweepShard(shard);
  }

  async #sweepShard(shard: number): Promise<void> {
    const stream = this.#cluster.names.stream(shard);
    const { state } = await this.#cluster.manager.streams.info(stream);
    if (state.messages === 0 || !(await this.#isOld(stream, state.first_seq))) return;
    const { channels, end } = await this.#walk(stream, state.first_seq);
    for (const channel of channels) {
      const last = await this.#cluster.last(channel);
      if (last !== undefined && last.sequence < end) await this.#options.mark(channel);
    }
    await this.#cluster.manager.streams.purge(stream, { seq: end });
  }

  async #isOld(stream: string, sequence: number): Promise<boolean> {
    const first = await this.#cluster.manager.streams.getMessage(stream, { seq: sequence });
    return first !== null && decodeHead(first.header).receivedAt < this.#before();
  }

  /** The channels whose messages are too old, and the stream's sequence where the others begin. */
  async #walk(stream: string, from: number): Promise<{ channels: ReadonlySet<string>; end: number }> {
    const info = await this.#cluster.manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      headers_only: true,
      inactive_threshold: nanos(10 * second),
      mem_storage: true,
      num_replicas: 1,
    });
    const channels = new Set<string>();
    let end = from;
    const consumer = this.#cluster.client.consumers.getConsumerFromInfo(info);
    for await (const message of await consumer.fetch({ max_messages: sweepMessages, expires: fetchDeadline })) {
      if (decodeHead(message.headers).receivedAt >= this.#before()) break;
      channels.add(channelOfSubject(message.subject));
      end = message.seq + 1;
      if (message.info.pending === 0) break;
    }
    await this.#cluster.manager.consumers.delete(stream, info.name);
    return { channels, end };
  }

  #before(): number {
    return this.#options.clock.now() - this.#options.retention.maxAge;
  }

  #report(error: unknown): void {
    if (!this.#owned.isDisposed) this.#options.logger.error("retention failed", { cause: String(error) });
  }
}
