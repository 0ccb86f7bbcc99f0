import { statfsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { type Clock, minute } from "../base/clock.ts";
import type { ChosenAnswer } from "../protocol/chosenAnswer.ts";
import { type AccessChange, applyAccessChange, decodeReaders, encodeReaders } from "./channelAccess.ts";
import type { ChannelRecord, Deletion, LoggedEvent, NewEvent, ReadLimit, SequenceBounds } from "./eventLog.ts";
import { type LogTime, SqliteAges } from "./sqliteAges.ts";
import { openRelayDatabase, pageSizeOf } from "./sqliteDatabase.ts";
import { type Amount, type ChannelRow, type Progress, SqliteStatements } from "./sqliteStatements.ts";
import { WalCheckpoints } from "./walCheckpoints.ts";

/** What is kept of each channel; what is older or more is removed, oldest first. */
export interface Retention {
  /** Milliseconds since the event came in. */
  readonly maxAge: number;
  /** Events per channel; up to an eighth more, and no more than 256, may be there before the surplus is removed. */
  readonly maxEvents: number;
}

/** What is kept in the database besides. Bytes are those of payloads, as they are kept. */
export interface StoreRetention extends Retention {
  /** Per channel; up to an eighth more, and no more than 256 KiB, may be there before the surplus is removed. */
  readonly maxBytes: number;
  /** Of the whole database: what would make it larger is not stored. */
  readonly maxStorageBytes: number;
}

/** An event on its way into the store. */
export interface StoreAppend extends NewEvent {
  readonly channel: string;
}

/** In place of an event, and of its sequence: nothing can be sealed to its channel's public key. */
export const notSealable = -1;

/** A channel in memory: its row, and the sequence that comes next. */
interface ChannelState {
  row: ChannelRow;
  nextSequence: number;
  keptEvents: number;
  keptBytes: number;
}

/** Removing this many takes some milliseconds, during which ingest waits. */
const longestSurplus = 256;
/** Channels are numbered from 1. */
const noChannel = 0;
/** More than nearly all events take: a store that has no room for this refuses what people send. */
const probePayload = new Uint8Array(65_536);
/** With its pages, in the log and later in the file. */
const probeRoom = 2 * probePayload.byteLength;
/** How long it is believed that the disk takes what is written, after it has. */
const proofAge = 10 * minute;
const longestSurplusBytes = 256 * 1024;
/** What a transaction adds to the write-ahead log, about: so many pages, more for each channel, and its payloads. */
const pagesPerTransaction = 2;
const pagesPerChannel = 3;

/**
 * Channels and events in SQLite (WAL, `synchronous=FULL`), as plain calls that return when it is done. What writes has
 * to be called inside {@link SqliteStore.transaction}, which is what makes it durable.
 */
export class SqliteStore {
  readonly #database: DatabaseSync;
  readonly #statements: SqliteStatements;
  readonly #retention: StoreRetention;
  readonly #states = new Map<string, ChannelState>();
  readonly #directory: string;
  readonly #pageBytes: number;
  #isWriting = false;
  /** When an event was last written, on the monotonic clock; undefined where the last try has failed. */
  #provenAt: number | undefined;
  readonly #checkpoints: WalCheckpoints;
  readonly #ages: SqliteAges;

  /** Throws DataDirectoryInUseError when another process has the directory. */
  constructor(directory: string, retention: StoreRetention, clock: Clock) {
    this.#database = openRelayDatabase(directory, retention.maxStorageBytes);
    this.#statements = new SqliteStatements(this.#database);
    this.#ages = new SqliteAges(this.#database);
    this.#retention = retention;
    this.#directory = directory;
    this.#pageBytes = pageSizeOf(this.#database);
    this.#checkpoints = new WalCheckpoints(clock, mode => this.#statements.checkpoint(mode));
  }

  /** Brings the write-ahead log into the database file, and removes it. */
  close(): void {
    this.#checkpoints.dispose();
    this.#database.close();
  }

  /** To be called when nobody waits for an answer: does what would hold up a transaction. */
  tidy(): void {
    this.#checkpoints.afterAnswers();
  }

  /**
   * What `work` writes is on disk when this returns. When it throws, nothing of it counts, and what memory believed is
   * read anew from what is on disk.
   */
  transaction<T>(work: () => T): T {
    this.#checkpoints.makeRoom();
    this.#statements.begin();
    try {
      const value = work();
      this.#statements.commit();
      if (this.#isWriting) this.#provenAt = performance.now();
      this.#checkpoints.wrote(pagesPerTransaction);
      return value;
    } catch (error) {
      this.#provenAt = undefined;
      this.#states.clear();
      if (this.#database.isTransaction) this.#statements.rollback();
      throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  /** Gives each event the next sequence of its channel; 0 stands for an unknown channel. */
  append(events: Iterable<StoreAppend | typeof notSealable>): number[] {
    const touched = new Set<ChannelState>();
    const sequences: number[] = [];
    let bytes = 0;
    for (const event of events) {
      sequences.push(event === notSealable ? event : this.#insert(event, touched));
      bytes += event === notSealable ? 0 : event.payload.byteLength;
    }
    this.#checkpoints.wrote(touched.size * pagesPerChannel + bytes / this.#pageBytes);
    for (const state of touched) {
      this.#trimSurplus(state);
      this.#trimSurplusBytes(state);
      this.#statements.updateProgress(progressOf(state));
    }
    return sequences;
  }

  /** Whether an event was stored not long ago and there is room for another: then nothing has to be tried. */
  hasRoom(): boolean {
    if (this.#provenAt === undefined || performance.now() - this.#provenAt > proofAge) return false;
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize > probeRoom && this.#statements.freeBytes() > probeRoom;
  }

  /**
   * Writes an event of nobody's in place of the last one: that fails, with the transaction, when there is no room. It is
   * not taken back at once, as SQLite does not write what is gone before the commit.
   */
  probe(): void {
    this.#isWriting = true;
    const sequence = (this.#statements.oldestSequence(noChannel) ?? 0) + 1;
    this.#statements.insertEvent(noChannel, { sequence, receivedAt: 0, scheme: 0, payload: probePayload });
    this.#statements.deleteEventsBefore(noChannel, sequence);
  }

  createChannel(record: ChannelRecord): void {
    this.#statements.insertChannel(record);
  }

  setPublicKey(channel: string, publicKey: string): boolean {
    const state = this.#state(channel);
    if (state === undefined) return false;
    this.#statements.updatePublicKey(state.row.number, publicKey);
    state.row = { ...state.row, publicKey };
    return true;
  }

  setAnswer(channel: string, answer: ChosenAnswer | undefined): boolean {
    const state = this.#state(channel);
    if (state === undefined) return false;
    this.#statements.updateAnswer(state.row.number, answer);
    return true;
  }

  changeAccess(channel: string, change: AccessChange): boolean {
    const state = this.#state(channel);
    if (state === undefined) return false;
    const { readKeyHash, readers } = applyAccessChange(toRecord(channel, state.row), change);
    state.row = { ...state.row, readKeyHash, readers: encodeReaders(readers ?? []) };
    this.#statements.updateAccess(state.row.number, readKeyHash, state.row.readers);
    return true;
  }

  /**
   * Nobody has the channel any more when it is deleted; {@link eraseDeleted} removes its events. It stays where one has
   * come in after the sequence `after`.
   */
  deleteChannel(channel: string, after = Infinity): Deletion {
    const state = this.#state(channel);
    if (state === undefined) return "unknown-channel";
    if (state.nextSequence - 1 > after) return "newer-events";
    this.#statements.markDeleted(state.row.number);
    this.#states.delete(channel);
    return "deleted";
  }

  /** Overwrites at most `limit` events of deleted channels; false when there are no such channels left. */
  eraseDeleted(limit: number): boolean {
    const hasErased = this.#statements.eraseDeleted(limit);
    if (hasErased) this.#ages.reuse();
    return hasErased;
  }

  /** Brings the write-ahead log into the file, and leaves nothing of it. To be called outside of a transaction. */
  emptyLog(): void {
    this.#checkpoints.empty();
  }

  skipTo(channel: string, sequence: number): void {
    const state = this.#state(channel);
    if (state === undefined || state.nextSequence > sequence) return;
    state.nextSequence = sequence + 1;
    this.#statements.updateProgress(progressOf(state));
  }

  /** Removes events that are too old, oldest first and at most `limit`; gives how many there were. */
  removeOldest(time: LogTime, limit: number): number {
    const upTo = this.#ages.arrivalBefore(this.#retention.maxAge, time);
    const { count, of } = this.#statements.deleteOldest(upTo, limit);
    if (count > 0) for (const state of this.#states.values()) subtract(state, of.get(state.row.number));
    if (count < limit) this.#ages.forget(upTo);
    if (count > 0) this.#ages.reuse();
    return count;
  }

  /** To be called about once a minute: that is how exactly the age of events is known. */
  passTime(time: LogTime): void {
    this.#ages.remember(time);
  }

  /** When the log was last known to run, before this; milliseconds since 1970. Undefined of a new one. */
  lastSeen(): number | undefined {
    return this.#ages.lastSeen;
  }

  findChannel(channel: string): ChannelRecord | undefined {
    const row = this.#state(channel)?.row;
    if (row === undefined) return undefined;
    // Read when asked for: the states of all channels stay here, and an answer may have some kilobytes.
    const answer = this.#statements.findAnswer(row.number);
    return { ...toRecord(channel, row), ...(answer && { answer }) };
  }

  publicKeyOf(channel: string): string | undefined {
    return this.#state(channel)?.row.publicKey ?? undefined;
  }

  read(channel: string, after: number, limit: ReadLimit): LoggedEvent[] {
    const state = this.#state(channel);
    return state === undefined ? [] : this.#statements.readEvents(state.row.number, after, limit);
  }

  bounds(channel: string): SequenceBounds | undefined {
    const state = this.#state(channel);
    if (state === undefined) return undefined;
    const oldest = this.#statements.oldestSequence(state.row.number) ?? state.nextSequence;
    return { oldest, newest: state.nextSequence - 1 };
  }

  #insert({ channel, receivedAt, scheme, payload }: StoreAppend, touched: Set<ChannelState>): number {
    const state = this.#state(channel);
    if (state === undefined) return 0;
    const sequence = state.nextSequence;
    this.#isWriting = true;
    this.#statements.insertEvent(state.row.number, { sequence, receivedAt, scheme, payload });
    state.nextSequence += 1;
    state.keptEvents += 1;
    state.keptBytes += payload.byteLength;
    touched.add(state);
    return sequence;
  }

  #trimSurplus(state: ChannelState): void {
    const { maxEvents } = this.#retention;
    if (state.keptEvents <= maxEvents + Math.min(Math.floor(maxEvents / 8), longestSurplus)) return;
    this.#trim(state, this.#statements.sequenceAfter(state.row.number, state.keptEvents - maxEvents));
  }

  #trimSurplusBytes(state: ChannelState): void {
    const { maxBytes } = this.#retention;
    if (state.keptBytes <= maxBytes + Math.min(maxBytes / 8, longestSurplusBytes)) return;
    const first = this.#statements.sequenceAfterBytes(state.row.number, state.keptBytes - maxBytes);
    // The newest stays, however large: its sender is about to get a 200.
    this.#trim(state, Math.min(first, state.nextSequence - 1));
  }

  #trim(state: ChannelState, first: number): void {
    subtract(state, this.#statements.deleteEventsBefore(state.row.number, first));
  }

  #state(channel: string): ChannelState | undefined {
    const known = this.#states.get(channel);
    if (known !== undefined) return known;
    const row = this.#statements.findChannel(channel);
    if (row === undefined) return undefined;
    const { nextSequence, keptEvents, keptBytes } = row;
    const state = { row, nextSequence, keptEvents, keptBytes };
    this.#states.set(channel, state);
    return state;
  }
}

function toRecord(channel: string, { readKeyHash, createdAt, publicKey, readers }: ChannelRow): ChannelRecord {
  return { channel, readKeyHash, createdAt, publicKey: publicKey ?? undefined, readers: decodeReaders(readers) };
}

function progressOf({ row, nextSequence, keptEvents, keptBytes }: ChannelState): Progress {
  return { number: row.number, nextSequence, keptEvents, keptBytes };
}

function subtract(state: ChannelState, removed: Amount = { events: 0, bytes: 0 }): void {
  state.keptEvents -= removed.events;
  state.keptBytes -= removed.bytes;
}
