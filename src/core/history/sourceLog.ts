import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import type { GapReason, NotificationSubject } from "./storedEvent.ts";

/** What the relay delivers for storing: `payload` is an encoded captured request, unless it is sealed and unreadable. */
export interface Capture {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly payload: Uint8Array;
  readonly unreadable?: UnreadableReason;
}

/** The writing half of the history for one channel of one relay. Its methods belong inside a transaction. */
export class SourceLog {
  readonly #source: number;
  readonly #progress: StatementSync;
  readonly #advance: StatementSync;
  readonly #find: StatementSync;
  readonly #lastReset: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #insertPayload: StatementSync;

  constructor(database: DatabaseSync, relay: string, channel: string) {
    this.#source = findSource(database, relay, channel);
    this.#progress = database.prepare("SELECT last_sequence, forgotten_through FROM source WHERE id = ?");
    this.#advance = database.prepare("UPDATE source SET last_sequence = max(last_sequence, ?) WHERE id = ?");
    this.#find = database.prepare("SELECT id FROM event WHERE source = ? AND sequence = ? AND (gap_count > 0) = 0");
    this.#lastReset = database.prepare(
      "SELECT max(sequence + gap_count - 1) AS last FROM event WHERE source = ? AND gap_reason = 'reset'",
    );
    this.#insertEvent = database.prepare(
      `INSERT INTO event (source, sequence, gap_count, gap_reason, received_at, zoho_channel, module, unreadable)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertPayload = database.prepare("INSERT INTO payload (event, bytes) VALUES (?, ?)");
  }

  /** Everything up to this sequence is stored, or known to be gone. */
  lastSequence(): number {
    return Number(this.#progress.get(this.#source)?.["last_sequence"]);
  }

  /** Stores one event, unless it is here already, or was and has been dropped on purpose. */
  store(capture: Capture, subject: NotificationSubject | undefined): void {
    if (capture.sequence <= this.#forgottenThrough() || this.#has(capture.sequence)) return;
    const { sequence, receivedAt, payload, unreadable } = capture;
    const contentColumns = [subject?.channelId ?? null, subject?.module ?? null, unreadable ?? null];
    const added = this.#insertEvent.run(this.#source, sequence, 0, null, receivedAt, ...contentColumns);
    this.#insertPayload.run(added.lastInsertRowid, payload);
    this.#advance.run(sequence, this.#source);
  }

  /**
   * Records that `from` to `to` are gone, less what another window has dealt with: for retention, what is stored; for a
   * reset, which is about numbers that are stored, what an earlier reset was recorded for.
   */
  recordGap(from: number, to: number, reason: GapReason, now: number): void {
    const known = reason === "reset" ? this.#lastResetSequence() : this.lastSequence();
    const first = Math.max(from, known + 1);
    if (first > to) return;
    this.#insertEvent.run(this.#source, first, to - first + 1, reason, now, null, null, null);
    this.#advance.run(to, this.#source);
  }

  #lastResetSequence(): number {
    return Number(this.#lastReset.get(this.#source)?.["last"] ?? 0);
  }

  #has(sequence: number): boolean {
    return this.#find.get(this.#source, sequence) !== undefined;
  }

  #forgottenThrough(): number {
    return Number(this.#progress.get(this.#source)?.["forgotten_through"]);
  }
}

function findSource(database: DatabaseSync, relay: string, channel: string): number {
  database.prepare("INSERT OR IGNORE INTO source (relay, channel) VALUES (?, ?)").run(relay, channel);
  const row = database.prepare("SELECT id FROM source WHERE relay = ? AND channel = ?").get(relay, channel);
  return Number(row?.["id"]);
}
