/** What a transaction needs of a database. */
interface Executing {
  exec(sql: string): void;
}

/** Runs `work` as one write that happens wholly or not at all; other windows' writes wait for it. */
export function inTransaction<T>(database: Executing, work: () => T): T {
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
function rollBack(database: Executing): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // The error that led here is the one to report.
  }
}
