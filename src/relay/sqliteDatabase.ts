import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataDirectoryInUseError } from "./eventLog.ts";

const fileName = "relay.db";
const schemaVersion = 7;
/**
 * Of a new file; one that an earlier relay made keeps its 4 KiB. Two sealed notifications, or five: with the larger ones
 * less of each page is left over, and half as many calls to the system write and bring in the same events.
 */
const pageBytes = 8_192;

/**
 * By when events had come in, and how old the log is (see sqliteAges.ts): since it was made, when it was seen last, up to
 * which arrival events were there when it was opened, and how long it had been stopped then.
 */
const agesSchema = `
  CREATE TABLE passed (arrival INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE log_age (
    age INTEGER NOT NULL,
    seen INTEGER,
    start INTEGER NOT NULL,
    stopped INTEGER NOT NULL
  ) STRICT;
  INSERT INTO log_age VALUES (0, NULL, 0, 0);
`;

/**
 * Events lie in order of arrival over all channels, so that writing costs the same with one channel as with ten
 * thousand, and the oldest are found without an index on time. A channel is read through its index.
 */
const schema = `
  CREATE TABLE channel (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    read_key_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    next_sequence INTEGER NOT NULL,
    public_key TEXT,
    kept_bytes INTEGER NOT NULL DEFAULT 0,
    kept_events INTEGER NOT NULL DEFAULT 0,
    answer TEXT,
    readers TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE TABLE event (
    arrival INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    scheme INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX event_by_sequence ON event (channel, sequence);
  ${agesSchema}
`;

/** The first takes a database from version 1 to 2, and so on. Released ones are never edited, only added to. */
const migrations: readonly string[] = [
  "ALTER TABLE channel ADD COLUMN public_key TEXT",
  `ALTER TABLE channel ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0;
   UPDATE channel SET kept_bytes =
     (SELECT coalesce(sum(length(payload)), 0) FROM event WHERE event.channel = channel.number);`,
  `ALTER TABLE channel ADD COLUMN kept_events INTEGER NOT NULL DEFAULT 0;
   UPDATE channel SET kept_events = (SELECT count(*) FROM event WHERE event.channel = channel.number);`,
  "ALTER TABLE channel ADD COLUMN answer TEXT",
  "ALTER TABLE channel ADD COLUMN readers TEXT NOT NULL DEFAULT '[]'",
  // Of what came in before, the wall clock is all that says when.
  `${agesSchema}
   INSERT INTO passed (arrival, at)
   SELECT arrival, max(at) OVER (ORDER BY arrival) FROM (
     SELECT max(arrival) AS arrival, min(0, max(received_at) - unixepoch() * 1000) AS at
     FROM event GROUP BY received_at / 60000
   );`,
];

/**
 * Opens the relay's database in `directory`, and creates both where they are missing. The lock is held as long as the
 * database is open and falls with the process, however that ends; a second one gets {@link DataDirectoryInUseError}.
 * What would make the file larger than `maxBytes` fails as on a full disk.
 */
export function openRelayDatabase(directory: string, maxBytes: number): DatabaseSync {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(directory, fileName), { timeout: 0 });
  try {
    prepare(database);
    limitSize(database, maxBytes);
    return database;
  } catch (error) {
    database.close();
    throw isBusy(error) ? new DataDirectoryInUseError(directory, error) : error;
  }
}

function prepare(database: DatabaseSync): void {
  database.exec(`PRAGMA page_size = ${pageBytes}`);
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  // What is removed is overwritten, a fifth more to write once retention removes as much as comes in.
  database.exec("PRAGMA secure_delete = ON");
  // Not as part of a commit: WalCheckpoints says when.
  database.exec("PRAGMA wal_autocheckpoint = 0");
  database.exec("BEGIN IMMEDIATE");
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (found > schemaVersion) throw new Error(`The database is of a newer relay (schema ${found})`);
  if (found === 0) database.exec(schema);
  else for (const step of migrations.slice(found - 1)) database.exec(step);
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  database.exec("COMMIT");
}

/** Bytes in a page of the database. */
export function pageSizeOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA page_size").get()?.["page_size"]);
}

function limitSize(database: DatabaseSync, maxBytes: number): void {
  const pageSize = pageSizeOf(database);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}

const busyResultCodes = [5, 6];

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return busyResultCodes.includes(error.errcode & 0xff);
}
