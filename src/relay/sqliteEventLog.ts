import type { DatabaseSync } from "node:sqlite";
import { type Clock, minute } from "../base/clock.ts";
import { type Disposable, DisposableStore, toDisposable } from "../base/lifecycle.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type {
  AppendFailure,
  ChannelRecord,
  ChannelWatcher,
  EventLog,
  LoggedEvent,
  NewEvent,
  ReadLimit,
  SequenceBounds,
} from "./eventLog.ts";
import type { RelayLogger } from "./relayLogger.ts";
import { openRelayDatabase } from "./sqliteDatabase.ts";
import { type ChannelRow, SqliteStatements } from "./sqliteStatements.ts";

/** What is kept of each channel; what is older or more is removed, oldest first. */
export interface Retention {
  /** Milliseconds since the event came in. */
  readonly maxAge: number;
  /** Events per channel; up to an eighth more, and no more than 256, may be there before the surplus is removed. */
  readonly maxEvents: number;
}

export interface SqliteEventLogOptions {
  readonly directory: string;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: RelayLogger;
}

/** A channel in memory: its row, the sequence that comes next, and who listens. */
interface ChannelState {
  readonly id: string;
  row: ChannelRow;
  nextSequence: number;
  /** Events before this one have been removed by number. */
  trimmedTo: number;
}

interface PendingAppend {
  readonly channel: string;
  readonly event: NewEvent;
  readonly settle: (outcome: Result<number, AppendFailure>) => void;
}

/** Removing this many takes some milliseconds, during which ingest waits. */
const longestSurplus = 256;
const sweepInterval = minute;
const sweepEvents = 2_000;

/**
 * The log on one machine: SQLite in WAL mode with `synchronous=FULL`. Appends that arrive in one turn of the event loop
 * share a commit: while a commit runs, requests gather in their sockets and make up the next one.
 */
export class SqliteEventLog implements EventLog {
  readonly #database: DatabaseSync;
  readonly #statements: SqliteStatements;
  readonly #retention: Retention;
  readonly #clock: Clock;
  readonly #logger: RelayLogger;
  readonly #states = new Map<string, ChannelState>();
  readonly #watchers = new Map<string, Set<ChannelWatcher>>();
  readonly #owned = new DisposableStore();
  #pending: PendingAppend[] = [];
  #closed = false;

  private constructor(database: DatabaseSync, options: SqliteEventLogOptions) {
    this.#database = database;
    this.#statements = new SqliteStatements(database);
    this.#retention = options.retention;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#owned.add(toDisposable(() => database.close()));
    this.#sweepLater();
  }

  /** Throws DataDirectoryInUseError when another process has the directory. */
  static open(options: SqliteEventLogOptions): SqliteEventLog {
    return new SqliteEventLog(openRelayDatabase(options.directory), options);
  }

  async createChannel(record: ChannelRecord): Promise<void> {
    await Promise.resolve();
    this.#statements.insertChannel(record);
  }

  async findChannel(channel: string): Promise<ChannelRecord | undefined> {
    await Promise.resolve();
    const row = this.#state(channel)?.row;
    if (row === undefined) return undefined;
    const { readKeyHash, createdAt, publicKey } = row;
    return { channel, readKeyHash, createdAt, publicKey: publicKey ?? undefined };
  }

  async setPublicKey(channel: string, publicKey: string): Promise<boolean> {
    await Promise.resolve();
    const state = this.#state(channel);
    if (state === undefined) return false;
    this.#statements.updatePublicKey(state.row.number, publicKey);
    state.row = { ...state.row, publicKey };
    return true;
  }

  async deleteChannel(channel: string): Promise<boolean> {
    await Promise.resolve();
    const state = this.#state(channel);
    if (state === undefined) return false;
    this.#transaction(() => this.#statements.deleteChannel(state.row.number));
    this.#states.delete(channel);
    for (const watcher of [...(this.#watchers.get(channel) ?? [])]) watcher.deleted();
    return true;
  }

  async append(channel: string, event: NewEvent): Promise<Result<number, AppendFailure>> {
    if (this.#closed) return fail({ kind: "storage", cause: new Error("The log is closed") });
    return new Promise(settle => {
      if (this.#pending.length === 0) setImmediate(() => this.#flush());
      this.#pending.push({ channel, event, settle });
    });
  }

  async read(channel: string, after: number, limit: ReadLimit): Promise<readonly LoggedEvent[]> {
    await Promise.resolve();
    const state = this.#state(channel);
    return state === undefined ? [] : this.#statements.readEvents(state.row.number, after, limit);
  }

  async bounds(channel: string): Promise<SequenceBounds | undefined> {
    await Promise.resolve();
    const state = this.#state(channel);
    if (state === undefined) return undefined;
    const oldest = this.#statements.oldestSequence(state.row.number) ?? state.nextSequence;
    return { oldest, newest: state.nextSequence - 1 };
  }

  async skipTo(channel: string, sequence: number): Promise<void> {
    await Promise.resolve();
    const state = this.#state(channel);
    if (state === undefined || state.nextSequence > sequence) return;
    this.#statements.updateNextSequence(state.row.number, sequence + 1);
    state.nextSequence = sequence + 1;
  }

  watch(channel: string, watcher: ChannelWatcher): Disposable {
    const watchers = this.#watchers.get(channel) ?? new Set();
    this.#watchers.set(channel, watchers.add(watcher));
    return toDisposable(() => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(channel) === watchers) this.#watchers.delete(channel);
    });
  }

  async isReady(): Promise<boolean> {
    await Promise.resolve();
    if (this.#closed) return false;
    try {
      this.#transaction(() => undefined);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.resolve();
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#owned.dispose();
  }

  #flush(): void {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    const appended = new Map<ChannelState, LoggedEvent[]>();
    let outcomes: Result<number, AppendFailure>[];
    try {
      outcomes = this.#transaction(() => this.#insertAll(batch, appended));
    } catch (cause) {
      this.#refuse(batch, cause);
      return;
    }
    batch.forEach((append, index) => append.settle(outcomes[index] ?? fail({ kind: "unknown-channel" })));
    for (const [state, events] of appended) this.#announce(state.id, events);
  }

  #insertAll(
    batch: readonly PendingAppend[],
    appended: Map<ChannelState, LoggedEvent[]>,
  ): Result<number, AppendFailure>[] {
    const outcomes = batch.map(({ channel, event }) => this.#insert(channel, event, appended));
    for (const state of appended.keys()) {
      this.#trimSurplus(state);
      this.#statements.updateNextSequence(state.row.number, state.nextSequence);
    }
    return outcomes;
  }

  #insert(channel: string, event: NewEvent, appended: Map<ChannelState, LoggedEvent[]>): Result<number, AppendFailure> {
    const state = this.#state(channel);
    if (state === undefined) return fail({ kind: "unknown-channel" });
    const { receivedAt, scheme, payload } = event;
    const logged = { sequence: state.nextSequence, receivedAt, scheme, payload };
    this.#statements.insertEvent(state.row.number, logged);
    state.nextSequence += 1;
    const events = appended.get(state);
    if (events === undefined) appended.set(state, [logged]);
    else events.push(logged);
    return succeed(logged.sequence);
  }

  #trimSurplus(state: ChannelState): void {
    const { maxEvents } = this.#retention;
    const kept = state.nextSequence - state.trimmedTo;
    if (kept <= maxEvents + Math.min(Math.floor(maxEvents / 8), longestSurplus)) return;
    state.trimmedTo = state.nextSequence - maxEvents;
    this.#statements.deleteEventsBefore(state.row.number, state.trimmedTo);
  }

  /** Nothing of the batch counts. What memory believed of sequences is read anew from what is on disk. */
  #refuse(batch: readonly PendingAppend[], cause: unknown): void {
    this.#states.clear();
    this.#logger.error("events not stored", { events: batch.length, cause: String(cause) });
    for (const append of batch) append.settle(fail({ kind: "storage", cause }));
  }

  #announce(channel: string, events: readonly LoggedEvent[]): void {
    const watchers = this.#watchers.get(channel);
    if (watchers === undefined) return;
    for (const watcher of [...watchers]) watcher.appended(events);
  }

  #state(channel: string): ChannelState | undefined {
    const known = this.#states.get(channel);
    if (known !== undefined) return known;
    const row = this.#statements.findChannel(channel);
    if (row === undefined) return undefined;
    const trimmedTo = this.#statements.oldestSequence(row.number) ?? row.nextSequence;
    const state = { id: channel, row, nextSequence: row.nextSequence, trimmedTo };
    this.#states.set(channel, state);
    return state;
  }

  #transaction<T>(work: () => T): T {
    this.#statements.begin();
    try {
      const value = work();
      this.#statements.commit();
      return value;
    } catch (error) {
      if (this.#database.isTransaction) this.#statements.rollback();
      throw error;
    }
  }

  #sweepLater(): void {
    const timer = this.#clock.after(sweepInterval, () => {
      this.#owned.delete(timer);
      this.#sweep();
      this.#sweepLater();
    });
    this.#owned.add(timer);
  }

  /** Removes what is too old, a bounded number at a time so that ingest never waits long. */
  #sweep(): void {
    try {
      const before = this.#clock.now() - this.#retention.maxAge;
      const removed = this.#statements.deleteOldest(before, sweepEvents);
      if (removed === sweepEvents && !this.#closed) setImmediate(() => this.#closed || this.#sweep());
    } catch (error) {
      this.#logger.error("retention failed", { cause: String(error) });
    }
  }
}
