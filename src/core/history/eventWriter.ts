import type { SQLInputValue } from "node:sqlite";
import type { HistoryDatabase, Statement } from "./currentDatabase.ts";
import type { EventFacts } from "./eventFacts.ts";
import type { GapReason } from "../events/storedEvent.ts";

/** An entry as it is written: its place, what is kept of it, and what it is found by. */
export interface NewEntry {
  /** The row of the table `place`. */
  readonly place: number;
  readonly sequence: number;
  readonly receivedAt: number;
  readonly storedAt: number;
  readonly facts: EventFacts;
  /** Undefined for a gap. */
  readonly payload?: Uint8Array;
  readonly gap?: { readonly count: number; readonly reason: GapReason };
  readonly unreadable?: string | undefined;
  readonly changedAt?: number;
  readonly parentId?: number | undefined;
}

const columns = [
  ...["place", "sequence", "gap_count", "gap_reason", "received_at", "stored_at", "source", "kind", "unreadable"],
  ...["operation", "module", "zoho_channel", "record", "changed_at", "token", "bytes", "parent"],
];

/** Writes entries with all that belongs to them, but for their words (wordIndex.ts). Its methods belong inside a transaction. */
export class EventWriter {
  readonly #insertEvent: Statement;
  readonly #insertPayload: Statement;
  readonly #insertRecord: Statement;
  readonly #insertField: Statement;

  constructor(database: HistoryDatabase) {
    const marks = columns.map(() => "?").join(", ");
    this.#insertEvent = database.prepare(`INSERT INTO event (${columns.join(", ")}) VALUES (${marks})`);
    this.#insertPayload = database.prepare("INSERT INTO payload (event, bytes) VALUES (?, ?)");
    this.#insertRecord = database.prepare("INSERT OR IGNORE INTO event_record (record, event) VALUES (?, ?)");
    this.#insertField = database.prepare("INSERT OR IGNORE INTO event_field (field, event) VALUES (?, ?)");
  }

  /** Adds an entry and gives its id. */
  add(entry: NewEntry): number {
    const id = Number(this.#insertEvent.run(...valuesOf(entry)).lastInsertRowid);
    const { payload, facts } = entry;
    if (payload !== undefined) this.#insertPayload.run(id, payload);
    this.#insertNames(id, facts);
    return id;
  }

  #insertNames(id: number, { recordIds = [], fields = [] }: EventFacts): void {
    for (const record of recordIds) this.#insertRecord.run(record, id);
    for (const field of fields) this.#insertField.run(field, id);
  }
}

function subjectOf({ operation, module, channelId, recordIds }: EventFacts): SQLInputValue[] {
  return [operation ?? null, module ?? null, channelId ?? null, recordIds?.[0] ?? null];
}

/** In the order of {@link columns}. */
function valuesOf({ facts, gap, ...entry }: NewEntry): SQLInputValue[] {
  return [
    ...[entry.place, entry.sequence, gap?.count ?? 0, gap?.reason ?? null, entry.receivedAt, entry.storedAt],
    ...[facts.source, facts.kind, entry.unreadable ?? null],
    ...subjectOf(facts),
    ...[entry.changedAt ?? null, facts.token ?? null, facts.bytes, entry.parentId ?? null],
  ];
}
