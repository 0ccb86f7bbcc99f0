import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { second } from "../base/clock.ts";
import type { LoggedEvent, ReadLimit, SequenceBounds } from "./eventLog.ts";
import { type StoredBatch, decodeEvents, decodeHead, nextAfter } from "./jetstreamBatch.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import type { JetStreamFloors } from "./jetstreamFloors.ts";

/** Up to so many messages are asked for one by one; for more it pays to make a consumer. */
const fewMessages = 4;
/** So many one by one while there are no consumers to be had. */
const someMessages = 64;
const consumersAvoided = 10 * second;
const fetchDeadline = 2 * second;
/** A consumer nobody has asked for so long is removed by the server: its relay has died. */
const abandoned = 10 * second;
/** Bounds what is under way to a reader. A bound in bytes would be better, but server 2.9 gets that wrong in clusters. */
const fetchMessages = 32;
/** Places remembered, so that who reads on need not search. */
const rememberedPlaces = 10_000;

/**
 * Reads channels. Single messages are asked of the stream's leader, because another replica may lack the newest, and
 * what it lacks would pass for removed. A consumer may be anywhere: it lacks nothing between its first and its last.
 */
export class JetStreamReader {
  readonly #cluster: JetStreamCluster;
  readonly #floors: JetStreamFloors;
  /** By channel: in which message of the stream one of its sequences lies. */
  readonly #places = new Map<string, { readonly next: number; readonly sequence: number }>();

  #withoutConsumersUntil = 0;

  constructor(cluster: JetStreamCluster, floors: JetStreamFloors) {
    this.#cluster = cluster;
    this.#floors = floors;
  }

  /** Undefined of a channel that has ended. */
  async bounds(channel: string): Promise<SequenceBounds | undefined> {
    const last = await this.#cluster.last(channel);
    if (last === undefined) return this.#emptyBounds(channel);
    if (last.isEnd) return undefined;
    const first = await this.#cluster.next(channel, 1);
    return { oldest: Math.min(first?.first ?? last.first, nextAfter(last)), newest: nextAfter(last) - 1 };
  }

  async #emptyBounds(channel: string): Promise<SequenceBounds> {
    const { next } = await this.#floors.get(channel);
    return { oldest: next, newest: next - 1 };
  }

  async read(channel: string, after: number, limit: ReadLimit): Promise<readonly LoggedEvent[]> {
    const last = await this.#cluster.last(channel);
    if (last === undefined || nextAfter(last) <= after + 1) return [];
    const collected = new Collected(after, limit);
    const start = last.first <= after + 1 ? last : await this.#find(channel, after + 1, last);
    collected.add(start);
    if (start.sequence < last.sequence) await this.#readOn(channel, start, last, collected);
    this.#remember(channel, collected);
    return collected.events;
  }

  /** The oldest message of a channel that `isKept`, of which all after it are, too. */
  async oldest(channel: string, isKept: (batch: StoredBatch) => boolean): Promise<StoredBatch | undefined> {
    const last = await this.#cluster.last(channel);
    if (last === undefined) return undefined;
    const first = await this.#cluster.next(channel, 1);
    if (first === undefined || isKept(first)) return first;
    return this.#search(channel, isKept, first, last);
  }

  /** The first message with an event from `wanted` on; `last` is known to be that or to come after it. */
  async #find(channel: string, wanted: number, last: StoredBatch): Promise<StoredBatch> {
    const place = this.#places.get(channel);
    if (place?.next === wanted) return (await this.#cluster.next(channel, place.sequence)) ?? last;
    const reaches = (batch: StoredBatch): boolean => nextAfter(batch) > wanted;
    const first = await this.#cluster.next(channel, 1);
    return first === undefined || reaches(first) ? (first ?? last) : this.#search(channel, reaches, first, last);
  }

  /** Halves the stretch of the stream between a message that is not wanted and the last, which is. */
  async #search(
    channel: string,
    isWanted: (batch: StoredBatch) => boolean,
    before: StoredBatch,
    last: StoredBatch,
  ): Promise<StoredBatch> {
    let found = last;
    let [low, high] = [before.sequence + 1, last.sequence];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const batch = (await this.#cluster.next(channel, middle)) ?? last;
      if (isWanted(batch)) {
        found = batch;
        high = middle;
      } else {
        low = batch.sequence + 1;
      }
    }
    return found;
  }

  async #readOn(channel: string, start: StoredBatch, last: StoredBatch, collected: Collected): Promise<void> {
    const few = performance.now() < this.#withoutConsumersUntil ? someMessages : fewMessages;
    let at = start.sequence;
    for (let count = 0; count < few && !collected.isFull(); count++) {
      const batch = at < last.sequence ? await this.#cluster.next(channel, at + 1) : undefined;
      if (batch === undefined) return;
      collected.add(batch);
      at = batch.sequence;
    }
    if (at === last.sequence || collected.isFull() || few > fewMessages) return;
    await this.#consume(channel, at + 1, last.sequence, collected).catch(() => this.#doWithoutConsumers());
  }

  /** A consumer lives on one server, which the cluster may choose although it is dead. Single messages always come. */
  #doWithoutConsumers(): void {
    this.#withoutConsumersUntil = performance.now() + consumersAvoided;
  }

  async #consume(channel: string, from: number, to: number, collected: Collected): Promise<void> {
    const stream = this.#cluster.names.streamOf(channel);
    const info = await this.#cluster.manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      filter_subject: this.#cluster.names.events(channel),
      inactive_threshold: nanos(abandoned),
      mem_storage: true,
      num_replicas: 1,
    });
    try {
      await fetchInto(this.#cluster.client.consumers.getConsumerFromInfo(info), to, collected);
    } finally {
      // Whether this arrives or not: the server removes what nobody uses.
      this.#cluster.manager.consumers.delete(stream, info.name).catch(() => undefined);
    }
  }

  #remember(channel: string, { next, sequence }: Collected): void {
    this.#places.delete(channel);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size < rememberedPlaces) break;
      this.#places.delete(oldest);
    }
    this.#places.set(channel, { next, sequence });
  }
}

async function fetchInto(consumer: Consumer, to: number, collected: Collected): Promise<void> {
  let at = 0;
  for (let before = -1; before < at && at < to && !collected.isFull();) {
    before = at;
    for await (const message of await consumer.fetch({ max_messages: fetchMessages, expires: fetchDeadline })) {
      collected.add(toBatch(message));
      at = message.seq;
      if (at >= to || collected.isFull()) break;
    }
  }
}

function toBatch(message: JsMsg): StoredBatch {
  return { sequence: message.seq, data: message.data, ...decodeHead(message.headers) };
}

/** The events after a sequence, until there are as many or as large ones as were asked for. */
class Collected {
  readonly events: LoggedEvent[] = [];
  readonly #limit: ReadLimit;
  #next: number;
  #sequence = 0;
  #bytes = 0;
  #broken = false;

  constructor(after: number, limit: ReadLimit) {
    this.#next = after + 1;
    this.#limit = limit;
  }

  /** The channel's sequence that comes next. */
  get next(): number {
    return this.#next;
  }

  /** The stream's sequence of the message from which to look for it. */
  get sequence(): number {
    return this.#sequence;
  }

  isFull(): boolean {
    return (
      this.#broken ||
      this.events.length >= this.#limit.events ||
      (this.events.length > 0 && this.#bytes >= this.#limit.bytes)
    );
  }

  add(batch: StoredBatch): void {
    this.#sequence = batch.sequence;
    for (const event of decodeEvents(batch, batch.data)) {
      if (event.sequence < this.#next) continue;
      // Whoever gets the events takes them to follow each other; the next read begins behind the hole.
      this.#broken ||= this.events.length > 0 && event.sequence > this.#next;
      if (this.isFull()) return;
      this.events.push(event);
      this.#bytes += event.payload.byteLength;
      this.#next = event.sequence + 1;
    }
  }
}
