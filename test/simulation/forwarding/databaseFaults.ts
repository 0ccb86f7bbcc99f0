import { DatabaseSync } from "node:sqlite";

/** What a database that cannot be written says. */
export const databaseFaults = {
  "database locked": "database is locked",
  "disk full": "database or disk is full",
} as const;
export type DatabaseFault = keyof typeof databaseFaults;

/**
 * Runs `work` with databases whose transactions may fail: as they begin, where another has it locked, and as they end, on
 * a full disk. The product opens its databases itself.
 */
export async function withDatabaseFaults<T>(
  strikes: (fault: DatabaseFault) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const original = Reflect.getOwnPropertyDescriptor(DatabaseSync.prototype, "exec");
  if (original === undefined) throw new Error("DatabaseSync has no exec");
  const faultOf = new Map<string, DatabaseFault>([
    ["BEGIN IMMEDIATE", "database locked"],
    ["COMMIT", "disk full"],
  ]);
  const exec: unknown = original.value;
  Object.defineProperty(DatabaseSync.prototype, "exec", {
    ...original,
    value(this: DatabaseSync, sql: string): void {
      const fault = faultOf.get(sql);
      if (fault !== undefined && strikes(fault)) throw new Error(databaseFaults[fault]);
      Reflect.apply(exec as (sql: string) => void, this, [sql]);
    },
  });
  try {
    return await work();
  } finally {
    Object.defineProperty(DatabaseSync.prototype, "exec", original);
  }
}

/** Whether it is one of the faults that are injected: whoever asked for something sees it, and asks again. */
export function isDatabaseFault(error: unknown): boolean {
  return error instanceof Error && saysFault(error.message);
}

/** The same of a line of the log. */
export function saysFault(message: string): boolean {
  return Object.values(databaseFaults).some(fault => message.includes(fault));
}
