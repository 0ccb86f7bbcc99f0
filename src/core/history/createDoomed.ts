import type { DatabaseSync } from "node:sqlite";

/**
 * What was taken away is gone for every reader at once (isKept.ts), and leaves the tables in slices (doomedEntries.ts).
 *
 * Everything up to `past.cleared_through` was cleared. `doomed` names others: each row is so many ids in a row, one bit
 * each, so that a million of them are written in one go. Records and fields are found by their event, for removing them.
 */
export function createDoomed(database: DatabaseSync): void {
  database.exec(`
    ALTER TABLE past ADD COLUMN cleared_through INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE doomed (segment INTEGER PRIMARY KEY, mask INTEGER NOT NULL) STRICT;
    CREATE INDEX event_record_by_event ON event_record (event);
    CREATE INDEX event_field_by_event ON event_field (event);
  `);
}
