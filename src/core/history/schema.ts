import type { DatabaseSync } from "node:sqlite";
import { createDoomed } from "./createDoomed.ts";
import { createOutbox } from "./createOutbox.ts";
import { createWordsBehind } from "./createWordsBehind.ts";
import { inTransaction } from "../windows/transaction.ts";
import { readAgain } from "./readAgain.ts";
import { renamePlaces } from "./renamePlaces.ts";

/**
 * One step per schema version; step n takes a database from version n to n + 1. Steps that were released are never
 * edited, only added to.
 *
 * `place` (at first `source`) is one channel of one relay, or a place on this machine that entries come from. Of it, everything up to
 * `last_sequence` has been dealt with, and what is not after `forgotten_through` was dropped on purpose (cleared, or
 * beyond retention) and is not to come back; `dropped` names what was deleted after that one by one.
 *
 * `event` has all that a list is filtered and sorted by, and is narrow, so that looking through all of it is quick.
 * Record ids, names of changed fields and words of the text are found the other way round, from what is searched for to
 * the events, in tables of their own (of an event with very many, the first thousand). (The index of words is put in order less often than usual: storing costs less, and searching no
 * more that is felt.) `token` is the beginning of
 * the digest of what a notification proves itself by. `record` is the first of the event's records; `bytes` is the size of what was
 * sent. `revision` counts changes over all events: it is that of the event's last one, 0 for one that never changed.
 *
 * `forward_rule` is how far a forwarding rule has come; what is to be sent is in the tables of createOutbox.ts.
 *
 * `past` is what all windows agree on: how often entries were taken away, and changed. What arrived up to
 * `forgotten_until` may have been taken away, so that nobody can say any more what was delivered. `erasure` is up to which
 * of the times that entries were taken away nothing of them is left in the files. How they are taken away: createDoomed.ts.
 */
const steps: readonly ((database: DatabaseSync) => void)[] = [
  createTables,
  readAgain,
  createErasure,
  createOutbox,
  createDoomed,
  renamePlaces,
  createWordsBehind,
];

const tables = `
  CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    relay TEXT NOT NULL,
    channel TEXT NOT NULL,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    forgotten_through INTEGER NOT NULL DEFAULT 0,
    UNIQUE (relay, channel)
  ) STRICT;

  CREATE TABLE dropped (
    source INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (source, sequence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    gap_count INTEGER NOT NULL DEFAULT 0,
    gap_reason TEXT,
    received_at INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    origin TEXT NOT NULL,
    kind TEXT NOT NULL,
    unreadable TEXT,
    operation TEXT,
    module TEXT COLLATE NOCASE,
    zoho_channel TEXT COLLATE NOCASE,
    record TEXT,
    changed_at INTEGER,
    token TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    parent INTEGER,
    pinned INTEGER NOT NULL DEFAULT 0,
    handling TEXT,
    status INTEGER,
    latency INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    revision INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX event_by_sequence ON event (source, sequence, gap_count > 0, gap_reason IS 'reset');
  CREATE INDEX event_by_channel ON event (zoho_channel, module) WHERE zoho_channel IS NOT NULL;
  CREATE UNIQUE INDEX event_by_recovery ON event (zoho_channel, module, record, operation, changed_at)
    WHERE kind = 'recovered';
  CREATE INDEX event_by_arrival ON event (received_at);
  CREATE INDEX event_by_revision ON event (revision) WHERE revision > 0;
  CREATE INDEX event_by_pin ON event (id) WHERE pinned > 0;
  CREATE INDEX event_under_way ON event (handling) WHERE handling IN ('held', 'queued', 'sending', 'waiting');

  CREATE TABLE payload (
    event INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE event_record (
    record TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (record, event)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE event_field (
    field TEXT NOT NULL COLLATE NOCASE,
    event INTEGER NOT NULL,
    PRIMARY KEY (field, event)
  ) STRICT, WITHOUT ROWID;

  CREATE VIRTUAL TABLE event_text USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
  );
  INSERT INTO event_text (event_text, rank) VALUES ('automerge', 8);

  CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL,
    origin TEXT NOT NULL,
    target TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    milliseconds INTEGER,
    status INTEGER,
    problem TEXT,
    headers TEXT,
    answer TEXT,
    answer_bytes INTEGER
  ) STRICT;
  CREATE INDEX attempt_by_event ON attempt (event);

  CREATE TABLE forward_rule (
    key TEXT PRIMARY KEY,
    seen_through INTEGER NOT NULL,
    alive_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE forward_job (
    event INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    held INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX forward_job_by_owner ON forward_job (owner, held, event);

  CREATE TABLE past (
    changes INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    forgotten_until INTEGER NOT NULL
  ) STRICT;
  INSERT INTO past (changes, revision, forgotten_until) VALUES (0, 0, 0);
  `;

function createTables(database: DatabaseSync): void {
  database.exec(tables);
}

function createErasure(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS erasure (through INTEGER NOT NULL) STRICT;
    INSERT INTO erasure SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM erasure);
  `);
}

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
    for (const step of steps.slice(version)) step(database);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}
