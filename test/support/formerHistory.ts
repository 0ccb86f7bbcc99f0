import type { DatabaseSync } from "node:sqlite";

/** Gives a history the form that it had before words were indexed some moments later. */
export function toFormerWords(database: DatabaseSync): void {
  database.exec("ALTER TABLE past DROP COLUMN words_through; PRAGMA user_version = 6");
}

/** Gives a history the names that it had before they were those of the code. */
export function toFormerNames(database: DatabaseSync): void {
  toFormerWords(database);
  database.exec(`
    ALTER TABLE event RENAME COLUMN source TO origin;
    ALTER TABLE event RENAME COLUMN place TO source;
    ALTER TABLE dropped RENAME COLUMN place TO source;
    ALTER TABLE place RENAME TO source;
    PRAGMA user_version = 5;
  `);
}

/** Gives a history the form that it had before entries were taken away in slices. */
export function toFormerRemoval(database: DatabaseSync): void {
  toFormerNames(database);
  database.exec(`
    DROP TABLE doomed;
    ALTER TABLE past DROP COLUMN cleared_through;
    DROP INDEX event_record_by_event;
    DROP INDEX event_field_by_event;
    PRAGMA user_version = 4;
  `);
}

/** Gives a history the tables for forwarding that it had before it had an outbox, empty, and this version. */
export function toFormerOutbox(database: DatabaseSync, version: number): void {
  toFormerRemoval(database);
  database.exec(`
    DROP TABLE forward_lane;
    DROP TABLE forward_job;
    DROP TABLE forward_window;
    ALTER TABLE event DROP COLUMN backlog;
    CREATE TABLE forward_job (
      event INTEGER PRIMARY KEY,
      owner TEXT NOT NULL,
      held INTEGER NOT NULL,
      tries INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX forward_job_by_owner ON forward_job (owner, held, event);
    PRAGMA user_version = ${version};
  `);
}
