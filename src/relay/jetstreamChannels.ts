import * as v from "valibot";
import { type SteadyClock, second } from "../base/clock.ts";
import { type Disposable, toDisposable } from "../base/lifecycle.ts";
import { decodeReaders, encodeReaders } from "./channelAccess.ts";
import type { ChannelRecord } from "./eventLog.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import { channelOfSubject } from "./jetstreamNames.ts";
import { RecordCache } from "./recordCache.ts";
import { storedAnswerSchema } from "./storedAnswer.ts";

const recordSchema = v.object({
  readKeyHash: v.pipe(
    v.string(),
    v.transform(text => new Uint8Array(Buffer.from(text, "base64url"))),
  ),
  createdAt: v.number(),
  publicKey: v.optional(v.string()),
  answer: storedAnswerSchema,
  readers: v.optional(v.pipe(v.string(), v.transform(decodeReaders))),
});

/** How long a record is believed. Changes are told to all nodes, so this is for when a telling was lost. */
const trust = 10 * second;
/** How often a change is tried that others come before. */
const mostTries = 8;
/** Some 300 bytes each, as long as they have no answer. */
const cachedRecords = 50_000;

/** The records of all channels: in the bucket, and for a while in memory. Only what exists is remembered. */
export class JetStreamChannels implements Disposable {
  readonly #cluster: JetStreamCluster;
  readonly #clock: SteadyClock;
  readonly #cache = new RecordCache(cachedRecords);
  readonly #listening: Disposable;
  /** How many changes of any channel this node has heard of. */
  #changes = 0;

  /** `onChanged` hears of channels whose record was changed or removed, by whichever node. */
  constructor(cluster: JetStreamCluster, clock: SteadyClock, onChanged: (channel: string) => void) {
    this.#cluster = cluster;
    this.#clock = clock;
    const subscription = cluster.connection.subscribe(cluster.names.changed("*"), {
      callback: (error, message) => {
        if (error !== null) return;
        const channel = channelOfSubject(message.subject);
        this.#forget(channel);
        onChanged(channel);
      },
    });
    this.#listening = toDisposable(() => subscription.unsubscribe());
  }

  /** What is remembered of a channel, as long as it may be relied upon. */
  recall(channel: string): ChannelRecord | undefined {
    return this.#cache.get(channel, this.#clock.elapsed());
  }

  async find(channel: string): Promise<ChannelRecord | undefined> {
    const known = this.recall(channel);
    if (known !== undefined) return known;
    const changes = this.#changes;
    const found = await this.#read(channel);
    if (found === undefined) this.#cache.delete(channel);
    // What was changed while it was read may be the old record.
    else if (this.#changes === changes) this.#cache.set(found.record, this.#clock.elapsed() + trust);
    return found?.record;
  }

  async create(record: ChannelRecord): Promise<void> {
    await this.#cluster.channels.create(record.channel, encodeRecord(record));
  }

  /**
   * Puts what `change` makes of the record in its place, and tells all nodes. Of changes that come at once each is made
   * to what the one before has left. False when there is no such channel.
   */
  async update(channel: string, change: (record: ChannelRecord) => ChannelRecord): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const found = await this.#read(channel);
      if (found === undefined) return false;
      const changed = encodeRecord(change(found.record));
      try {
        await this.#change(channel, async () => this.#cluster.channels.update(channel, changed, found.revision));
        return true;
      } catch (error) {
        // Mostly another node that was faster.
        if (tries === mostTries) throw error;
      }
    }
  }

  /** Tells all nodes also where no answer came: what was asked for may have been done. */
  async #change(channel: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } finally {
      this.tell(channel);
    }
    await this.#cluster.connection.flush();
  }

  /** False when there is no such channel. */
  async delete(channel: string): Promise<boolean> {
    if ((await this.#read(channel)) === undefined) {
      this.#forget(channel);
      return false;
    }
    await this.#change(channel, async () => this.#cluster.channels.purge(channel));
    return true;
  }

  /** Makes all nodes look at the channel anew; also this one, which listens like the others. */
  tell(channel: string): void {
    this.#forget(channel);
    this.#cluster.connection.publish(this.#cluster.names.changed(channel));
  }

  /** To be called when changes may not have been heard of. */
  forgetAll(): void {
    this.#changes += 1;
    this.#cache.clear();
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #forget(channel: string): void {
    this.#changes += 1;
    this.#cache.delete(channel);
  }

  async #read(channel: string): Promise<{ record: ChannelRecord; revision: number } | undefined> {
    const entry = await this.#cluster.channels.get(channel);
    if (entry?.operation !== "PUT") return undefined;
    return { record: { channel, ...v.parse(recordSchema, entry.json()) }, revision: entry.revision };
  }
}

function encodeRecord({ readKeyHash, createdAt, publicKey, readers = [], answer }: ChannelRecord): string {
  return JSON.stringify({
    readKeyHash: Buffer.from(readKeyHash).toString("base64url"),
    createdAt,
    publicKey,
    ...(readers.length === 0 ? {} : { readers: encodeReaders(readers) }),
    answer,
  });
}
