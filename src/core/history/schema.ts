import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "./transaction.ts";

/**
 * One step per schema version; step n takes a database from version n to n + 1. Steps that were released are never
 * edited, only added to.
 *
 * Payloads have a table of their own, so that finding the row at an offset walks over narrow entries only.
 * `source` is one channel of one relay. Of it, everything up to `last_sequence` has been dealt with, and what is not
 * after `forgotten_through` was dropped on purpose (cleared, or beyond retention) and is not to come back.
 */
const steps: readonly string[] = [
  `
  CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    relay TEXT NOT NULL,
    channel TEXT NOT NULL,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    forgotten_through INTEGER NOT NULL DEFAULT 0,
    UNIQUE (relay, channel)
  ) STRICT;

  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES source (id),
    sequence INTEGER NOT NULL,
    gap_count INTEGER NOT NULL DEFAULT 0,
    gap_reason TEXT,
    received_at INTEGER NOT NULL,
    zoho_channel TEXT,
    module TEXT
  ) STRICT;
  CREATE UNIQUE INDEX event_by_sequence ON event (source, sequence, gap_count > 0);
  CREATE INDEX event_by_channel ON event (zoho_channel) WHERE zoho_channel IS NOT NULL;
  CREATE INDEX event_by_module ON event (zoho_channel, module) WHERE zoho_channel IS NOT NULL;

  CREATE TABLE payload (
    event INTEGER PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE past (changes INTEGER NOT NULL) STRICT;
  INSERT INTO past (changes) VALUES (0);
  `,
  // Why a sealed event could not be opened. A reset may cover numbers that a gap for retention begins with as well.
  `
  ALTER TABLE event ADD COLUMN unreadable TEXT;
  DROP INDEX event_by_sequence;
  CREATE UNIQUE INDEX event_by_sequence ON event (source, sequence, gap_count > 0, gap_reason IS 'reset');
  `,
  // Changes that were found in the CRM, as nobody was told of them. Each is found by what it is, so none is there twice.
  // What arrived up to `forgotten_until` may have been taken away, so that nobody can say any more what was delivered.
  `
  ALTER TABLE event ADD COLUMN recovered TEXT;
  ALTER TABLE event ADD COLUMN record TEXT;
  ALTER TABLE event ADD COLUMN changed_at INTEGER;
  CREATE UNIQUE INDEX event_by_recovery ON event (zoho_channel, module, record, recovered, changed_at)
    WHERE recovered IS NOT NULL;
  ALTER TABLE past ADD COLUMN forgotten_until INTEGER NOT NULL DEFAULT 0;
  `,
];

/** The schema that this version of the product reads and writes. */
export const schemaVersion = steps.length;

/** The database was written by a later version of the product than this one. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";
}

/** Brings `database` to {@link schemaVersion} in one transaction; several windows may try at once. */
export function migrate(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return;
  inTransaction(database, () => {
    const version = versionOf(database);
    if (version > schemaVersion) throw new NewerSchemaError(`schema version ${version}`);
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}
