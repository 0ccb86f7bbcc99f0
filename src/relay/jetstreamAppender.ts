import { randomBytes } from "node:crypto";
import { PubHeaders } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { assertNever } from "../base/assertNever.ts";
import { type Clock, second, sleep } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { AppendFailure, NewEvent } from "./eventLog.ts";
import { type BatchHead, encodeEvents, encodeHead, encodedBytes, nextAfter } from "./jetstreamBatch.ts";
import type { JetStreamCluster } from "./jetstreamCluster.ts";
import type { ChannelFloor } from "./jetstreamFloors.ts";
import { pad, padEnd } from "./jetstreamPadding.ts";
import { isRefusal, isWrongSequence } from "./jetstreamRefusals.ts";

/** The newest message of a channel, as far as this node knows: what an append has to come right after. */
export interface ChannelTail extends ChannelFloor {
  /** The stream's sequence of the message, 0 when there is none. */
  readonly sequence: number;
  /** True where nothing may come after it. */
  readonly isEnd: boolean;
}

export interface AppenderOptions {
  readonly clock: Clock;
  /** A batch of several events stays below this; a single larger one makes a batch of its own. */
  readonly maxBatchBytes: number;
  /** Where a channel goes on whose messages are all gone. */
  readonly floorOf: (channel: string) => Promise<ChannelFloor>;
  /** Hears of each batch of this node that is durable. */
  readonly onAppended: (channel: string, tail: ChannelTail) => void;
  /** A batch is durable whose acknowledgement was lost, and maybe what JetStream tells the watchers, too. */
  readonly onDoubt: (channel: string) => void;
}

type Outcome = Result<number, AppendFailure>;

/** What waits for its channel's turn. Events that come together are stored together. */
type Entry =
  | { readonly kind: "event"; readonly event: NewEvent }
  /** Numbers up to `skipTo` remain unused. */
  | { readonly kind: "mark"; readonly skipTo: number }
  /** The channel ends, unless it has events after this sequence. */
  | { readonly kind: "end"; readonly after: number };

interface Waiting {
  readonly entry: Entry;
  readonly settle: (outcome: Outcome) => void;
}

interface ChannelQueue {
  readonly channel: string;
  waiting: Waiting[];
  tail: ChannelTail | undefined;
  /** When `tail` was known to be the newest, on the monotonic clock. */
  knownAt: number;
}

interface Draft extends BatchHead {
  readonly data: Uint8Array;
}

const maxBatchEvents = 256;
/** An election among NATS servers takes up to nine seconds. */
const appendDeadline = 15 * second;
const publishTimeout = 2 * second;
const retryDelays = { first: 25, longest: second };
/** What was known longer ago is asked anew: much less than the stream's memory for duplicates. */
const trust = 10 * second;

/**
 * Appends to channels that other nodes append to as well. A channel's messages form a chain: each says which message of
 * the stream it comes right after, and only one of those that say the same is accepted. JetStream refuses the others by
 * two rules that need each other: the expected last sequence of the subject catches a node that is behind (but lets two
 * pass that are under way at the same moment, in server 2.9), the message id, made of the number that comes next, catches
 * those two (but is forgotten after a minute). Who lost takes the winner's number as known and tries again.
 *
 * Retention may remove the newest message of a channel, too, and keeps its number as the channel's floor. The id is of
 * the number, not of the predecessor, so that it is the same for a node that still knows that message.
 *
 * One batch per channel is under way; what comes in meanwhile makes up the next one.
 */
export class JetStreamAppender {
  readonly #cluster: JetStreamCluster;
  readonly #options: AppenderOptions;
  readonly #queues = new Map<string, ChannelQueue>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(cluster: JetStreamCluster, options: AppenderOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Resolves with the event's sequence once enough replicas have it. */
  async append(channel: string, event: NewEvent): Promise<Outcome> {
    return this.#enqueue(channel, { kind: "event", event });
  }

  /** Leaves a mark, unless there are such numbers: what comes next has one greater than `sequence`. */
  async mark(channel: string, sequence: number): Promise<Outcome> {
    return this.#enqueue(channel, { kind: "mark", skipTo: sequence });
  }

  /**
   * Ends the channel, unless it has events after the sequence `after`: then it goes on. Gives its newest sequence. Where
   * it has ended before, this is refused as for an unknown channel, and so is what is appended, by whichever node.
   */
  async end(channel: string, after: number): Promise<Outcome> {
    return this.#enqueue(channel, { kind: "end", after });
  }

  /** Settles what was appended, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running);
  }

  async #enqueue(channel: string, entry: Entry): Promise<Outcome> {
    if (this.#closed) return fail({ kind: "storage", cause: new Error("The log is closed") });
    return new Promise(settle => {
      const queue = this.#queues.get(channel);
      if (queue !== undefined) queue.waiting.push({ entry, settle });
      else this.#start({ channel, waiting: [{ entry, settle }], tail: undefined, knownAt: 0 });
    });
  }

  #start(queue: ChannelQueue): void {
    this.#queues.set(queue.channel, queue);
    const running = this.#drain(queue).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Never rejects. */
  async #drain(queue: ChannelQueue): Promise<void> {
    // What arrives in this turn of the event loop goes together.
    await new Promise(resolve => setImmediate(resolve));
    while (queue.waiting.length > 0) await this.#store(queue, this.#takeBatch(queue));
    this.#queues.delete(queue.channel);
  }

  #takeBatch(queue: ChannelQueue): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { entry } of queue.waiting) {
      bytes += entry.kind === "event" ? encodedBytes(entry.event) : 0;
      const alone = entry.kind !== "event" || queue.waiting[0]?.entry.kind !== "event";
      if (count > 0 && (alone || count >= maxBatchEvents || bytes > this.#options.maxBatchBytes)) break;
      count += 1;
    }
    return queue.waiting.splice(0, count);
  }

  async #store(queue: ChannelQueue, batch: readonly Waiting[]): Promise<void> {
    try {
      const outcome = await this.#chain(queue, batch);
      batch.forEach(({ settle }, index) => settle(outcome.ok ? succeed(outcome.value + index) : outcome));
    } catch (cause) {
      queue.tail = undefined;
      for (const { settle } of batch) settle(fail({ kind: "storage", cause }));
    }
  }

  /** Tries until the batch is in the chain. Throws when time is up. */
  async #chain(queue: ChannelQueue, batch: readonly Waiting[]): Promise<Outcome> {
    const retries = new Retries(this.#options.clock);
    const id = randomBytes(12).toString("base64url");
    for (;;) {
      const tail = await retries.until(async () => this.#tailOf(queue));
      const settled = settledBy(tail, batch);
      if (settled !== undefined) return settled;
      const draft = this.#draft(tail, batch, id);
      // Until it is known what became of the draft there must be no other: both could be stored.
      if (await retries.until(async () => this.#publish(queue, tail, draft))) {
        return succeed(draft.isEnd ? newestOf(tail) : draft.first);
      }
      queue.tail = undefined;
    }
  }

  async #tailOf(queue: ChannelQueue): Promise<ChannelTail> {
    if (queue.tail !== undefined && performance.now() - queue.knownAt < trust) return queue.tail;
    const last = await this.#cluster.last(queue.channel);
    const tail =
      last === undefined
        ? { sequence: 0, isEnd: false, ...(await this.#options.floorOf(queue.channel)) }
        : tailAt(last.sequence, last);
    queue.tail = tail;
    queue.knownAt = performance.now();
    return tail;
  }

  #draft(tail: ChannelTail, batch: readonly Waiting[], id: string): Draft {
    const events = batch.flatMap(({ entry }) => (entry.kind === "event" ? entry.event : []));
    const only = batch[0]?.entry;
    const first = only?.kind === "mark" ? only.skipTo + 1 : tail.next;
    const receivedAt = events.at(-1)?.receivedAt ?? this.#options.clock.now();
    const data = encodeEvents(events);
    const bytes = tail.bytes + data.byteLength;
    const skipped = tail.skipped + first - tail.next;
    const isEnd = only?.kind === "end";
    return { first, count: events.length, previous: tail.sequence, bytes, skipped, id, receivedAt, isEnd, data };
  }

  /** True when the batch follows `tail`. False when another does: then there is a new tail to follow. */
  async #publish(queue: ChannelQueue, tail: ChannelTail, draft: Draft): Promise<boolean> {
    let sequence: number;
    try {
      const subject = this.#cluster.names.events(queue.channel);
      const headers = publishHeaders(queue.channel, tail, draft);
      if (draft.isEnd) padEnd(subject, headers);
      else pad(subject, headers, draft.data);
      const options = { headers, timeout: publishTimeout, retries: 0 };
      const { duplicate, seq } = await this.#cluster.client.publish(subject, draft.data, options);
      if (duplicate) return await this.#judge(queue, tail, draft);
      sequence = seq;
    } catch (error) {
      if (isRefusal(error)) throw error;
      return await this.#judge(queue, tail, draft, error);
    }
    this.#advance(queue, tailAt(sequence, draft));
    return true;
  }

  /**
   * Looks which message came right after `tail`. False also when `tail` itself is gone, since nothing can follow it any
   * more. Throws `doubt` when it is there and nothing came after it: then the same can be tried again.
   */
  async #judge(
    queue: ChannelQueue,
    tail: ChannelTail,
    draft: Draft,
    doubt: unknown = new Error("JetStream has lost a message"),
  ): Promise<boolean> {
    const winner = await this.#cluster.next(queue.channel, tail.sequence + 1);
    if (winner === undefined) {
      if (isWrongSequence(doubt) && (await this.#isGone(queue, tail))) return false;
      throw doubt;
    }
    if (winner.id !== draft.id) return false;
    this.#advance(queue, tailAt(winner.sequence, winner));
    this.#options.onDoubt(queue.channel);
    return true;
  }

  async #isGone({ channel }: ChannelQueue, { sequence }: ChannelTail): Promise<boolean> {
    return sequence > 0 && (await this.#cluster.last(channel))?.sequence !== sequence;
  }

  #advance(queue: ChannelQueue, tail: ChannelTail): void {
    queue.tail = tail;
    queue.knownAt = performance.now();
    this.#options.onAppended(queue.channel, tail);
  }
}

/** What is to be stored of a batch besides its events, and the two lines by which JetStream refuses others like it. */
function publishHeaders(channel: string, tail: ChannelTail, draft: Draft): MsgHdrs {
  const lines = encodeHead(draft);
  lines.set(PubHeaders.MsgIdHdr, `${channel}:${tail.next}`);
  lines.set(PubHeaders.ExpectedLastSubjectSequenceHdr, String(tail.sequence));
  return lines;
}

function tailAt(sequence: number, head: BatchHead): ChannelTail {
  return { sequence, next: nextAfter(head), bytes: head.bytes, skipped: head.skipped, isEnd: head.isEnd };
}

function newestOf({ next }: ChannelTail): number {
  return next - 1;
}

/** What comes of a batch for which nothing is to be stored after `tail`; undefined for all others. */
function settledBy(tail: ChannelTail, batch: readonly Waiting[]): Outcome | undefined {
  const entry = batch[0]?.entry;
  if (tail.isEnd) return fail({ kind: "unknown-channel" });
  switch (entry?.kind) {
    case undefined:
    case "event":
      return undefined;
    case "mark":
      return entry.skipTo < tail.next ? succeed(0) : undefined;
    case "end":
      return newestOf(tail) > entry.after ? succeed(newestOf(tail)) : undefined;
    default:
      return assertNever(entry);
  }
}

/** Does things again that failed for a reason that may pass, for as long as an append may take in all. */
class Retries {
  readonly #clock: Clock;
  readonly #deadline = performance.now() + appendDeadline;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async until<T>(work: () => Promise<T>): Promise<T> {
    for (let delay = retryDelays.first; ; delay = Math.min(2 * delay, retryDelays.longest)) {
      try {
        return await work();
      } catch (error) {
        if (isRefusal(error) || performance.now() > this.#deadline) throw error;
        await sleep(this.#clock, delay);
      }
    }
  }
}
