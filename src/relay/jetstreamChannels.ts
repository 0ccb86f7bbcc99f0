import * as v from "valibot";
import { type Clock, second } from "../base/clock.ts";
import { type Disposable, toDisposable } from "../base/lifecycle.ts";
import type { ChannelRecord } from "./eventLog.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import { channelOfSubject } from "./jetstreamNames.ts";

const recordSchema = v.object({
  readKeyHash: v.pipe(
    v.string(),
    v.transform(text => new Uint8Array(Buffer.from(text, "base64url"))),
  ),
  createdAt: v.number(),
  publicKey: v.optional(v.string()),
});

interface CachedRecord {
  readonly record: ChannelRecord;
  readonly until: number;
}

/** How long a record is believed. Changes are told to all nodes, so this is for when a telling was lost. */
const trust = 10 * second;
/** Some 300 bytes each. */
const cachedRecords = 50_000;

/** The records of all channels: in the bucket, and for a while in memory. Only what exists is remembered. */
export class JetStreamChannels implements Disposable {
  readonly #cluster: JetStreamCluster;
  readonly #clock: Clock;
  readonly #cache = new Map<string, CachedRecord>();
  readonly #listening: Disposable;

  /** `onChanged` hears of channels whose record was changed or removed, by whichever node. */
  constructor(cluster: JetStreamCluster, clock: Clock, onChanged: (channel: string) => void) {
    this.#cluster = cluster;
    this.#clock = clock;
    const subscription = cluster.connection.subscribe(cluster.names.changed("*"), {
      callback: (error, message) => {
        if (error !== null) return;
        const channel = channelOfSubject(message.subject);
        this.#cache.delete(channel);
        onChanged(channel);
      },
    });
    this.#listening = toDisposable(() => subscription.unsubscribe());
  }

  /** What is remembered of a channel, as long as it may be relied upon. */
  recall(channel: string): ChannelRecord | undefined {
    const cached = this.#cache.get(channel);
    return cached !== undefined && cached.until > this.#clock.now() ? cached.record : undefined;
  }

  async find(channel: string): Promise<ChannelRecord | undefined> {
    const known = this.recall(channel);
    if (known !== undefined) return known;
    const found = await this.#read(channel);
    if (found === undefined) this.#cache.delete(channel);
    else this.#remember(found.record);
    return found?.record;
  }

  async create(record: ChannelRecord): Promise<void> {
    await this.#cluster.channels.create(record.channel, encodeRecord(record));
  }

  /** False when there is no such channel. */
  async setPublicKey(channel: string, publicKey: string): Promise<boolean> {
    const found = await this.#read(channel);
    if (found === undefined) return false;
    await this.#cluster.channels.update(channel, encodeRecord({ ...found.record, publicKey }), found.revision);
    this.tell(channel);
    await this.#cluster.connection.flush();
    return true;
  }

  /** False when there is no such channel. */
  async delete(channel: string): Promise<boolean> {
    if ((await this.#read(channel)) === undefined) return false;
    await this.#cluster.channels.purge(channel);
    this.tell(channel);
    await this.#cluster.connection.flush();
    return true;
  }

  /** Makes all nodes look at the channel anew; also this one, which listens like the others. */
  tell(channel: string): void {
    this.#cache.delete(channel);
    this.#cluster.connection.publish(this.#cluster.names.changed(channel));
  }

  dispose(): void {
    this.#listening.dispose();
  }

  async #read(channel: string): Promise<{ record: ChannelRecord; revision: number } | undefined> {
    const entry = await this.#cluster.channels.get(channel);
    if (entry?.operation !== "PUT") return undefined;
    return { record: { channel, ...v.parse(recordSchema, entry.json()) }, revision: entry.revision };
  }

  #remember(record: ChannelRecord): void {
    // A map gives its keys in order of insertion: what was read longest ago goes first.
    this.#cache.delete(record.channel);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size < cachedRecords) break;
      this.#cache.delete(oldest);
    }
    this.#cache.set(record.channel, { record, until: this.#clock.now() + trust });
  }
}

function encodeRecord({ readKeyHash, createdAt, publicKey }: ChannelRecord): string {
  return JSON.stringify({ readKeyHash: Buffer.from(readKeyHash).toString("base64url"), createdAt, publicKey });
}
