import type { DatabaseSync } from "node:sqlite";
import { factsOfPayload } from "./eventFacts.ts";
import { EventWriter } from "./eventWriter.ts";

/** Each body that can be a notification has one of these names in it. */
const candidates = `
  SELECT e.id, p.bytes FROM event e JOIN payload p ON p.event = e.id
  WHERE e.kind IN ('unreadable', 'other') AND e.unreadable IS NULL
    AND (instr(p.bytes, CAST('"channel_id"' AS BLOB)) > 0 OR instr(p.bytes, CAST('"server_time"' AS BLOB)) > 0)`;

/**
 * Reads entries again that an earlier version could not read as notifications, so that they are found by what the
 * inspector now shows of them. Belongs inside a transaction.
 */
export function readAgain(database: DatabaseSync): void {
  const writer = new EventWriter(database);
  for (const { id, bytes } of database.prepare(candidates).all()) {
    const facts = bytes instanceof Uint8Array ? factsOfPayload(bytes) : undefined;
    if (facts?.kind === "notification") writer.rewrite(Number(id), facts);
  }
}
