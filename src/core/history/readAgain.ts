import type { DatabaseSync } from "node:sqlite";
import { type EventFacts, factsOfPayload } from "./eventFacts.ts";

/** The next entry after an id. Each body that can be a notification has one of these names in it. */
const nextCandidate = `
  SELECT e.id, p.bytes FROM event e JOIN payload p ON p.event = e.id
  WHERE e.id > ? AND e.kind IN ('unreadable', 'other') AND e.unreadable IS NULL
    AND (instr(p.bytes, CAST('"channel_id"' AS BLOB)) > 0 OR instr(p.bytes, CAST('"server_time"' AS BLOB)) > 0)
  ORDER BY e.id LIMIT 1`;

/**
 * Reads entries again that an earlier version could not read as notifications, so that they are found by what the
 * inspector now shows of them. Belongs inside a transaction. One body is in memory at a time: all may be a gigabyte.
 * Columns have the names here that they had then.
 */
export function readAgain(database: DatabaseSync): void {
  const next = database.prepare(nextCandidate);
  for (let row = next.get(0); row !== undefined; row = next.get(Number(row["id"]))) {
    const { id, bytes } = row;
    const facts = bytes instanceof Uint8Array ? factsOfPayload({ payload: bytes }) : undefined;
    if (facts?.kind === "notification") rewrite(database, Number(id), facts);
  }
}

/** All that an entry is found by, but for its text. */
function rewrite(database: DatabaseSync, id: number, facts: EventFacts): void {
  const { kind, source, operation = null, module = null, channelId = null, token = null } = facts;
  const { recordIds = [], fields = [] } = facts;
  database
    .prepare(
      `UPDATE event SET kind = ?, operation = ?, module = ?, zoho_channel = ?, record = ?, token = ?,
         origin = CASE origin WHEN 'webhook' THEN ? ELSE origin END WHERE id = ?`,
    )
    .run(kind, operation, module, channelId, recordIds[0] ?? null, token, source, id);
  const addRecord = database.prepare("INSERT OR IGNORE INTO event_record (record, event) VALUES (?, ?)");
  for (const record of recordIds) addRecord.run(record, id);
  const addField = database.prepare("INSERT OR IGNORE INTO event_field (field, event) VALUES (?, ?)");
  for (const field of fields) addField.run(field, id);
}
