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
 * Removes the messages of a channel that has ended, but for its end, the stream's sequence of which is `end`. Each is
 * overwritten on the disks of NATS, which a purge would not do: it only marks them, until what is left of their file is
 * small enough to be written anew. What could not be overwritten stays, so that it is found again.
 */
export async function eraseMessages(cluster: JetStreamCluster, channel: string, end: number): Promise<void> {
  for (let before = 0; ;) {
    const first = (await cluster.next(channel, 1))?.sequence ?? end;
    if (first >= end) return;
    // Another node may have removed one before it was overwritten here; one that stays is a fault.
    const failures = await overwrite(cluster, channel, await findMessages(cluster, channel, first, end));
    if (first === before) throw new Error("Messages could not be overwritten", { cause: failures[0] });
    before = first;
  }
}

/** Sequences of the stream: `first`, and those after it of which the server knows that is asked, up to `end`. */
async function findMessages(
  cluster: JetStreamCluster,
  channel: string,
  first: number,
  end: number,
): Promise<ReadonlySet<number>> {
  const stream = cluster.names.streamOf(channel);
  const { consumers } = cluster.manager;
  const info = await consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: first,
    filter_subject: cluster.names.events(channel),
    headers_only: true,
    inactive_threshold: nanos(abandoned),
    mem_storage: true,
    num_replicas: 1,
  });
  const found = new Set([first]);
  // A fetch of nothing would wait for something to come.
  if (info.num_pending === 0) return found;
  const consumer = cluster.client.consumers.getConsumerFromInfo(info);
  for await (const message of await consumer.fetch({ max_messages: fetchMessages, expires: fetchDeadline })) {
    if (message.seq < end) found.add(message.seq);
    if (message.seq >= end || message.info.pending === 0) break;
  }
  await consumers.delete(stream, info.name);
  return found;
}

/** Gives why some could not be. */
async function overwrite(
  { manager, names }: JetStreamCluster,
  channel: string,
  sequences: Iterable<number>,
): Promise<readonly unknown[]> {
  const stream = names.streamOf(channel);
  const failures: unknown[] = [];
  await forEachAtOnce(sequences, erasedAtOnce, async sequence => {
    await manager.streams.deleteMessage(stream, sequence, true).catch((error: unknown) => failures.push(error));
  });
  return failures;
}
