import type { DatabaseSync } from "node:sqlite";

/**
 * Names mean in the database what they mean in the code: an event's `place` is the channel, or the spot on this machine,
 * that it comes from, and its `source` is what it is by that. Both had other names before.
 */
export function renamePlaces(database: DatabaseSync): void {
  database.exec(`
    ALTER TABLE source RENAME TO place;
    ALTER TABLE dropped RENAME COLUMN source TO place;
    ALTER TABLE event RENAME COLUMN source TO place;
    ALTER TABLE event RENAME COLUMN origin TO source;
  `);
}
