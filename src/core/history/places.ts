import type { HistoryDatabase } from "./currentDatabase.ts";

/** The row of the table `place` for one channel of a relay, or of what stands in the place of one; made as needed. */
export function placeRow(database: HistoryDatabase, relay: string, channel: string): number {
  database.prepare("INSERT OR IGNORE INTO place (relay, channel) VALUES (?, ?)").run(relay, channel);
  const row = database.prepare("SELECT id FROM place WHERE relay = ? AND channel = ?").get(relay, channel);
  return Number(row?.["id"]);
}

/** Counts entries that no relay numbers: the next sequence of a place, taken. Belongs inside a transaction. */
export function takeSequence(database: HistoryDatabase, place: number): number {
  const row = database
    .prepare("UPDATE place SET last_sequence = last_sequence + 1 WHERE id = ? RETURNING last_sequence")
    .get(place);
  return Number(row?.["last_sequence"]);
}
