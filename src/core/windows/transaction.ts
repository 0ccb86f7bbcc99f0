import type { DatabaseSync } from "node:sqlite";

/** Runs `work` as one write that happens wholly or not at all; other windows' writes wait for it. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** After some failures (a full disk) SQLite has rolled back by itself, and says so by failing here. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // The error that led here is the one to report.
  }
}
