import type { HistoryDatabase, Statement } from "./currentDatabase.ts";
import type { ShapeObserver } from "../../zoho/shapeObserver.ts";
import { factsOfPayload } from "./eventFacts.ts";
import type { Capture } from "../events/capture.ts";
import { EventWriter } from "./eventWriter.ts";
import { placeRow } from "./places.ts";
import { given } from "../../base/given.ts";
import type { GapReason, StoredRequest } from "../events/storedEvent.ts";

/** The writing half of the history for one channel of one relay. Its methods belong inside a transaction. */
export class SourceLog {
  readonly #place: number;
  readonly #writer: EventWriter;
  readonly #progress: Statement;
  readonly #advance: Statement;
  readonly #find: Statement;
  readonly #lastReset: Statement;
  readonly #markBacklog: Statement;
  readonly #shapes: ShapeObserver | undefined;

  /** `shapes` hears of deliveries whose form is not known. */
  constructor(database: HistoryDatabase, relay: string, channel: string, shapes?: ShapeObserver) {
    this.#shapes = shapes;
    this.#place = placeRow(database, relay, channel);
    this.#writer = new EventWriter(database);
    this.#progress = database.prepare("SELECT last_sequence, forgotten_through FROM place WHERE id = ?");
    this.#advance = database.prepare("UPDATE place SET last_sequence = max(last_sequence, ?) WHERE id = ?");
    this.#find = database.prepare(
      `SELECT 1 FROM event WHERE place = ?1 AND sequence = ?2 AND (gap_count > 0) = 0
       UNION ALL SELECT 1 FROM dropped WHERE place = ?1 AND sequence = ?2`,
    );
    this.#markBacklog = database.prepare("UPDATE event SET backlog = 1 WHERE id = ?");
    this.#lastReset = database.prepare(
      "SELECT max(sequence + gap_count - 1) AS last FROM event WHERE place = ? AND gap_reason = 'reset'",
    );
  }

  /** Everything up to this sequence is stored, or known to be gone. */
  lastSequence(): number {
    return Number(this.#progress.get(this.#place)?.["last_sequence"]);
  }

  /**
   * Stores events in order, less those that are here already, or were and have been dropped on purpose. Gives what it
   * stored.
   */
  store(captures: readonly Capture[], now: number): StoredRequest[] {
    const progress = this.#progress.get(this.#place);
    const forgotten = Number(progress?.["forgotten_through"]);
    let seen = Number(progress?.["last_sequence"]);
    const stored: StoredRequest[] = [];
    for (const capture of captures) {
      const { sequence } = capture;
      const isKnown = sequence <= forgotten || (sequence <= seen && this.#has(sequence));
      if (!isKnown) stored.push(this.#add(capture, now));
      seen = Math.max(seen, sequence);
    }
    if (captures.length > 0) this.#advance.run(seen, this.#place);
    return stored;
  }

  /**
   * Records that `from` to `to` are gone, less what another window has dealt with: for retention, what is stored; for a
   * reset, which is about numbers that are stored, what an earlier reset was recorded for.
   */
  recordGap(from: number, to: number, reason: GapReason, now: number): void {
    const known = reason === "reset" ? this.#lastResetSequence() : this.lastSequence();
    const first = Math.max(from, known + 1);
    if (first > to) return;
    this.#writer.add({
      place: this.#place,
      sequence: first,
      receivedAt: now,
      storedAt: now,
      gap: { count: to - first + 1, reason },
      facts: { kind: "gap", source: "gap", bytes: 0 },
    });
    this.#advance.run(to, this.#place);
  }

  #add(capture: Capture, now: number): StoredRequest {
    const { sequence, receivedAt, payload, unreadable } = capture;
    const facts = factsOfPayload(capture);
    const id = this.#writer.add({
      place: this.#place,
      sequence,
      receivedAt,
      storedAt: now,
      payload,
      unreadable,
      facts,
    });
    if (capture.isBacklog === true) this.#markBacklog.run(id);
    if (facts.odd !== undefined) this.#shapes?.note("delivery", facts.odd);
    const { source, channelId, module } = facts;
    const subject = channelId === undefined ? {} : { subject: { channelId, ...given({ module }) } };
    return { kind: "request", id, storedAt: now, source, ...capture, ...subject };
  }

  #lastResetSequence(): number {
    return Number(this.#lastReset.get(this.#place)?.["last"] ?? 0);
  }

  #has(sequence: number): boolean {
    return this.#find.get(this.#place, sequence) !== undefined;
  }
}
