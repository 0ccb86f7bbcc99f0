import type { DatabaseSync, StatementSync } from "node:sqlite";
import * as v from "valibot";
import type { ChosenAnswer } from "../protocol/chosenAnswer.ts";
import type { ChannelRecord, LoggedEvent, ReadLimit } from "./eventLog.ts";
import { storedAnswerTextSchema } from "./storedAnswer.ts";
import type { CheckpointMode, CheckpointResult } from "./walCheckpoints.ts";

/** A channel as the database has it. `number` is its short name within the database. */
export interface ChannelRow {
  readonly number: number;
  readonly readKeyHash: Uint8Array;
  readonly createdAt: number;
  readonly nextSequence: number;
  readonly keptEvents: number;
  /** Bytes of the payloads that are kept. */
  readonly keptBytes: number;
  /** null: events are kept in the clear. */
  readonly publicKey: string | null;
  /** As channelAccess.ts encodes them. */
  readonly readers: string;
}

/** How far a channel has come, and what is kept of it. */
export type Progress = Pick<ChannelRow, "number" | "nextSequence" | "keptEvents" | "keptBytes">;

/** Events, and the bytes of their payloads. */
export interface Amount {
  readonly events: number;
  readonly bytes: number;
}

/** How many events went, and what that is by the channel's number. */
export interface Removal {
  readonly count: number;
  readonly of: ReadonlyMap<number, Amount>;
}

const bytesSchema = v.instance(Uint8Array);
const channelRowSchema = v.object({
  number: v.number(),
  readKeyHash: bytesSchema,
  createdAt: v.number(),
  nextSequence: v.number(),
  keptEvents: v.number(),
  keptBytes: v.number(),
  publicKey: v.nullable(v.string()),
  readers: v.string(),
});
const answerSchema = v.object({ answer: storedAnswerTextSchema });
const oldestSchema = v.object({ oldest: v.nullable(v.number()) });
const arrivalSchema = v.object({ arrival: v.number(), channel: v.number(), bytes: v.number() });
const sequenceSchema = v.object({ sequence: v.number() });
const sizeSchema = v.object({ sequence: v.number(), bytes: v.number() });
const totalSchema = v.object({ events: v.number(), bytes: v.number() });
const pragmaSchema = v.object({ value: v.number() });
const numberSchema = v.object({ number: v.number() });
const checkpointSchema = v.object({ log: v.number(), checkpointed: v.number() });

/** What channels that are deleted, but not yet erased, have before their number in place of their id. */
const deletedPrefix = "deleted:";

/** The statements of {@link SqliteStore}, prepared once. Transactions are the caller's. */
export class SqliteStatements {
  readonly #pages: readonly StatementSync[];
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #insertChannel: StatementSync;
  readonly #findChannel: StatementSync;
  readonly #updatePublicKey: StatementSync;
  readonly #markDeleted: StatementSync;
  readonly #findDeleted: StatementSync;
  readonly #findAnswer: StatementSync;
  readonly #updateAnswer: StatementSync;
  readonly #updateAccess: StatementSync;
  readonly #deleteChannel: StatementSync;
  readonly #deleteSomeEvents: StatementSync;
  readonly #updateProgress: StatementSync;
  readonly #subtractKept: StatementSync;
  readonly #sequenceAfter: StatementSync;
  readonly #sizes: StatementSync;
  readonly #amountBefore: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #readEvents: StatementSync;
  readonly #oldestSequence: StatementSync;
  readonly #deleteEventsBefore: StatementSync;
  readonly #byArrival: StatementSync;
  readonly #deleteArrivals: StatementSync;
  readonly #checkpoints: Readonly<Record<CheckpointMode, StatementSync>>;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql);
    this.#pages = ["page_size", "max_page_count", "page_count", "freelist_count"].map(name =>
      prepare(`SELECT ${name} AS value FROM pragma_${name}`),
    );
    this.#begin = prepare("BEGIN IMMEDIATE");
    this.#commit = prepare("COMMIT");
    this.#rollback = prepare("ROLLBACK");
    this.#insertChannel = prepare(
      "INSERT INTO channel (id, read_key_hash, created_at, next_sequence, public_key) VALUES (?, ?, ?, 1, ?)",
    );
    this.#findChannel = prepare(
      `SELECT number, read_key_hash AS readKeyHash, created_at AS createdAt, next_sequence AS nextSequence,
         public_key AS publicKey, kept_events AS keptEvents, kept_bytes AS keptBytes, readers
       FROM channel WHERE id = ?`,
    );
    this.#updatePublicKey = prepare("UPDATE channel SET public_key = ? WHERE number = ?");
    this.#updateAccess = prepare("UPDATE channel SET read_key_hash = ?, readers = ? WHERE number = ?");
    this.#markDeleted = prepare(
      `UPDATE channel
       SET id = '${deletedPrefix}' || number, read_key_hash = x'', public_key = NULL, answer = NULL, readers = '[]'
       WHERE number = ?`,
    );
    this.#findDeleted = prepare("SELECT number FROM channel WHERE id >= 'deleted:' AND id < 'deleted;' LIMIT 1");
    this.#findAnswer = prepare("SELECT answer FROM channel WHERE number = ?");
    this.#updateAnswer = prepare("UPDATE channel SET answer = ? WHERE number = ?");
    this.#deleteChannel = prepare("DELETE FROM channel WHERE number = ?");
    this.#deleteSomeEvents = prepare(
      "DELETE FROM event WHERE arrival IN (SELECT arrival FROM event WHERE channel = ? LIMIT ?)",
    );
    this.#updateProgress = prepare(
      "UPDATE channel SET next_sequence = ?, kept_events = ?, kept_bytes = ? WHERE number = ?",
    );
    this.#subtractKept = prepare(
      "UPDATE channel SET kept_events = kept_events - ?, kept_bytes = kept_bytes - ? WHERE number = ?",
    );
    this.#sequenceAfter = prepare("SELECT sequence FROM event WHERE channel = ? ORDER BY sequence LIMIT 1 OFFSET ?");
    this.#sizes = prepare("SELECT sequence, length(payload) AS bytes FROM event WHERE channel = ? ORDER BY sequence");
    this.#amountBefore = prepare(
      `SELECT count(*) AS events, coalesce(sum(length(payload)), 0) AS bytes
       FROM event WHERE channel = ? AND sequence < ?`,
    );
    this.#insertEvent = prepare(
      "INSERT INTO event (channel, sequence, received_at, scheme, payload) VALUES (?, ?, ?, ?, ?)",
    );
    this.#readEvents = prepare(
      `SELECT sequence, received_at AS receivedAt, scheme, payload FROM event
       WHERE channel = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    );
    this.#oldestSequence = prepare("SELECT min(sequence) AS oldest FROM event WHERE channel = ?");
    this.#deleteEventsBefore = prepare("DELETE FROM event WHERE channel = ? AND sequence < ?");
    this.#byArrival = prepare(
      "SELECT arrival, channel, length(payload) AS bytes FROM event WHERE arrival <= ? ORDER BY arrival LIMIT ?",
    );
    this.#deleteArrivals = prepare("DELETE FROM event WHERE arrival <= ?");
    this.#checkpoints = {
      PASSIVE: prepare("PRAGMA wal_checkpoint(PASSIVE)"),
      TRUNCATE: prepare("PRAGMA wal_checkpoint(TRUNCATE)"),
    };
  }

  /** Not inside a transaction. */
  checkpoint(mode: CheckpointMode): CheckpointResult {
    const { log, checkpointed } = v.parse(checkpointSchema, this.#checkpoints[mode].get());
    return { logged: log, checkpointed };
  }

  /** How much more the database may hold. */
  freeBytes(): number {
    const [size = 0, most = 0, used = 0, free = 0] = this.#pages.map(statement => pragmaValue(statement.get()));
    return (most - used + free) * size;
  }

  begin(): void {
    this.#begin.run();
  }

  commit(): void {
    this.#commit.run();
  }

  rollback(): void {
    this.#rollback.run();
  }

  insertChannel(record: ChannelRecord): void {
    this.#insertChannel.run(record.channel, record.readKeyHash, record.createdAt, record.publicKey ?? null);
  }

  findChannel(channel: string): ChannelRow | undefined {
    const row = this.#findChannel.get(channel);
    return row && v.parse(channelRowSchema, row);
  }

  updatePublicKey(number: number, publicKey: string): void {
    this.#updatePublicKey.run(publicKey, number);
  }

  updateAccess(number: number, readKeyHash: Uint8Array, readers: string): void {
    this.#updateAccess.run(readKeyHash, readers, number);
  }

  /** The channel is nobody's any more; its events are there until {@link eraseDeleted}. */
  markDeleted(number: number): void {
    this.#markDeleted.run(number);
  }

  findAnswer(number: number): ChosenAnswer | undefined {
    return v.parse(answerSchema, this.#findAnswer.get(number)).answer ?? undefined;
  }

  updateAnswer(number: number, answer: ChosenAnswer | undefined): void {
    this.#updateAnswer.run(answer === undefined ? null : JSON.stringify(answer), number);
  }

  /** Removes at most `limit` events of a deleted channel, and the channel with the last; false when there is none. */
  eraseDeleted(limit: number): boolean {
    const row = this.#findDeleted.get();
    if (row === undefined) return false;
    const { number } = v.parse(numberSchema, row);
    if (Number(this.#deleteSomeEvents.run(number, limit).changes) < limit) this.#deleteChannel.run(number);
    return true;
  }

  updateProgress({ number, nextSequence, keptEvents, keptBytes }: Progress): void {
    this.#updateProgress.run(nextSequence, keptEvents, keptBytes, number);
  }

  /** The sequence of the event before which so many are kept. */
  sequenceAfter(number: number, events: number): number {
    const row = this.#sequenceAfter.get(number, events);
    return row === undefined ? Number.MAX_SAFE_INTEGER : v.parse(sequenceSchema, row).sequence;
  }

  /** The sequence before which at least `bytes` of payload are kept, the oldest ones. */
  sequenceAfterBytes(number: number, bytes: number): number {
    let passed = 0;
    for (const row of this.#sizes.iterate(number)) {
      const event = v.parse(sizeSchema, row);
      if (passed >= bytes) return event.sequence;
      passed += event.bytes;
    }
    return Number.MAX_SAFE_INTEGER;
  }

  insertEvent(number: number, event: LoggedEvent): void {
    this.#insertEvent.run(number, event.sequence, event.receivedAt, event.scheme, event.payload);
  }

  /** Stops after the event that fills the byte limit, without having read the next ones from disk. */
  readEvents(number: number, after: number, limit: ReadLimit): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    let bytes = 0;
    for (const row of this.#readEvents.iterate(number, after, limit.events)) {
      const event = toLoggedEvent(row);
      events.push(event);
      bytes += event.payload.byteLength;
      if (bytes >= limit.bytes) break;
    }
    return events;
  }

  oldestSequence(number: number): number | undefined {
    return v.parse(oldestSchema, this.#oldestSequence.get(number)).oldest ?? undefined;
  }

  /** Gives what went. */
  deleteEventsBefore(number: number, sequence: number): Amount {
    const amount = v.parse(totalSchema, this.#amountBefore.get(number, sequence));
    this.#deleteEventsBefore.run(number, sequence);
    return amount;
  }

  /** Removes events up to an arrival, oldest first and at most `limit`. */
  deleteOldest(upTo: number, limit: number): Removal {
    const of = new Map<number, Amount>();
    let last: number | undefined;
    let count = 0;
    for (const row of this.#byArrival.iterate(upTo, limit)) {
      const { arrival, channel, bytes } = v.parse(arrivalSchema, row);
      const before = of.get(channel) ?? { events: 0, bytes: 0 };
      of.set(channel, { events: before.events + 1, bytes: before.bytes + bytes });
      last = arrival;
      count += 1;
    }
    if (last !== undefined) this.#deleteArrivals.run(last);
    for (const [channel, { events, bytes }] of of) this.#subtractKept.run(events, bytes, channel);
    return { count, of };
  }
}

function pragmaValue(row: unknown): number {
  return v.parse(pragmaSchema, row).value;
}

/** By hand instead of by schema: this runs once per event of a catch-up. */
function toLoggedEvent({ sequence, receivedAt, scheme, payload }: Readonly<Record<string, unknown>>): LoggedEvent {
  if (
    typeof sequence === "number" &&
    typeof receivedAt === "number" &&
    typeof scheme === "number" &&
    payload instanceof Uint8Array
  ) {
    return { sequence, receivedAt, scheme, payload };
  }
  throw new Error("The event table holds a row of another shape");
}
