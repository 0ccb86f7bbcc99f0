import type { DatabaseSync, StatementSync } from "node:sqlite";
import * as v from "valibot";
import type { ChannelRecord, LoggedEvent, ReadLimit } from "./eventLog.ts";
import type { CheckpointMode, CheckpointResult } from "./walCheckpoints.ts";

/** A channel as the database has it. `number` is its short name within the database. */
export interface ChannelRow {
  readonly number: number;
  readonly readKeyHash: Uint8Array;
  readonly createdAt: number;
  readonly nextSequence: number;
  /** Bytes of the payloads that are kept. */
  readonly keptBytes: number;
  /** null: events are kept in the clear. */
  readonly publicKey: string | null;
}

/** What went: how many events, and how many bytes of payload by the channel's number. */
export interface Removal {
  readonly count: number;
  readonly bytesOf: ReadonlyMap<number, number>;
}

const bytesSchema = v.instance(Uint8Array);
const channelRowSchema = v.object({
  number: v.number(),
  readKeyHash: bytesSchema,
  createdAt: v.number(),
  nextSequence: v.number(),
  keptBytes: v.number(),
  publicKey: v.nullable(v.string()),
});
const oldestSchema = v.object({ oldest: v.nullable(v.number()) });
const ageSchema = v.object({ arrival: v.number(), receivedAt: v.number(), channel: v.number(), bytes: v.number() });
const sizeSchema = v.object({ sequence: v.number(), bytes: v.number() });
const totalSchema = v.object({ bytes: v.number() });
const checkpointSchema = v.object({ log: v.number(), checkpointed: v.number() });

/** The statements of {@link SqliteStore}, prepared once. Transactions are the caller's. */
export class SqliteStatements {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #insertChannel: StatementSync;
  readonly #findChannel: StatementSync;
  readonly #updatePublicKey: StatementSync;
  readonly #deleteChannel: StatementSync;
  readonly #deleteEvents: StatementSync;
  readonly #updateProgress: StatementSync;
  readonly #subtractBytes: StatementSync;
  readonly #sizes: StatementSync;
  readonly #bytesBefore: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #readEvents: StatementSync;
  readonly #oldestSequence: StatementSync;
  readonly #deleteEventsBefore: StatementSync;
  readonly #byArrival: StatementSync;
  readonly #deleteArrivals: StatementSync;
  readonly #checkpoints: Readonly<Record<CheckpointMode, StatementSync>>;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql);
    this.#begin = prepare("BEGIN IMMEDIATE");
    this.#commit = prepare("COMMIT");
    this.#rollback = prepare("ROLLBACK");
    this.#insertChannel = prepare(
      "INSERT INTO channel (id, read_key_hash, created_at, next_sequence, public_key) VALUES (?, ?, ?, 1, ?)",
    );
    this.#findChannel = prepare(
      `SELECT number, read_key_hash AS readKeyHash, created_at AS createdAt, next_sequence AS nextSequence,
         public_key AS publicKey, kept_bytes AS keptBytes
       FROM channel WHERE id = ?`,
    );
    this.#updatePublicKey = prepare("UPDATE channel SET public_key = ? WHERE number = ?");
    this.#deleteChannel = prepare("DELETE FROM channel WHERE number = ?");
    this.#deleteEvents = prepare("DELETE FROM event WHERE channel = ?");
    this.#updateProgress = prepare("UPDATE channel SET next_sequence = ?, kept_bytes = ? WHERE number = ?");
    this.#subtractBytes = prepare("UPDATE channel SET kept_bytes = kept_bytes - ? WHERE number = ?");
    this.#sizes = prepare("SELECT sequence, length(payload) AS bytes FROM event WHERE channel = ? ORDER BY sequence");
    this.#bytesBefore = prepare(
      "SELECT coalesce(sum(length(payload)), 0) AS bytes FROM event WHERE channel = ? AND sequence < ?",
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
      `SELECT arrival, received_at AS receivedAt, channel, length(payload) AS bytes
       FROM event ORDER BY arrival LIMIT ?`,
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

  deleteChannel(number: number): void {
    this.#deleteEvents.run(number);
    this.#deleteChannel.run(number);
  }

  updateProgress(number: number, nextSequence: number, keptBytes: number): void {
    this.#updateProgress.run(nextSequence, keptBytes, number);
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

  /** Gives the bytes of payload that went. */
  deleteEventsBefore(number: number, sequence: number): number {
    const { bytes } = v.parse(totalSchema, this.#bytesBefore.get(number, sequence));
    this.#deleteEventsBefore.run(number, sequence);
    return bytes;
  }

  /** Removes events received before `instant`, oldest first and at most `limit`. */
  deleteOldest(instant: number, limit: number): Removal {
    const bytesOf = new Map<number, number>();
    let last: number | undefined;
    let count = 0;
    for (const row of this.#byArrival.iterate(limit)) {
      const { arrival, receivedAt, channel, bytes } = v.parse(ageSchema, row);
      if (receivedAt >= instant) break;
      bytesOf.set(channel, (bytesOf.get(channel) ?? 0) + bytes);
      last = arrival;
      count += 1;
    }
    if (last !== undefined) this.#deleteArrivals.run(last);
    for (const [channel, bytes] of bytesOf) this.#subtractBytes.run(bytes, channel);
    return { count, bytesOf };
  }
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
