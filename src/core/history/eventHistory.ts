import type { HistoryDatabase } from "./currentDatabase.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import type { Handling } from "../../protocol/event.ts";
import type { Sort } from "../../protocol/inspector.ts";
import type { ShapeObserver } from "../../zoho/shapeObserver.ts";
import type { EventSink } from "../events/capture.ts";
import type { KnownNames } from "../filter/completion.ts";
import type { EventFilter } from "../filter/eventFilter.ts";
import { AttemptLog, type Write } from "./attemptLog.ts";
import { DoomedEntries } from "./doomedEntries.ts";
import { Erasure } from "./erasure.ts";
import { EventChanges } from "./eventChanges.ts";
import { EventListing } from "./eventListing.ts";
import { EventStatements, type HistoryPast } from "./eventStatements.ts";
import { type KnownTokens, toQuery } from "./eventQuery.ts";
import { HistoryFile, type LoadJoin } from "./historyFile.ts";
import { type ImportedEntry, ImportLog } from "./importLog.ts";
import { type LocalEvent, LocalLog } from "./localLog.ts";
import { NameReader } from "./nameReader.ts";
import { busyTimeout } from "./openDatabase.ts";
import { Outbox } from "./outbox.ts";
import { RecoveredLog, type Recovery } from "./recoveredLog.ts";
import { RecentPayloads } from "./recentPayloads.ts";
import { Removal } from "./removal.ts";
import { SourceLog } from "./sourceLog.ts";
import { WordIndex } from "./wordIndex.ts";
import type { StoredEvent, StoredGap, StoredRequest } from "../events/storedEvent.ts";
import { inTransaction } from "../windows/transaction.ts";
import { waitingFor } from "./waitingFor.ts";

export interface EventHistoryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The oldest go when there are more; what is pinned is kept beside. Default 100,000: some 300 MB of notifications. */
  readonly maxEvents?: number;
  /** What filters by verification go by. Default: no token is known. */
  readonly tokens?: KnownTokens;
  /** Hears of deliveries whose form is not known. */
  readonly shapes?: ShapeObserver;
  /** Brings what takes the history into its file where that could not be used at first. Default: it stays in memory. */
  readonly loadJoin?: LoadJoin;
}

const defaultMaxEvents = 100_000;

/** How often to look for what other windows did, in milliseconds. What is new comes by this window's own stream first. */
const watchInterval = second;

/** How many entries one `onDidAppend` carries at most. */
const announcedAtOnce = 500;

/** The events that reached this machine, in a file that its windows share. All work is synchronous and short. */
export class EventHistory implements Disposable {
  readonly #file: HistoryFile;
  readonly #database: HistoryDatabase;
  readonly #statements: EventStatements;
  readonly #recent = new RecentPayloads();
  readonly #changes: EventChanges;
  readonly #logs = new Map<string, SourceLog>();
  #removal: Removal;
  readonly #newRemoval: () => Removal;
  readonly #erasure: Erasure;
  readonly #names: NameReader;
  readonly #words: WordIndex;
  readonly #tokens: KnownTokens;
  readonly #shapes: ShapeObserver | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #appended = new Emitter<readonly StoredEvent[]>();
  readonly #updated = new Emitter<readonly number[]>();
  readonly #reset = new Emitter<void>();
  /** What the write that is under way, or has just ended, stored of what relays delivered. */
  #fresh: StoredRequest[] = [];
  #announcedId: number;
  /** As it was told last. */
  #past: HistoryPast;
  #knownVersion: unknown;
  #watch: Disposable;
  #hasNews = false;
  #isAnnouncing = false;
  #isWriting = false;
  #closed = false;

  /** What the person should know about how the history was opened: it began anew, or cannot be kept. */
  readonly notice: Problem | undefined;

  /** What came up after it was opened that the person should know. */
  readonly onDidFail: Event<Problem>;

  /** What events were sent to. */
  readonly attempts: AttemptLog;

  /** Which events are to be sent. */
  readonly outbox: Outbox;

  /** Entries new to this window, in order, each once, whichever window stored them. */
  readonly onDidAppend: Event<readonly StoredEvent[]> = this.#appended.event;

  /** Entries with these ids were pinned, sent, handled …, here or in another window. Comes after {@link onDidAppend}. */
  readonly onDidUpdate: Event<readonly number[]> = this.#updated.event;

  /** Entries were taken away (cleared, deleted, or beyond retention), here or in another window: all offsets are void. */
  readonly onDidReset: Event<void> = this.#reset.event;

  /** Opens the history in `file`, or a new one in its place when it cannot be used: see {@link notice}. */
  static open(file: string, options: EventHistoryOptions): EventHistory {
    return new EventHistory(file, options);
  }

  private constructor(file: string, options: EventHistoryOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#tokens = options.tokens ?? ((): [] => []);
    this.#shapes = options.shapes;
    this.#file = new HistoryFile(file, options);
    this.#database = this.#file.database;
    this.notice = this.#file.notice;
    this.onDidFail = this.#file.onDidFail;
    this.#file.onDidJoin(() => this.#followFile());
    this.#statements = new EventStatements(this.#database, this.#recent);
    this.#changes = new EventChanges(this.#database);
    const doomed = new DoomedEntries(this.#database);
    this.#newRemoval = (): Removal => new Removal(this.#database, doomed, options.maxEvents ?? defaultMaxEvents);
    this.#removal = this.#newRemoval();
    const onSlice = (): void => this.#announce();
    this.#erasure = new Erasure(this.#database, { doomed, clock: this.#clock, logger: this.#logger, onSlice });
    this.#words = new WordIndex(this.#database, { ...options, events: this.#statements, recent: this.#recent });
    this.#names = new NameReader(this.#database, this.#clock);
    const write: Write = (work, timeout) => this.#write(work, timeout);
    this.attempts = new AttemptLog(this.#database, this.#changes, write);
    this.outbox = new Outbox(this.#database, this.#changes, this.attempts, write);
    this.#announcedId = this.#statements.newestId();
    this.#past = this.#statements.past();
    this.#knownVersion = this.#statements.dataVersion();
    this.#watch = this.#clock.after(watchInterval, () => this.#lookAround());
    this.#erasure.begin();
    this.#words.resume();
  }

  /** The sink of one relay channel: takes events in, and says where to resume. Throws when the disk does not take them. */
  sinkFor(relayUrl: string, channel: string): EventSink {
    const add = (work: (log: SourceLog) => void): void => {
      const log = this.#logOf(relayUrl, channel);
      this.#add(() => work(log));
    };
    return {
      lastSequence: () => this.#logOf(relayUrl, channel).lastSequence(),
      store: events => add(log => this.#fresh.push(...log.store(events, this.#clock.now()))),
      recordGap: ({ from, to, reason }) => add(log => log.recordGap(from, to, reason, this.#clock.now())),
    };
  }

  /**
   * Adds what was found in the CRM over a connection, in the order given. One id for each; undefined for a change that
   * is here already and is passed over.
   */
  recover(connectionId: string, recoveries: readonly Recovery[]): (number | undefined)[] {
    const log = new RecoveredLog(this.#database, connectionId);
    const now = this.#clock.now();
    return this.#add(() => recoveries.map(recovery => log.store(recovery, now)));
  }

  /** Adds events that no relay brought, in the order given, and gives their ids. */
  add(events: readonly LocalEvent[]): number[] {
    const log = new LocalLog(this.#database);
    const now = this.#clock.now();
    return this.#add(() => events.map(event => log.store(event, now)));
  }

  /** Adds an event that was made of another one here, for sending it. */
  addReplayed(request: CapturedRequest, parentId?: number): number | undefined {
    return this.add([{ request, source: "replayed", parentId }])[0];
  }

  /** Adds an event that was made of a fixture. */
  addTest(request: CapturedRequest): number | undefined {
    return this.add([{ request, source: "test" }])[0];
  }

  /** Adds entries of a file, less those that are here already. One id for each; undefined for what is passed over. */
  import(entries: readonly ImportedEntry[]): (number | undefined)[] {
    const log = new ImportLog(this.#database);
    const now = this.#clock.now();
    return this.#add(() => entries.map(entry => log.store(entry, now)));
  }

  /** What a filter shows, in order of arrival unless it is sorted. Without a filter: everything. */
  select(filter: EventFilter = [], sort?: Sort): EventListing {
    const query = toQuery(filter, this.#tokens);
    const isAboutWords = filter.some(({ key }) => key === "text");
    const prepare = (): number => (isAboutWords ? this.#words.catchUp() : Infinity);
    return new EventListing({ database: this.#database, statements: this.#statements, query, sort, prepare });
  }

  /** The id of the newest entry, or 0 when there is none. */
  newestId(): number {
    return this.#statements.newestId();
  }

  /** How many entries there are. */
  count(): number {
    return this.#statements.count();
  }

  /** The entry with this id, or undefined when it is not kept any more. */
  get(id: number): StoredEvent | undefined {
    return this.#statements.get(id);
  }

  /** Up to `limit` entries that were stored after `id`, oldest first. */
  after(id: number, limit: number): StoredEvent[] {
    return this.#statements.after(id, limit);
  }

  /** The newest event before this one that was delivered to this machine, or made on it. */
  requestBefore(id: number): StoredEvent | undefined {
    return this.#statements.requestBefore(id);
  }

  /** The newest event before this gap that the same relay channel delivered. */
  deliveredBefore({ id }: StoredGap): StoredEvent | undefined {
    return this.#statements.deliveredBefore(id);
  }

  /** Up to `limit` entries about a record that were stored before `id`, newest first. */
  ofRecordBefore(recordId: string, id: number, limit: number): StoredEvent[] {
    return this.#statements.ofRecordBefore(recordId, id, limit);
  }

  /** Ids of the entries that are in one of these states with the local handler, oldest first. */
  inState(...states: readonly Handling["state"][]): number[] {
    return this.#statements.inState(states);
  }

  /** Names that events here have, most frequent first; new ones after some seconds. */
  names(): KnownNames {
    return this.#names.read();
  }

  /** What arrived up to then may not be kept any more; milliseconds since 1970, 0 when nothing was taken away. */
  forgottenUntil(): number {
    return this.#statements.forgottenUntil();
  }

  /** Says what the local handler made of events so far; undefined: nothing any more. */
  setHandling(ids: readonly number[], handling: Handling | undefined): void {
    this.#write(() => this.#changes.setHandling(ids, handling));
  }

  /** Keeps entries beyond retention. */
  pin(ids: readonly number[]): void {
    this.#write(() => this.#changes.setPinned(ids, true));
  }

  unpin(ids: readonly number[]): void {
    this.#add(() => this.#changes.setPinned(ids, false));
  }

  /** Takes entries away for good, in every window, also pinned ones. Soon after nothing of them is in the files. */
  delete(ids: readonly number[]): void {
    this.#write(() => this.#removal.delete(ids));
  }

  /** Forgets all entries for good, in every window. What the relay still keeps of them does not come back. */
  clear(): void {
    this.#write(() => this.#removal.clear(this.#clock.now()));
    this.#erasure.compact();
  }

  /** Closes the file. Doing so twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.dispose();
    this.#erasure.dispose();
    this.#words.dispose();
    for (const emitter of [this.#appended, this.#updated, this.#reset]) emitter.dispose();
    this.#file.dispose();
  }

  dispose(): void {
    this.close();
  }

  #logOf(relayUrl: string, channel: string): SourceLog {
    const key = JSON.stringify([relayUrl, channel]);
    const log = this.#logs.get(key) ?? new SourceLog(this.#database, relayUrl, channel, this.#shapes);
    this.#logs.set(key, log);
    return log;
  }

  /** What was known of the history in memory says nothing of the one in the file. */
  #followFile(): void {
    this.#logs.clear();
    this.#recent.clear();
    this.#removal = this.#newRemoval();
    this.#announcedId = this.#statements.newestId();
    this.#past = this.#statements.past();
    this.#erasure.begin();
    this.#words.resume();
    this.#reset.fire();
  }

  /** A write after which there may be too many entries. */
  #add<T>(work: () => T): T {
    return this.#write(() => {
      const value = work();
      this.#removal.trim();
      this.#words.begin();
      return value;
    });
  }

  /** One that is part of another write is told with it. */
  #write<T>(work: () => T, timeout = busyTimeout): T {
    if (this.#isWriting) return work();
    this.#isWriting = true;
    try {
      const value = waitingFor(this.#database, timeout, () => inTransaction(this.#database, work));
      this.#isWriting = false;
      for (const { id, payload } of this.#fresh) this.#recent.keep(id, payload);
      this.#announce();
      return value;
    } finally {
      this.#isWriting = false;
      this.#fresh = [];
    }
  }

  /** Tells what is new since the last time, whoever did it. What a listener does in answer is told to all after that. */
  #announce(): void {
    this.#hasNews = true;
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    try {
      while (!this.#closed && this.#takeNews()) {
        const past = this.#statements.past();
        this.#announceAppended(past.changes === this.#past.changes ? this.#takeFresh() : []);
        this.#announceUpdated(past);
        this.#announceReset(past);
      }
    } finally {
      this.#isAnnouncing = false;
    }
  }

  #takeNews(): boolean {
    const hasNews = this.#hasNews;
    this.#hasNews = false;
    return hasNews;
  }

  /** What the last write stored, unless something is to be told before it. */
  #takeFresh(): readonly StoredEvent[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh.at(-1)?.id === this.#announcedId + fresh.length ? fresh : [];
  }

  #announceAppended(fresh: readonly StoredEvent[]): void {
    if (fresh.length > 0) {
      this.#announcedId += fresh.length;
      this.#appended.fire(fresh);
      return;
    }
    while (!this.#closed) {
      const events = this.#statements.after(this.#announcedId, announcedAtOnce);
      const last = events.at(-1);
      if (last === undefined) return;
      this.#announcedId = last.id;
      this.#appended.fire(events);
    }
  }

  #announceUpdated({ revision }: HistoryPast): void {
    if (this.#closed || revision === this.#past.revision) return;
    const ids = this.#statements.changedSince(this.#past.revision);
    this.#past = { ...this.#past, revision };
    if (ids.length > 0) this.#updated.fire(ids);
  }

  #announceReset({ changes }: HistoryPast): void {
    if (this.#closed || changes === this.#past.changes) return;
    this.#past = { ...this.#past, changes };
    this.#recent.clear();
    this.#erasure.begin();
    this.#reset.fire();
  }

  #lookAround(): void {
    try {
      this.#noticeOtherWindows();
    } catch (error) {
      this.#logger.warn(`The event history could not be read: ${describeCauses(error)}`);
    }
    if (!this.#closed) this.#watch = this.#clock.after(watchInterval, () => this.#lookAround());
  }

  #noticeOtherWindows(): void {
    const version = this.#statements.dataVersion();
    if (version === this.#knownVersion) return;
    this.#knownVersion = version;
    this.#announce();
  }
}
