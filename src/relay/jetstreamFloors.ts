import * as v from "valibot";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import { isWrongSequence } from "./jetstreamRefusals.ts";

const floorSchema = v.object({
  /** The channel's next sequence. */
  next: v.number(),
  /** Bytes of all its events, also of those that are removed. */
  bytes: v.number(),
  /** How many of the numbers before `next` were never given to an event. */
  skipped: v.number(),
});

/** Where a channel goes on. */
export type ChannelFloor = Readonly<v.InferOutput<typeof floorSchema>>;

const newChannel: ChannelFloor = { next: 1, bytes: 0, skipped: 0 };
/** Of several nodes that raise a floor at once all but one have to look again. */
const mostTries = 10;

/**
 * The next number of channels whose messages retention has removed, all of them. It lies in the bucket of the channel
 * records and not in the stream: a stream that is full takes nothing more, and has to be freed all the same.
 */
export class JetStreamFloors {
  readonly #cluster: JetStreamCluster;

  constructor(cluster: JetStreamCluster) {
    this.#cluster = cluster;
  }

  /** Of a channel that has never lost all its messages: where a new channel begins. */
  async get(channel: string): Promise<ChannelFloor> {
    return (await this.#read(channel)).floor;
  }

  /** Resolves once the floor is at least this high. Rejects where JetStream does not take it. */
  async raise(channel: string, floor: ChannelFloor): Promise<void> {
    for (let tries = 1; ; tries++) {
      const known = await this.#read(channel);
      if (known.floor.next >= floor.next) return;
      try {
        const previousSeq = known.revision;
        await this.#cluster.channels.put(keyOf(channel), JSON.stringify(floor), { previousSeq });
        return;
      } catch (error) {
        if (tries === mostTries || !isWrongSequence(error)) throw error;
      }
    }
  }

  /** For a channel that is gone. */
  async delete(channel: string): Promise<void> {
    if ((await this.#read(channel)).revision > 0) await this.#cluster.channels.purge(keyOf(channel));
  }

  async #read(channel: string): Promise<{ readonly floor: ChannelFloor; readonly revision: number }> {
    const entry = await this.#cluster.channels.get(keyOf(channel));
    if (entry === null) return { floor: newChannel, revision: 0 };
    const floor = entry.operation === "PUT" ? v.parse(floorSchema, entry.json()) : newChannel;
    return { floor, revision: entry.revision };
  }
}

function keyOf(channel: string): string {
  return `next.${channel}`;
}
