import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { InspectorFilter, Operation } from "../../protocol/inspector.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import type { GapReason, StoredEvent, StoredRecovery } from "./storedEvent.ts";

const columns = `
  e.id, e.sequence, e.received_at, e.gap_count, e.gap_reason, e.zoho_channel, e.module, e.unreadable, e.recovered,
  e.record, e.changed_at, p.bytes
  FROM event e LEFT JOIN payload p ON p.event = e.id`;

/** A filter's condition on the table `event`, one for each form of filter, so that each finds its index. */
const conditions = {
  all: "true",
  channel: "zoho_channel = :channel",
  module: "zoho_channel = :channel AND module = :module",
} as const;

/** The list that a filter makes: which condition, and with what values. */
function selectionOf(filter: InspectorFilter | undefined): Selection {
  if (filter === undefined) return { condition: "all", values: {} };
  const { channelId: channel, module } = filter;
  return module === undefined
    ? { condition: "channel", values: { channel } }
    : { condition: "module", values: { channel, module } };
}

interface Selection {
  readonly condition: keyof typeof conditions;
  readonly values: Record<string, SQLInputValue>;
}

/** Reading queries of the history, prepared once. Lists are in order of id, oldest first. */
export class EventStatements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  count(filter?: InspectorFilter): number {
    const { condition, values } = selectionOf(filter);
    return this.#number(`SELECT count(*) AS n FROM event WHERE ${conditions[condition]}`, values);
  }

  page(offset: number, limit: number, filter?: InspectorFilter): StoredEvent[] {
    const { condition, values } = selectionOf(filter);
    const ids = `SELECT id FROM event WHERE ${conditions[condition]} ORDER BY id LIMIT :limit OFFSET :offset`;
    return this.#events(`SELECT ${columns} WHERE e.id IN (${ids}) ORDER BY e.id`, { ...values, limit, offset });
  }

  /** Up to `limit` entries stored after `id`. */
  after(id: number, limit: number): StoredEvent[] {
    return this.#events(`SELECT ${columns} WHERE e.id > :id ORDER BY e.id LIMIT :limit`, { id, limit });
  }

  get(id: number): StoredEvent | undefined {
    return this.#events(`SELECT ${columns} WHERE e.id = :id`, { id })[0];
  }

  /** How many entries of the filtered list come before `id`. */
  countBefore(id: number, filter?: InspectorFilter): number {
    const { condition, values } = selectionOf(filter);
    const sql = `SELECT count(*) AS n FROM event WHERE ${conditions[condition]} AND id < :id`;
    return this.#number(sql, { ...values, id });
  }

  /** The newest id, or 0 when there is none. */
  newestId(): number {
    return this.#number("SELECT ifnull(max(id), 0) AS n FROM event");
  }

  /** The oldest id, or 0 when there is none. */
  oldestId(): number {
    return this.#number("SELECT ifnull(min(id), 0) AS n FROM event");
  }

  /** Counts how often entries were taken away, by any window. */
  changesOfPast(): number {
    return this.#number("SELECT changes AS n FROM past");
  }

  /** See the schema's `forgotten_until`. */
  forgottenUntil(): number {
    return this.#number("SELECT forgotten_until AS n FROM past");
  }

  /** Changes whenever another window has written. */
  dataVersion(): unknown {
    return this.#prepare("PRAGMA data_version").get()?.["data_version"];
  }

  #number(sql: string, values: Record<string, SQLInputValue> = {}): number {
    return Number(this.#prepare(sql).get(values)?.["n"]);
  }

  #events(sql: string, values: Record<string, SQLInputValue>): StoredEvent[] {
    return this.#prepare(sql).all(values).map(toStoredEvent);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

function toStoredEvent(row: Record<string, SQLOutputValue>): StoredEvent {
  const place = {
    id: Number(row["id"]),
    sequence: Number(row["sequence"]),
    receivedAt: Number(row["received_at"]),
  };
  if (row["recovered"] !== null) return { kind: "recovered", ...place, ...recoveryOf(row) };
  const count = Number(row["gap_count"]);
  return count > 0
    ? { kind: "gap", ...place, count, reason: toGapReason(row["gap_reason"]) }
    : { kind: "request", ...place, payload: toBytes(row["bytes"]), ...unreadableOf(row), ...subjectOf(row) };
}

function recoveryOf(
  row: Record<string, SQLOutputValue>,
): Omit<StoredRecovery, "kind" | "id" | "sequence" | "receivedAt"> {
  return {
    operation: toOperation(row["recovered"]),
    recordId: String(row["record"]),
    changedAt: Number(row["changed_at"]),
    subject: { channelId: String(row["zoho_channel"]), module: String(row["module"]) },
    payload: toBytes(row["bytes"]),
  };
}

function toOperation(value: SQLOutputValue | undefined): Operation {
  return value === "create" || value === "delete" ? value : "edit";
}

function unreadableOf({ unreadable }: Record<string, SQLOutputValue>): { unreadable?: UnreadableReason } {
  if (typeof unreadable !== "string") return {};
  return { unreadable: unreadable === "no-key" ? "no-key" : "damaged" };
}

function toGapReason(value: SQLOutputValue | undefined): GapReason {
  return value === "reset" ? "reset" : "retention";
}

/** A payload that is missing (a damaged file) reads as empty, which the presenter shows as unreadable. */
function toBytes(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function subjectOf(row: Record<string, SQLOutputValue>): { subject?: { channelId: string; module: string } } {
  const { zoho_channel: channelId, module } = row;
  return typeof channelId === "string" && typeof module === "string" ? { subject: { channelId, module } } : {};
}
