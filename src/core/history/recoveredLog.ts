import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "../../protocol/inspector.ts";
import { type RecoveredPayload, encodeRecoveredPayload } from "./recoveredPayload.ts";
import type { NotificationSubject } from "./storedEvent.ts";

/** A change that was found in the CRM itself, as nobody was told of it. */
export interface Recovery extends NotificationSubject {
  readonly operation: Operation;
  readonly recordId: string;
  /** The CRM's time of the change: milliseconds since 1970. */
  readonly changedAt: number;
  readonly payload: RecoveredPayload;
}

/** What stands in the place of a relay for entries that no relay delivered. */
const noRelay = "recovered";

/** The writing half of the history for what is recovered over one connection. Its methods belong inside a transaction. */
export class RecoveredLog {
  readonly #connection: string;
  readonly #addSource: StatementSync;
  readonly #source: StatementSync;
  readonly #advance: StatementSync;
  readonly #find: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #insertPayload: StatementSync;

  constructor(database: DatabaseSync, connectionId: string) {
    this.#connection = connectionId;
    this.#addSource = database.prepare("INSERT OR IGNORE INTO source (relay, channel) VALUES (?, ?)");
    this.#source = database.prepare("SELECT id, last_sequence FROM source WHERE relay = ? AND channel = ?");
    this.#advance = database.prepare("UPDATE source SET last_sequence = ? WHERE id = ?");
    this.#find = database.prepare(
      `SELECT id FROM event
       WHERE zoho_channel = ? AND module = ? AND record = ? AND recovered = ? AND changed_at = ?`,
    );
    this.#insertEvent = database.prepare(
      `INSERT INTO event (source, sequence, received_at, zoho_channel, module, record, recovered, changed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertPayload = database.prepare("INSERT INTO payload (event, bytes) VALUES (?, ?)");
  }

  /** Stores a change and gives its id; undefined where the same change of the same channel is here already. */
  store({ channelId, module, operation, recordId, changedAt, payload }: Recovery, now: number): number | undefined {
    const identity = [channelId, module, recordId, operation, changedAt] as const;
    if (this.#find.get(...identity) !== undefined) return undefined;
    this.#addSource.run(noRelay, this.#connection);
    const source = this.#source.get(noRelay, this.#connection);
    const [sourceId, sequence] = [Number(source?.["id"]), Number(source?.["last_sequence"]) + 1];
    const added = this.#insertEvent.run(sourceId, sequence, now, ...identity);
    this.#insertPayload.run(added.lastInsertRowid, encodeRecoveredPayload(payload));
    this.#advance.run(sequence, sourceId);
    return Number(added.lastInsertRowid);
  }
}
