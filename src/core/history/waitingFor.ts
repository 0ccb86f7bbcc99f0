import type { HistoryDatabase } from "./currentDatabase.ts";
import { busyTimeout } from "./openDatabase.ts";

/** Runs `work`, which waits for what others write for so long (milliseconds) instead of {@link busyTimeout}. */
export function waitingFor<T>(database: HistoryDatabase, timeout: number, work: () => T): T {
  if (timeout === busyTimeout) return work();
  database.exec(`PRAGMA busy_timeout = ${timeout}`);
  try {
    return work();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
  }
}
