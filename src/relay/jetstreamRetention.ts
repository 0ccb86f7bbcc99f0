import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { type MsgHdrs, nanos } from "@nats-io/transport-node";
import { type Clock, minute, second } from "../base/clock.ts";
import { forEachAtOnce } from "../base/forEachAtOnce.ts";
import { type Disposable, DisposableStore } from "../base/lifecycle.ts";
import type { Retention } from "./eventLog.ts";
import type { ChannelTail } from "./jetstreamAppender.ts";
import { type StoredBatch, decodeHead, isBatch, nextAfter } from "./jetstreamBatch.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import type { ChannelFloor, JetStreamFloors } from "./jetstreamFloors.ts";
import { channelOfSubject } from "./jetstreamNames.ts";
import type { JetStreamReader } from "./jetstreamReader.ts";
import type { LogFields, RelayLogger } from "./relayLogger.ts";

export interface JetStreamRetentionOptions {
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: RelayLogger;
  readonly floors: Pick<JetStreamFloors, "raise">;
  /** Whether there is such a channel; of others nothing has to be kept. */
  readonly isKnown: (channel: string) => Promise<boolean>;
  /** Hears of a channel that has ended and is still known. */
  readonly onEnded: (channel: string) => void;
}

/** What came before the oldest message of a channel. */
interface Removed {
  readonly events: number;
  readonly bytes: number;
}

interface OldMessage {
  readonly channel: string;
  /** The stream's. */
  readonly sequence: number;
}

/** Messages at the beginning of a stream that are too old. */
interface OldMessages {
  /** In the order of the stream. */
  readonly messages: readonly OldMessage[];
  /** The stream's sequence after the last of them. */
  readonly end: number;
}

/** What is known of a message's age. */
interface Verdict {
  readonly isOld: boolean;
  readonly isDoubtful: boolean;
}

const sweepInterval = minute;
/** By how much the clocks of relays and of NATS may differ. */
const clockTolerance = 5 * minute;
/** Messages that are looked at before they are removed; a sweep goes on until none is too old. */
const sweepMessages = 10_000;
/** Messages that are removed at the same time. */
const removedAtOnce = 128;
/** Channels that are asked for their newest message at the same time. */
const channelsAtOnce = 64;
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
 * at once: what they do is the same. Nothing here writes to a stream, as one that is full takes nothing.
 *
 * What is too old is removed message by message. A purge of the whole stream up to a sequence is one request, but
 * servers before 2.10.26 bring back a message that was removed from between by it, and those before 2.9.15 count a
 * channel's messages wrong after it. Either makes them remove messages later that nobody has asked them to.
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
    const removed = this.#removed.get(channel) ?? { events: 0, bytes: 0 };
    if (!this.#isTooMuch(removed, tail) || this.#trimming.has(channel)) return;
    this.#trimming.add(channel);
    this.#trim(channel, tail)
      .catch((error: unknown) => this.#report(error, { stream: this.#cluster.names.streamOf(channel) }))
      .finally(() => this.#trimming.delete(channel));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #isTooMuch(removed: Removed, tail: ChannelTail): boolean {
    const { maxEvents, maxBytes } = this.#options.retention;
    return (
      eventsBefore(tail) - removed.events > maxEvents + surplusOf(maxEvents) ||
      tail.bytes - removed.bytes > maxBytes + maxBytes / 8
    );
  }

  async #trim(channel: string, tail: ChannelTail): Promise<void> {
    const first = await this.#reader.oldest(channel, () => true);
    if (first === undefined || !this.#isTooMuch(this.#removedBefore(channel, first), tail)) return;
    const { maxEvents, maxBytes } = this.#options.retention;
    const oldest = await this.#reader.oldest(
      channel,
      batch =>
        eventsBefore({ next: nextAfter(batch), skipped: batch.skipped }) > eventsBefore(tail) - maxEvents &&
        batch.bytes > tail.bytes - maxBytes,
    );
    if (oldest === undefined) return;
    await this.#cluster.purgeBefore(channel, oldest.sequence);
    this.#removedBefore(channel, oldest);
  }

  #removedBefore(channel: string, oldest: StoredBatch): Removed {
    const removed = {
      events: eventsBefore({ next: oldest.first, skipped: oldest.skipped }),
      bytes: oldest.bytes - oldest.data.byteLength,
    };
    this.#removed.set(channel, removed);
    return removed;
  }

  #sweepLater(): void {
    const timer = this.#options.clock.after(sweepInterval, () => {
      this.#owned.delete(timer);
      void this.#sweep().then(() => this.#owned.isDisposed || this.#sweepLater());
    });
    this.#owned.add(timer);
  }

  /** Never rejects. What goes wrong in one shard is no matter of the others. */
  async #sweep(): Promise<void> {
    this.#removed.clear();
    const shards = Array.from({ length: this.#cluster.names.shards }, (_, shard) => shard);
    await Promise.all(
      shards
        .map(shard => this.#cluster.names.stream(shard))
        .map(async stream => this.#sweepStream(stream).catch((error: unknown) => this.#report(error, { stream }))),
    );
  }

  async #sweepStream(stream: string): Promise<void> {
    const { state } = await this.#cluster.manager.streams.info(stream);
    if (state.messages === 0 || !(await this.#mayBeOld(stream, state.first_seq))) return;
    for (let from = state.first_seq; from <= state.last_seq && !this.#owned.isDisposed;) {
      const old = await this.#walk(stream, from, state.last_seq);
      if (old.end === from) return;
      await this.#remove(stream, old);
      from = old.end;
    }
  }

  /**
   * Every channel that would become empty has its next number kept before. Where one has not, that one keeps its last
   * message: the next sweep finds it again, and the room that the others have left.
   */
  async #remove(stream: string, { messages, end }: OldMessages): Promise<void> {
    const limits = await this.#limitsOf(new Set(messages.map(({ channel }) => channel)), end);
    const removable = messages.filter(({ channel, sequence }) => sequence < (limits.get(channel) ?? 0));
    await forEachAtOnce(removable, removedAtOnce, async ({ sequence }) => this.#removeMessage(stream, sequence));
  }

  async #removeMessage(stream: string, sequence: number): Promise<void> {
    const { streams } = this.#cluster.manager;
    try {
      await streams.deleteMessage(stream, sequence, false);
    } catch (error) {
      // Another node may have been faster, or the answer got lost.
      if ((await streams.getMessage(stream, { seq: sequence })) !== null) throw error;
    }
  }

  /** By channel: the stream's sequence before which its messages may go. */
  async #limitsOf(channels: ReadonlySet<string>, end: number): Promise<ReadonlyMap<string, number>> {
    const limits = new Map<string, number>();
    const causes: unknown[] = [];
    await forEachAtOnce(channels, channelsAtOnce, async channel => {
      limits.set(channel, await this.#limitOf(channel, end, causes));
    });
    if (causes.length > 0) this.#report(causes[0], { channels: causes.length });
    return limits;
  }

  /** Never beyond what has been seen: a server that is behind may name a message before the newest, or none. */
  async #limitOf(channel: string, end: number, causes: unknown[]): Promise<number> {
    let limit = 0;
    try {
      if (!(await this.#options.isKnown(channel))) return end;
      const last = await this.#cluster.last(channel);
      if (last === undefined) return limit;
      if (last.isEnd) {
        // Its messages are to be overwritten, which removing them would not do; and without its end it would go on.
        this.#options.onEnded(channel);
        return limit;
      }
      limit = last.sequence;
      if (limit >= end) return limit;
      await this.#options.floors.raise(channel, { next: nextAfter(last), bytes: last.bytes, skipped: last.skipped });
      return limit + 1;
    } catch (error) {
      causes.push(error);
      return limit;
    }
  }

  /** Also true when there is no such message any more: then it is to be seen what has become the first. */
  async #mayBeOld(stream: string, sequence: number): Promise<boolean> {
    const first = await this.#cluster.manager.streams.getMessage(stream, { seq: sequence });
    if (first === null) return true;
    const { isOld, isDoubtful } = this.#judge(first.header, first.time.getTime(), Infinity);
    return isOld || isDoubtful;
  }

  /**
   * How old a message is two clocks say: that of NATS, by when it stored it, and the relays', by when they got the event.
   * It is old when both say so, for either may have been wrong then, or may be wrong now. Where they disagree about when
   * it came, what comes after it may be older. What no relay has written is no event, and may go.
   */
  #judge(lines: MsgHdrs | undefined, storedAt: number, natsTime: number): Verdict {
    if (!isBatch(lines)) return { isOld: true, isDoubtful: false };
    const { receivedAt } = decodeHead(lines);
    const { clock, retention } = this.#options;
    const isOld = receivedAt < clock.now() - retention.maxAge && storedAt < natsTime - retention.maxAge;
    return { isOld, isDoubtful: Math.abs(storedAt - receivedAt) > clockTolerance };
  }

  /**
   * A bounded number of the old messages from `from` up to `last`; `end` is `from` where there are none. A stream is in
   * the order in which messages came, so what stands before an old one is old, whatever its own times say.
   */
  async #walk(stream: string, from: number, last: number): Promise<OldMessages> {
    const info = await this.#cluster.manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      headers_only: true,
      inactive_threshold: nanos(10 * second),
      mem_storage: true,
      num_replicas: 1,
    });
    const messages: OldMessage[] = [];
    let old = { count: 0, end: from };
    // A fetch of nothing would wait for something to come.
    if (info.num_pending === 0) return { messages, end: from };
    const natsTime = this.#cluster.timeOf(info);
    const consumer = this.#cluster.client.consumers.getConsumerFromInfo(info);
    for await (const message of await consumer.fetch({ max_messages: sweepMessages, expires: fetchDeadline })) {
      const { isOld, isDoubtful } = this.#judge(message.headers, message.time.getTime(), natsTime);
      if (!isOld && !isDoubtful) break;
      messages.push({ channel: channelOfSubject(message.subject), sequence: message.seq });
      if (isOld) old = { count: messages.length, end: message.seq + 1 };
      // What is said to be pending may be gone.
      if (message.info.pending === 0 || message.seq >= last) break;
    }
    await this.#cluster.manager.consumers.delete(stream, info.name);
    return { messages: messages.slice(0, old.count), end: old.end };
  }

  #report(error: unknown, where: LogFields): void {
    if (!this.#owned.isDisposed) this.#options.logger.error("retention failed", { ...where, cause: String(error) });
  }
}

/** How many events a channel has had before its number `next`. */
function eventsBefore({ next, skipped }: Pick<ChannelFloor, "next" | "skipped">): number {
  return next - 1 - skipped;
}
