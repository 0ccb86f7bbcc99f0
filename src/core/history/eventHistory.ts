import type { DatabaseSync } from "node:sqlite";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import type { InspectorFilter } from "../../protocol/inspector.ts";
import { EventStatements } from "./eventStatements.ts";
import { openDatabase } from "./openDatabase.ts";
import { RecoveredLog, type Recovery } from "./recoveredLog.ts";
import { type Capture, SourceLog } from "./sourceLog.ts";
import { type GapReason, type StoredEvent, matchesFilter } from "./storedEvent.ts";
import { subjectOf } from "./subject.ts";
import { inTransaction } from "./transaction.ts";

export interface EventHistoryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The oldest go when there are more. Default 100,000: some 200 MB of ordinary notifications. */
  readonly maxEvents?: number;
}

const defaultMaxEvents = 100_000;

/** Removing the oldest changes every offset, so it is done rarely and for this share of the limit at once. */
const trimmedShare = 1 / 20;

/** How often to look for what other windows did, in milliseconds. What is new comes by this window's own stream first. */
const watchInterval = second;

/** How many entries one `onDidAppend` carries at most. */
const announcedAtOnce = 500;

/** The sink of one relay channel: takes events in, and says where to resume. Throws when the disk does not take them. */
export interface HistorySink {
  lastSequence(): number;
  store(events: readonly Capture[]): void;
  recordGap(gap: { readonly from: number; readonly to: number; readonly reason: GapReason }): void;
}

/**
 * The events that reached this machine, in a file that its windows share. Offsets count from the oldest kept entry of
 * the filtered list. All work is synchronous and short.
 */
export class EventHistory implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements: EventStatements;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #maxEvents: number;
  readonly #appended = new Emitter<readonly StoredEvent[]>();
  readonly #reset = new Emitter<void>();
  #announcedId: number;
  #knownPast: number;
  #knownVersion: unknown;
  #watch: Disposable;
  #closed = false;

  /** What the person should know about how the history was opened: it began anew, or cannot be kept. */
  readonly notice: Problem | undefined;

  /** Entries new to this window, in order, each once, whichever window stored them. */
  readonly onDidAppend: Event<readonly StoredEvent[]> = this.#appended.event;

  /** Entries were taken away (cleared, or beyond retention), here or in another window: all offsets are void. */
  readonly onDidReset: Event<void> = this.#reset.event;

  /** Opens the history in `file`, or a new one in its place when it cannot be used: see {@link notice}. */
  static open(file: string, options: EventHistoryOptions): EventHistory {
    return new EventHistory(file, options);
  }

  private constructor(file: string, options: EventHistoryOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#maxEvents = options.maxEvents ?? defaultMaxEvents;
    const opened = openDatabase(file, this.#clock.now(), this.#logger);
    this.#database = opened.database;
    this.notice = opened.notice;
    this.#statements = new EventStatements(this.#database);
    this.#announcedId = this.#statements.newestId();
    this.#knownPast = this.#statements.changesOfPast();
    this.#knownVersion = this.#statements.dataVersion();
    this.#watch = this.#clock.after(watchInterval, () => this.#lookAround());
  }

  sinkFor(relayUrl: string, channel: string): HistorySink {
    const log = new SourceLog(this.#database, relayUrl, channel);
    return {
      lastSequence: () => log.lastSequence(),
      store: events => this.#store(log, events),
      recordGap: ({ from, to, reason }) => this.#write(() => log.recordGap(from, to, reason, this.#clock.now())),
    };
  }

  /**
   * Adds what was found in the CRM over a connection, in the order given. One id for each; undefined for a change that
   * is here already and is passed over.
   */
  recover(connectionId: string, recoveries: readonly Recovery[]): (number | undefined)[] {
    const log = new RecoveredLog(this.#database, connectionId);
    const now = this.#clock.now();
    let ids: (number | undefined)[] = [];
    this.#write(() => {
      ids = recoveries.map(recovery => log.store(recovery, now));
    });
    return ids;
  }

  count(filter?: InspectorFilter): number {
    return this.#statements.count(filter);
  }

  page(offset: number, limit: number, filter?: InspectorFilter): StoredEvent[] {
    return this.#statements.page(offset, limit, filter);
  }

  /** The entry with this id, or undefined when it is not kept any more. */
  get(id: number): StoredEvent | undefined {
    return this.#statements.get(id);
  }

  /** What arrived up to then may not be kept any more; milliseconds since 1970, 0 when nothing was taken away. */
  forgottenUntil(): number {
    return this.#statements.forgottenUntil();
  }

  /** Where the filtered list has this entry, or undefined when it has not. */
  offsetOf(id: number, filter?: InspectorFilter): number | undefined {
    const event = this.get(id);
    if (event === undefined || !matchesFilter(event, filter)) return undefined;
    return this.#statements.countBefore(id, filter);
  }

  /** Forgets all entries for good, in every window. What the relay still keeps of them does not come back. */
  clear(): void {
    inTransaction(this.#database, () => {
      this.#database.exec("UPDATE source SET forgotten_through = last_sequence");
      this.#database.exec("DELETE FROM event");
      this.#forget(this.#clock.now());
    });
    this.#wipeFreedPages();
    this.#noticeReset();
  }

  /** Closes the file. Doing so twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.dispose();
    this.#appended.dispose();
    this.#reset.dispose();
    this.#database.close();
  }

  dispose(): void {
    this.close();
  }

  #store(log: SourceLog, events: readonly Capture[]): void {
    this.#write(() => {
      for (const event of events)
        log.store(event, event.unreadable === undefined ? subjectOf(event.payload) : undefined);
    });
  }

  #write(work: () => void): void {
    inTransaction(this.#database, () => {
      work();
      this.#trim();
    });
    this.#announce();
    this.#noticeReset();
  }

  /** Ids have no holes but those that were trimmed, so their span tells the count without counting. */
  #trim(): void {
    const newest = this.#statements.newestId();
    if (newest - this.#statements.oldestId() < this.#maxEvents) return;
    const last = newest - Math.floor(this.#maxEvents * (1 - trimmedShare));
    this.#database
      .prepare(
        `UPDATE source SET forgotten_through = max(forgotten_through, ifnull(
           (SELECT max(sequence + max(gap_count - 1, 0)) FROM event WHERE source = source.id AND id <= ?), 0))`,
      )
      .run(last);
    const newestForgotten = this.#statements.get(last)?.receivedAt;
    this.#database.prepare("DELETE FROM event WHERE id <= ?").run(last);
    this.#forget(newestForgotten ?? 0);
  }

  #forget(until: number): void {
    this.#database
      .prepare("UPDATE past SET changes = changes + 1, forgotten_until = max(forgotten_until, ?)")
      .run(until);
  }

  #announce(): void {
    while (!this.#closed) {
      const events = this.#statements.after(this.#announcedId, announcedAtOnce);
      const last = events.at(-1);
      if (last === undefined) return;
      this.#announcedId = last.id;
      this.#appended.fire(events);
    }
  }

  #noticeReset(): void {
    if (this.#closed) return;
    const past = this.#statements.changesOfPast();
    if (past === this.#knownPast) return;
    this.#knownPast = past;
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
    this.#noticeReset();
  }

  /** Deleted payloads would linger in free pages of the file; when another window is reading, they are overwritten later. */
  #wipeFreedPages(): void {
    try {
      this.#database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      this.#logger.info(`The event history was cleared but not compacted: ${describeCauses(error)}`);
    }
  }
}
