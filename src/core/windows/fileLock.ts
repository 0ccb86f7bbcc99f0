import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Runs `work` while no other process of this machine runs anything under the same `lockFile`, after waiting at most
 * `wait` milliseconds for it. The lock is SQLite's on that file, so the system gives it back when a process dies. Throws
 * where it cannot be had.
 */
export function withFileLock<T>(lockFile: string, wait: number, work: () => T): T {
  const lock = lockedFile(lockFile, wait);
  try {
    return work();
  } finally {
    lock.close();
  }
}

function lockedFile(file: string, wait: number): DatabaseSync {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(file);
  try {
    lock.exec(`PRAGMA busy_timeout = ${wait}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
