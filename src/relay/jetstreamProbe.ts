import { second } from "../base/clock.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import { isWrongSequence } from "./jetstreamRefusals.ts";

/** More than nearly all events take: a stream that has no room for this refuses what people send. */
const probeRoom = 65_536;
const publishTimeout = 2 * second;

/** Rejects where an event could not be stored: where no leader answers, or a stream is full. Writes nothing. */
export async function probeJetStream(cluster: JetStreamCluster): Promise<void> {
  const shards = Array.from({ length: cluster.names.shards }, (_, shard) => shard);
  await Promise.all([
    // What an append asks first.
    cluster.channels.get("config.shards"),
    ...shards.flatMap(shard => [requireRoom(cluster, shard), requireWriter(cluster, shard)]),
  ]);
}

async function requireRoom({ manager, names }: JetStreamCluster, shard: number): Promise<void> {
  const { state, config } = await manager.streams.info(names.stream(shard));
  const isFull = config.max_bytes > 0 && config.max_bytes - state.bytes < probeRoom;
  if (isFull) throw new Error(`The stream ${names.stream(shard)} is full`);
}

/**
 * Publishes what can only be refused, as it claims to follow a message that is not there: to be told so is to be heard
 * by a leader that writes.
 */
async function requireWriter({ client, names }: JetStreamCluster, shard: number): Promise<void> {
  const impossible = { expect: { lastSubjectSequence: Number.MAX_SAFE_INTEGER } };
  const options = { ...impossible, timeout: publishTimeout, retries: 0 };
  try {
    await client.publish(names.shardEvents(shard, "ready"), "", options);
  } catch (error) {
    if (!isWrongSequence(error)) throw error;
  }
}
