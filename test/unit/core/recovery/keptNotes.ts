import type { RecoveryNotes } from "../../../../src/core/recovery/pendingRecoveries.ts";

/** Notes that outlive the windows of a test. */
export class KeptNotes implements RecoveryNotes {
  readonly #notes = new Map<string, string>();
  /** Nothing can be written, as while another process holds the file. */
  isBusy = false;
  readonly get = (key: string): string | undefined => this.#notes.get(key);
  readonly set = (key: string, value: string): void => void this.#written().set(key, value);
  readonly delete = (key: string): void => void this.#written().delete(key);
  readonly keys = (prefix: string): string[] => [...this.#notes.keys()].filter(key => key.startsWith(prefix)).sort();

  #written(): Map<string, string> {
    if (this.isBusy) throw new Error("database is locked");
    return this.#notes;
  }
}
