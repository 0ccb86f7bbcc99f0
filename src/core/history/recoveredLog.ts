import type { HistoryDatabase, Statement } from "./currentDatabase.ts";
import type { Operation } from "../../protocol/event.ts";
import { utf8Encode } from "../../base/bytes.ts";
import { DoomedEntries } from "./doomedEntries.ts";
import type { EventFacts } from "./eventFacts.ts";
import { EventWriter } from "./eventWriter.ts";
import { type RecoveredPayload, encodeRecoveredPayload, recordText } from "../events/recoveredPayload.ts";
import { placeRow, takeSequence } from "./places.ts";
import type { NotificationSubject } from "../events/storedEvent.ts";

/** A change that was found in the CRM itself, as nobody was told of it. */
export interface Recovery extends NotificationSubject {
  readonly operation: Operation;
  readonly recordId: string;
  /** The CRM's time of the change: milliseconds since 1970. */
  readonly changedAt: number;
  readonly payload: RecoveredPayload;
}

/** What stands in the place of a relay for what was recovered. */
export const recoveredPlace = "recovered";

/** The writing half of the history for what is recovered over one connection. Its methods belong inside a transaction. */
export class RecoveredLog {
  readonly #database: HistoryDatabase;
  readonly #connection: string;
  readonly #writer: EventWriter;
  readonly #doomed: DoomedEntries;
  readonly #find: Statement;

  constructor(database: HistoryDatabase, connectionId: string) {
    this.#database = database;
    this.#connection = connectionId;
    this.#writer = new EventWriter(database);
    this.#doomed = new DoomedEntries(database);
    this.#find = database.prepare(
      `SELECT id FROM event WHERE kind = 'recovered'
       AND zoho_channel = ? AND module = ? AND record = ? AND operation = ? AND changed_at = ?`,
    );
  }

  /** Stores a change and gives its id; undefined where the same change of the same channel is here already. */
  store(recovery: Recovery, now: number): number | undefined {
    const { channelId, module, operation, recordId, changedAt, payload } = recovery;
    const same = this.#find.get(channelId, module, recordId, operation, changedAt)?.["id"];
    if (same !== undefined && !this.#doomed.has(Number(same))) return undefined;
    // No two rows are of the same change: the one that was taken away goes before its time.
    if (same !== undefined) this.#doomed.takeOut([Number(same)]);
    const place = placeRow(this.#database, recoveredPlace, this.#connection);
    const sequence = takeSequence(this.#database, place);
    const at = { place, sequence, receivedAt: now, storedAt: now, changedAt };
    return this.#writer.add({ ...at, payload: encodeRecoveredPayload(payload), facts: factsOf(recovery) });
  }
}

function factsOf({ channelId, module, operation, recordId, payload }: Recovery): EventFacts {
  return {
    ...{ kind: "recovered", source: "recovered", operation, module, channelId, recordIds: [recordId] },
    bytes: utf8Encode(recordText(payload)).byteLength,
  };
}
