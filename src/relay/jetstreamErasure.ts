import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { second } from "../base/clock.ts";
import { forEachAtOnce } from "../base/forEachAtOnce.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";

/** Messages that are looked for at a time, and of them those that are overwritten at the same time. */
const fetchMessages = 1_000;
const erasedAtOnce = 64;
const fetchDeadline = 2 * second;
const abandoned = 10 * second;

/**
 * Removes all messages of a channel, or those up to `last` (the stream's sequence). Each is overwritten on the disks of NATS, which a purge would not do: it only marks
 * them, until what is left of their file is small enough to be written anew. What comes in meanwhile is purged.
 */
export async function eraseMessages(cluster: JetStreamCluster, channel: string, last?: number): Promise<void> {
  const { names, manager } = cluster;
  const stream = names.streamOf(channel);
  const filter = names.events(channel);
  try {
    for (let first = 0; ;) {
      const found = await findMessages(cluster, stream, filter, last);
      // Retention may have removed one before it was overwritten here; one that stays is a fault.
      const failures = await overwrite(cluster, stream, found);
      if (found.length === 0) return;
      if (found[0] === first) throw new Error("Messages could not be overwritten", { cause: failures[0] });
      first = found[0] ?? 0;
    }
  } finally {
    await manager.streams.purge(stream, last === undefined ? { filter } : { filter, seq: last + 1 });
  }
}

/** Sequences of the stream. */
async function findMessages(
  cluster: JetStreamCluster,
  stream: string,
  filter: string,
  last = Infinity,
): Promise<readonly number[]> {
  const { consumers } = cluster.manager;
  const info = await consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    filter_subject: filter,
    headers_only: true,
    inactive_threshold: nanos(abandoned),
    mem_storage: true,
    num_replicas: 1,
  });
  const found: number[] = [];
  // A fetch of nothing would wait for something to come.
  if (info.num_pending === 0) return found;
  const consumer = cluster.client.consumers.getConsumerFromInfo(info);
  for await (const message of await consumer.fetch({ max_messages: fetchMessages, expires: fetchDeadline })) {
    if (message.seq <= last) found.push(message.seq);
    if (message.seq >= last || message.info.pending === 0) break;
  }
  await consumers.delete(stream, info.name);
  return found;
}

/** Gives why some could not be. */
async function overwrite(
  { manager }: JetStreamCluster,
  stream: string,
  sequences: readonly number[],
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  await forEachAtOnce(sequences, erasedAtOnce, async sequence => {
    await manager.streams.deleteMessage(stream, sequence, true).catch((error: unknown) => failures.push(error));
  });
  return failures;
}
