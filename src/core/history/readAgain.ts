import type { DatabaseSync } from "node:sqlite";
import { factsOfPayload } from "./eventFacts.ts";
import { EventWriter } from "./eventWriter.ts";

/** The next entry after an id. Each body that can be a notification has one of these names in it. */
const nextCandidate = `
  SELECT e.id, p.bytes FROM event e JOIN payload p ON p.event = e.id
  WHERE e.id > ? AND e.kind IN ('unreadable', 'other') AND e.unreadable IS NULL
    AND (instr(p.bytes, CAST('"channel_id"' AS BLOB)) > 0 OR instr(p.bytes, CAST('"server_time"' AS BLOB)) > 0)
  ORDER BY e.id LIMIT 1`;

/**
 * Reads entries again that an earlier version could not read as notifications, so that they are found by what the
 * inspector now shows of them. Belongs inside a transaction. One body is in memory at a time: all may be a gigabyte.
 */
export function readAgain(database: DatabaseSync): void {
  const writer = new EventWriter(database);
  const next = database.prepare(nextCandidate);
  for (let row = next.get(0); row !== undefined; row = next.get(Number(row["id"]))) {
    const { id, bytes } = row;
    const facts = bytes instanceof Uint8Array ? factsOfPayload({ payload: bytes }) : undefined;
    if (facts?.kind === "notification") writer.rewrite(Number(id), facts);
  }
}
