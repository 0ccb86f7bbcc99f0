import type { SQLOutputValue } from "node:sqlite";
import * as v from "valibot";
import { type Handling, type Operation, eventSources, handlingSchema } from "../../protocol/event.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import type { GapReason, RequestSubject, StoredEvent } from "../events/storedEvent.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;

/** What {@link toStoredEvent} reads; ends before any condition. */
export const storedColumns = `
  e.id, e.sequence, e.received_at, e.stored_at, e.source, e.kind, e.gap_count, e.gap_reason, e.zoho_channel, e.module,
  e.unreadable, e.operation, e.record, e.changed_at, e.parent, e.pinned, e.handling, e.status, e.latency, e.attempts,
  e.problem, e.backlog, p.bytes AS payload
  FROM event e LEFT JOIN payload p ON p.event = e.id`;

/** One row of the tables `event` and `payload` as the entry that it is; `recent` is its payload where that is at hand. */
export function toStoredEvent(row: Row, recent?: Uint8Array): StoredEvent {
  const entry = entryOf(row);
  if (row["kind"] === "gap") {
    return { kind: "gap", ...entry, count: Number(row["gap_count"]), reason: toGapReason(row["gap_reason"]) };
  }
  const payload = recent ?? toBytes(row["payload"]);
  if (row["kind"] !== "recovered") {
    return { kind: "request", ...entry, payload, ...unreadableOf(row), ...subjectOf(row), ...placeOf(row) };
  }
  return {
    ...{ kind: "recovered", ...entry, payload },
    operation: toOperation(row["operation"]),
    recordId: String(row["record"]),
    changedAt: Number(row["changed_at"]),
    subject: { channelId: String(row["zoho_channel"]), module: String(row["module"]) },
  };
}

function entryOf(row: Row): Pick<StoredEvent, "id" | "sequence" | "receivedAt" | "storedAt" | "source"> {
  return {
    id: Number(row["id"]),
    sequence: Number(row["sequence"]),
    receivedAt: Number(row["received_at"]),
    storedAt: Number(row["stored_at"]),
    source: eventSources.find(source => source === row["source"]) ?? "delivered",
    ...(Number(row["pinned"]) > 0 ? { pinned: true } : {}),
    ...handlingOf(row),
  };
}

function handlingOf(row: Row): { handling?: Handling } {
  if (row["handling"] === null) return {};
  const { handling: state, status, latency, attempts, problem } = row;
  const columns = { state, attempts, status, milliseconds: latency, problem };
  const parsed = v.safeParse(handlingSchema, withoutNulls(columns));
  return parsed.success ? { handling: parsed.output } : {};
}

/** What the database has no value for is left out. */
export function withoutNulls(columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null && value !== undefined));
}

function toOperation(value: SQLOutputValue | undefined): Operation {
  return value === "create" || value === "delete" ? value : "edit";
}

function unreadableOf({ unreadable }: Row): { unreadable?: UnreadableReason } {
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

function subjectOf({ zoho_channel: channelId, module }: Row): { subject?: RequestSubject } {
  if (typeof channelId !== "string") return {};
  return { subject: { channelId, ...(typeof module === "string" ? { module } : {}) } };
}

function placeOf({ parent, backlog }: Row): { parentId?: number; isBacklog?: true } {
  return {
    ...(parent === null ? {} : { parentId: Number(parent) }),
    ...(Number(backlog) > 0 ? { isBacklog: true } : {}),
  };
}
