import { createHash } from "node:crypto";

/**
 * What the engine's things are called in NATS. A channel belongs to one of a fixed number of shards, each a stream:
 * `<prefix>_events_<shard>` holds the subjects `<prefix>.<shard>.event.<channel>`, one for each channel.
 */
export class JetStreamNames {
  readonly shards: number;
  readonly #prefix: string;

  constructor(prefix: string, shards: number) {
    this.#prefix = prefix;
    this.shards = shards;
  }

  /** The bucket of channel records, and of what all nodes have to agree on. */
  static bucket(prefix: string): string {
    return `${prefix}_channels`;
  }

  /** Core messages that say: the record of this channel is another now, or gone. */
  changed(channel: string): string {
    return `${this.#prefix}.changed.${channel}`;
  }

  stream(shard: number): string {
    return `${this.#prefix}_events_${shard}`;
  }

  streamOf(channel: string): string {
    return this.stream(this.#shardOf(channel));
  }

  /** Where a channel's events are stored. */
  events(channel: string): string {
    return this.shardEvents(this.#shardOf(channel), channel);
  }

  shardEvents(shard: number, channel: string): string {
    return `${this.#prefix}.${shard}.event.${channel}`;
  }

  /** Where JetStream repeats them, once they are stored, to whoever listens. */
  live(channel: string): string {
    return this.shardLive(this.#shardOf(channel), channel);
  }

  shardLive(shard: number, channel: string): string {
    return `${this.#prefix}.${shard}.live.${channel}`;
  }

  /** Channel ids are random, so any part of a hash spreads them evenly; all nodes have to use the same. */
  #shardOf(channel: string): number {
    return createHash("sha256").update(channel).digest().readUInt32BE(0) % this.shards;
  }
}

/** The channel in the last token of a subject. */
export function channelOfSubject(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
