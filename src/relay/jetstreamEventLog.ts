import type { SteadyClock } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { type Result, fail } from "../base/result.ts";
import type { ChosenAnswer } from "../protocol/chosenAnswer.ts";
import { type AccessChange, applyAccessChange } from "./channelAccess.ts";
import { plainPayload, sealedPayload } from "../protocol/relayFrames.ts";
import type {
  AppendFailure,
  ChannelRecord,
  ChannelWatcher,
  Deletion,
  EventLog,
  LoggedEvent,
  NewEvent,
  ReadLimit,
  Retention,
  SequenceBounds,
} from "./eventLog.ts";
import { EventSealer } from "./eventSealer.ts";
import { JetStreamAppender } from "./jetstreamAppender.ts";
import { JetStreamChannels } from "./jetstreamChannels.ts";
import { JetStreamCluster, type JetStreamClusterOptions } from "./jetstreamCluster.ts";
import { eraseMessages } from "./jetstreamErasure.ts";
import { JetStreamFloors } from "./jetstreamFloors.ts";
import { endRoom } from "./jetstreamPadding.ts";
import { probeJetStream } from "./jetstreamProbe.ts";
import { JetStreamReader } from "./jetstreamReader.ts";
import { isRefusal } from "./jetstreamRefusals.ts";
import { JetStreamRetention, surplusOf } from "./jetstreamRetention.ts";
import { JetStreamWatchers } from "./jetstreamWatchers.ts";
import { Readiness } from "./readiness.ts";
import type { RelayLogger } from "./relayLogger.ts";

export interface JetStreamEventLogOptions extends Omit<JetStreamClusterOptions, "maxMessagesPerChannel"> {
  readonly retention: Retention;
  readonly clock: SteadyClock;
  readonly logger: RelayLogger;
}

/** Several events share a message up to here; it is what one read gives at a time. */
const maxBatchBytes = 256 * 1024;
/** Of several channels that end in a full stream at once, each may take the room that was made for another. */
const mostEndTries = 16;

/**
 * The log in a NATS cluster: any number of relay nodes share it, and none keeps anything that another could not do
 * without. Channels are records of a key-value bucket; their events lie in a few replicated streams.
 */
export class JetStreamEventLog implements EventLog {
  readonly failed: Promise<unknown>;
  readonly #cluster: JetStreamCluster;
  readonly #channels: JetStreamChannels;
  readonly #floors: JetStreamFloors;
  readonly #appender: JetStreamAppender;
  readonly #sealer: EventSealer;
  readonly #reader: JetStreamReader;
  readonly #watchers: JetStreamWatchers;
  readonly #retention: JetStreamRetention;
  readonly #readiness: Readiness;
  readonly #logger: RelayLogger;
  /** By channel: removals that somebody else has left half done. */
  readonly #finishing = new Map<string, Promise<unknown>>();
  #closed: Promise<void> | undefined;

  private constructor(cluster: JetStreamCluster, { retention, clock, logger }: JetStreamEventLogOptions) {
    this.failed = this.#whenCutOff(cluster);
    this.#cluster = cluster;
    this.#logger = logger;
    this.#readiness = new Readiness(async () => probeJetStream(cluster), clock);
    this.#watchers = new JetStreamWatchers(cluster, clock, channel => this.#lookAt(channel));
    this.#channels = new JetStreamChannels(cluster, clock, channel => this.#lookAt(channel));
    this.#floors = new JetStreamFloors(cluster);
    this.#reader = new JetStreamReader(cluster, this.#floors);
    this.#sealer = new EventSealer(clock);
    this.#appender = new JetStreamAppender(cluster, {
      clock,
      maxBatchBytes,
      floorOf: async channel => this.#floors.get(channel),
      onAppended: (channel, tail) => this.#retention.grown(channel, tail),
      onDoubt: channel => this.#channels.tell(channel),
    });
    const isKnown = async (channel: string): Promise<boolean> => (await this.#channels.find(channel)) !== undefined;
    this.#retention = new JetStreamRetention(cluster, this.#reader, {
      ...{ retention, clock, logger, isKnown, floors: this.#floors },
      onEnded: channel => this.#finishRemoval(channel),
    });
    void this.#followConnection(cluster);
  }

  /** Throws when NATS cannot be reached or is not as this relay needs it (ConfigurationError). */
  static async open(options: JetStreamEventLogOptions): Promise<JetStreamEventLog> {
    const { maxEvents } = options.retention;
    // A message holds one event at least, so the stream's own limit never removes what the relays still keep.
    const maxMessagesPerChannel = maxEvents + 2 * surplusOf(maxEvents) + 16;
    return new JetStreamEventLog(await JetStreamCluster.open({ ...options, maxMessagesPerChannel }), options);
  }

  async createChannel(record: ChannelRecord): Promise<void> {
    await this.#channels.create(record);
  }

  async findChannel(channel: string): Promise<ChannelRecord | undefined> {
    return this.#channels.find(channel);
  }

  recallChannel(channel: string): ChannelRecord | undefined {
    return this.#channels.recall(channel);
  }

  async setPublicKey(channel: string, publicKey: string): Promise<boolean> {
    return this.#channels.update(channel, record => ({ ...record, publicKey }));
  }

  async changeAccess(channel: string, change: AccessChange): Promise<boolean> {
    return this.#channels.update(channel, record => applyAccessChange(record, change));
  }

  async setAnswer(channel: string, answer: ChosenAnswer | undefined): Promise<boolean> {
    return this.#channels.update(channel, record => ({ ...record, answer }));
  }

  async deleteChannel(channel: string, after = Infinity): Promise<Deletion> {
    if ((await this.#channels.find(channel)) === undefined) return "unknown-channel";
    const newest = await this.#end(channel, after);
    if (newest !== undefined && newest > after) return "newer-events";
    const isRemoved = await this.#removeEnded(channel);
    // One that was ended here whoever met it may have removed.
    return isRemoved || newest !== undefined ? "deleted" : "unknown-channel";
  }

  /**
   * The record goes last: as long as it is there, whoever meets the end knows that something is left to do. The end
   * stays, until retention takes it: without it, a node that still believes in the channel would begin a new one. False
   * when somebody else has removed the channel.
   */
  async #removeEnded(channel: string): Promise<boolean> {
    const end = await this.#cluster.last(channel);
    if (end?.isEnd !== true) throw new Error("The channel has not ended");
    await eraseMessages(this.#cluster, channel, end.sequence);
    await this.#floors.delete(channel);
    return this.#channels.delete(channel);
  }

  /**
   * Removes a channel that has ended and whose record is still there: a node may have died in between, or NATS not have
   * answered. What fails is tried again by whoever meets it next.
   */
  #finishRemoval(channel: string): void {
    if (this.#finishing.has(channel)) return;
    const finishing = this.#removeEnded(channel)
      .catch((error: unknown) => this.#logger.error("channel not removed", { cause: String(error) }))
      .finally(() => this.#finishing.delete(channel));
    this.#finishing.set(channel, finishing);
  }

  /**
   * Nodes that have not heard of it yet accept nothing either. Gives the newest sequence; undefined where the channel had
   * ended before. A full stream is given the room that an end takes, as nothing may be removed before there is one.
   */
  async #end(channel: string, after: number): Promise<number | undefined> {
    for (let tries = 1; ; tries++) {
      const outcome = await this.#appender.end(channel, after);
      if (outcome.ok) return outcome.value;
      if (outcome.error.kind === "unknown-channel") return undefined;
      const { cause } = outcome.error;
      if (tries === mostEndTries || !isRefusal(cause)) throw new Error("The channel could not be ended", { cause });
      await this.#cluster.makeRoom(this.#cluster.names.streamOf(channel), endRoom);
    }
  }

  async append(channel: string, event: NewEvent): Promise<Result<number, AppendFailure>> {
    let protectedEvent: NewEvent | undefined;
    try {
      protectedEvent = await this.#protect(channel, event);
    } catch (cause) {
      this.#readiness.refused();
      return fail({ kind: "storage", cause });
    }
    if (protectedEvent === undefined) return fail({ kind: "unknown-channel" });
    const outcome = await this.#appender.append(channel, protectedEvent);
    if (!outcome.ok && outcome.error.kind === "unknown-channel") this.#finishRemoval(channel);
    if (!outcome.ok && outcome.error.kind === "storage") {
      this.#readiness.refused();
      this.#logger.error("event not stored", { cause: String(outcome.error.cause) });
    }
    return outcome;
  }

  /** The event as it may be written: sealed to the key that its channel has by then. Undefined without a channel. */
  async #protect(channel: string, event: NewEvent): Promise<NewEvent | undefined> {
    let record = await this.#channels.find(channel);
    while (record?.publicKey !== undefined && event.scheme === plainPayload) {
      const { publicKey } = record;
      const payload = await this.#sealer.seal(channel, publicKey, event.receivedAt, event.payload);
      record = await this.#channels.find(channel);
      if (record?.publicKey === publicKey) return { ...event, scheme: sealedPayload, payload };
    }
    return record && event;
  }

  async read(channel: string, after: number, limit: ReadLimit): Promise<readonly LoggedEvent[]> {
    return this.#reader.read(channel, after, limit);
  }

  async bounds(channel: string): Promise<SequenceBounds | undefined> {
    if ((await this.#channels.find(channel)) === undefined) return undefined;
    const bounds = await this.#reader.bounds(channel);
    if (bounds === undefined) this.#finishRemoval(channel);
    return bounds;
  }

  async skipTo(channel: string, sequence: number): Promise<void> {
    if ((await this.#channels.find(channel)) === undefined) return;
    const outcome = await this.#appender.mark(channel, sequence);
    if (outcome.ok) return;
    if (outcome.error.kind === "storage") throw new Error("Sequences could not be skipped", { cause: outcome.error });
    this.#finishRemoval(channel);
  }

  watch(channel: string, watcher: ChannelWatcher): Disposable {
    return this.#watchers.watch(channel, watcher);
  }

  async isReady(): Promise<boolean> {
    return this.#closed === undefined && this.#readiness.ask();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  /** The client comes back from anything but a server that no longer takes what it signs in with. */
  async #whenCutOff({ connection }: JetStreamCluster): Promise<unknown> {
    const cause = await connection.closed();
    return this.#closed === undefined ? cause : new Promise(() => undefined);
  }

  async #shutDown(): Promise<void> {
    this.#retention.dispose();
    await this.#appender.close();
    await Promise.all(this.#finishing.values());
    this.#sealer.dispose();
    this.#watchers.dispose();
    this.#channels.dispose();
    await this.#cluster.close();
  }

  /** After a reconnect nobody knows what was told in between. */
  async #followConnection({ connection }: JetStreamCluster): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type !== "reconnect") continue;
      this.#channels.forgetAll();
      this.#watchers.lookAtAll();
    }
  }

  /** Tells those who watch the channel on this node how it stands. */
  #lookAt(channel: string): void {
    if (!this.#watchers.has(channel)) return;
    const look = (): void => this.#watchers.look(channel);
    this.#channels
      .find(channel)
      .then(record => (record === undefined ? this.#watchers.deleted(channel) : look()), look);
  }
}
