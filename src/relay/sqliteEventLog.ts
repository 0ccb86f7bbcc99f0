import { type SteadyClock, minute } from "../base/clock.ts";
import { type Disposable, DisposableStore } from "../base/lifecycle.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { ChosenAnswer } from "../protocol/chosenAnswer.ts";
import type { AccessChange } from "./channelAccess.ts";
import { sealedPayload } from "../protocol/relayFrames.ts";
import { ChannelWatchers } from "./channelWatchers.ts";
import type {
  AppendFailure,
  ChannelRecord,
  ChannelWatcher,
  Deletion,
  EventLog,
  LoggedEvent,
  NewEvent,
  ReadLimit,
  SequenceBounds,
} from "./eventLog.ts";
import { Downtime } from "./downtime.ts";
import { Readiness } from "./readiness.ts";
import { RecordCache } from "./recordCache.ts";
import type { RelayLogger } from "./relayLogger.ts";
import type { LogTime } from "./sqliteAges.ts";
import { unpackEvents } from "./sqliteMessages.ts";
import { type StoreAppend, type StoreRetention, notSealable } from "./sqliteStore.ts";
import { SqliteStoreThread } from "./sqliteStoreThread.ts";
import type { AppendOutcome } from "./sqliteStoreWork.ts";

export interface SqliteEventLogOptions {
  readonly directory: string;
  readonly retention: StoreRetention;
  readonly clock: SteadyClock;
  readonly logger: RelayLogger;
}

interface PendingAppend extends StoreAppend {
  readonly settle: (outcome: Result<number, AppendFailure>) => void;
}

const sweepInterval = minute;
const sweepEvents = 2_000;
/** Channels remembered, so that an event costs no question to the database: some 10 MB at most. */
const rememberedChannels = 20_000;

/**
 * The log on one machine: SQLite in WAL mode with `synchronous=FULL`, on a thread of its own so that a commit holds up
 * nothing. Appends that come in while a commit runs share the next one.
 */
export class SqliteEventLog implements EventLog {
  readonly failed: Promise<unknown>;
  readonly #store: SqliteStoreThread<PendingAppend>;
  readonly #readiness: Readiness;
  readonly #watchers: ChannelWatchers;
  readonly #clock: SteadyClock;
  /** On the steady clock. */
  readonly #openedAt: number;
  readonly #downtime: Downtime;
  readonly #logger: RelayLogger;
  readonly #records = new RecordCache(rememberedChannels);
  readonly #owned = new DisposableStore();
  #closed: Promise<void> | undefined;

  private constructor(
    store: SqliteStoreThread<PendingAppend>,
    readiness: Readiness,
    watchers: ChannelWatchers,
    lastSeen: number | undefined,
    { clock, logger }: SqliteEventLogOptions,
  ) {
    this.failed = store.failed;
    this.#store = store;
    this.#readiness = readiness;
    this.#watchers = watchers;
    this.#clock = clock;
    this.#openedAt = clock.elapsed();
    this.#downtime = new Downtime(clock, lastSeen);
    this.#logger = logger;
    this.#sweepLater();
  }

  /** Rejects with DataDirectoryInUseError when another process has the directory. */
  static async open(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
    const { directory, retention, clock, logger } = options;
    const watchers = new ChannelWatchers();
    const readiness = new Readiness(async () => probe(store), clock);
    const store = await SqliteStoreThread.open<PendingAppend>(directory, retention, (appends, outcome) => {
      if (!outcome.ok) {
        readiness.refused();
        logger.error("events not stored", { events: appends.length, cause: String(outcome.cause) });
      }
      announce(appends, outcome, watchers);
      settle(appends, outcome);
    });
    const lastSeen = await store.read({ kind: "lastSeen" });
    return new SqliteEventLog(store, readiness, watchers, lastSeen, options);
  }

  async createChannel(record: ChannelRecord): Promise<void> {
    await this.#store.write({ kind: "createChannel", record });
  }

  async findChannel(channel: string): Promise<ChannelRecord | undefined> {
    const known = this.#records.get(channel);
    if (known !== undefined) return known;
    const found = await this.#store.read({ kind: "findChannel", channel });
    if (found !== undefined) this.#records.set(found);
    return found;
  }

  recallChannel(channel: string): ChannelRecord | undefined {
    return this.#records.get(channel);
  }

  async setPublicKey(channel: string, publicKey: string): Promise<boolean> {
    const known = await this.#store.write({ kind: "setPublicKey", channel, publicKey });
    this.#records.delete(channel);
    return known;
  }

  async setAnswer(channel: string, answer: ChosenAnswer | undefined): Promise<boolean> {
    const known = await this.#store.write({ kind: "setAnswer", channel, answer });
    this.#records.delete(channel);
    return known;
  }

  async changeAccess(channel: string, change: AccessChange): Promise<boolean> {
    const known = await this.#store.write({ kind: "changeAccess", channel, change });
    this.#records.delete(channel);
    this.#watchers.accessChanged(channel);
    return known;
  }

  async deleteChannel(channel: string, after?: number): Promise<Deletion> {
    const deletion = await this.#store.write({ kind: "deleteChannel", channel, after });
    this.#records.delete(channel);
    if (deletion !== "deleted") return deletion;
    this.#watchers.deleted(channel);
    await this.#erase();
    return deletion;
  }

  async append(channel: string, { receivedAt, scheme, payload }: NewEvent): Promise<Result<number, AppendFailure>> {
    return new Promise(resolve => this.#store.append({ channel, receivedAt, scheme, payload, settle: resolve }));
  }

  async read(channel: string, after: number, limit: ReadLimit): Promise<readonly LoggedEvent[]> {
    return unpackEvents(await this.#store.read({ kind: "read", channel, after, limit }));
  }

  async bounds(channel: string): Promise<SequenceBounds | undefined> {
    return this.#store.read({ kind: "bounds", channel });
  }

  async skipTo(channel: string, sequence: number): Promise<void> {
    await this.#store.write({ kind: "skipTo", channel, sequence });
  }

  watch(channel: string, watcher: ChannelWatcher): Disposable {
    return this.#watchers.add(channel, watcher);
  }

  async isReady(): Promise<boolean> {
    return this.#closed === undefined && this.#readiness.ask();
  }

  async close(): Promise<void> {
    this.#owned.dispose();
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  /** A clock that was put right just now is no time in which the log was stopped. */
  async #shutDown(): Promise<void> {
    await this.#store.write({ kind: "passTime", time: this.#time() }).catch(() => undefined);
    await this.#store.close();
  }

  /** Overwrites what deleted channels have left, a bounded number at a time so that ingest never waits long. */
  async #erase(): Promise<void> {
    let erased = 0;
    while (await this.#store.write({ kind: "eraseDeleted", limit: sweepEvents })) erased++;
    if (erased > 0) await this.#store.read({ kind: "emptyLog" });
  }

  #sweepLater(): void {
    const timer = this.#clock.after(sweepInterval, () => {
      this.#owned.delete(timer);
      void this.#sweep().then(() => this.#owned.isDisposed || this.#sweepLater());
    });
    this.#owned.add(timer);
  }

  /** Removes what is too old, before anything is written, for which there may be no room. Never rejects. */
  async #sweep(): Promise<void> {
    const time = this.#time();
    try {
      if (this.#downtime.look().isSettled) await this.#removeOld(time);
      await this.#store.write({ kind: "passTime", time });
      // Where a relay ended, or its disk was full, in the middle of that.
      await this.#erase();
    } catch (error) {
      this.#logger.error("retention failed", { cause: String(error) });
    }
  }

  #time(): LogTime {
    const ran = Math.floor(this.#clock.elapsed() - this.#openedAt);
    return { ran, stopped: this.#downtime.look().stopped, now: this.#clock.now() };
  }

  /** A bounded number at a time, so that ingest never waits long. */
  async #removeOld(time: LogTime): Promise<void> {
    let removed = sweepEvents;
    while (removed === sweepEvents && !this.#owned.isDisposed) {
      removed = await this.#store.write({ kind: "removeOldest", time, limit: sweepEvents });
    }
  }
}

/** Writes only where that is needed to know. */
async function probe(store: SqliteStoreThread<PendingAppend>): Promise<void> {
  if (!(await store.read({ kind: "hasRoom" }))) await store.write({ kind: "probe" });
}

/** Tells who listens of the events that were stored, channel by channel. */
function announce(appends: readonly PendingAppend[], outcome: AppendOutcome, watchers: ChannelWatchers): void {
  if (!outcome.ok) return;
  const logged = new Map<string, LoggedEvent[]>();
  appends.forEach(({ channel, receivedAt, scheme, payload }, index) => {
    const sequence = outcome.sequences[index] ?? 0;
    if (sequence < 1 || !watchers.has(channel)) return;
    const sealed = outcome.sealed[index];
    const event =
      sealed === undefined
        ? { sequence, receivedAt, scheme, payload }
        : { sequence, receivedAt, scheme: sealedPayload, payload: sealed };
    const events = logged.get(channel);
    if (events === undefined) logged.set(channel, [event]);
    else events.push(event);
  });
  for (const [channel, events] of logged) watchers.appended(channel, events);
}

function settle(appends: readonly PendingAppend[], outcome: AppendOutcome): void {
  appends.forEach((append, index) => {
    if (!outcome.ok) append.settle(fail({ kind: "storage", cause: outcome.cause }));
    else append.settle(toResult(outcome.sequences[index] ?? 0));
  });
}

function toResult(sequence: number): Result<number, AppendFailure> {
  if (sequence === notSealable) return fail({ kind: "storage", cause: new Error("The channel's key seals nothing") });
  return sequence === 0 ? fail({ kind: "unknown-channel" }) : succeed(sequence);
}
