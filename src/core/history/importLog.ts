import type { HistoryDatabase, Statement } from "./currentDatabase.ts";
import { given } from "../../base/given.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import { factsOfPayload } from "./eventFacts.ts";
import { EventWriter } from "./eventWriter.ts";
import { isKept } from "./isKept.ts";
import { RecoveredLog, type Recovery } from "./recoveredLog.ts";
import { placeRow, takeSequence } from "./places.ts";

/** An entry of another history, or of a file of another tool. */
export type ImportedEntry = ImportedRequest | ImportedRecovery;

export interface ImportedRequest {
  readonly kind: "request";
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** An encoded captured request; the sealed bytes as they came where `unreadable`. */
  readonly payload: Uint8Array;
  readonly unreadable?: UnreadableReason | undefined;
}

export interface ImportedRecovery {
  readonly kind: "recovered";
  readonly receivedAt: number;
  readonly recovery: Recovery;
}

/** What stands in the place of a relay for what was imported. */
export const importedPlace = "imported";

/** The writing half of the history for what comes out of files. Its methods belong inside a transaction. */
export class ImportLog {
  readonly #database: HistoryDatabase;
  readonly #writer: EventWriter;
  readonly #recovered: RecoveredLog;
  readonly #find: Statement;

  constructor(database: HistoryDatabase) {
    this.#database = database;
    this.#writer = new EventWriter(database);
    this.#recovered = new RecoveredLog(database, importedPlace);
    this.#find = database.prepare(
      `SELECT 1 FROM event e JOIN payload p ON p.event = e.id
       WHERE e.received_at = ? AND p.bytes = ? AND ${isKept("e.id")}`,
    );
  }

  /**
   * Stores an entry and gives its id; undefined where it is here already, from wherever: a request with the same bytes
   * that was received in the same millisecond, or the same change in the CRM.
   */
  store(entry: ImportedEntry, now: number): number | undefined {
    if (entry.kind === "recovered") return this.#recovered.store(entry.recovery, entry.receivedAt);
    const { receivedAt, payload, unreadable } = entry;
    if (this.#find.get(receivedAt, payload) !== undefined) return undefined;
    const place = placeRow(this.#database, importedPlace, "");
    const sequence = takeSequence(this.#database, place);
    const facts = factsOfPayload({ payload, ...given({ unreadable }) });
    const at = { place, sequence, receivedAt, storedAt: now };
    return this.#writer.add({ ...at, payload, unreadable, facts: { ...facts, source: "imported" } });
  }
}
