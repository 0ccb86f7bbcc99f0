import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { readEvent, readPayload } from "../events/readEvent.ts";
import type { StoredEvent, StoredGap, StoredRecovery, StoredRequest } from "../events/storedEvent.ts";
import { inTransaction } from "../windows/transaction.ts";
import { EventChanges } from "./eventChanges.ts";
import { EventStatements } from "./eventStatements.ts";
import { ImportLog, importedPlace } from "./importLog.ts";
import { isKept } from "./isKept.ts";
import { joinRemovals } from "./joinRemovals.ts";
import { LocalLog, localPlace } from "./localLog.ts";
import { RecoveredLog } from "./recoveredLog.ts";
import { SourceLog } from "./sourceLog.ts";

/** So many entries are in the memory of the window at a time. */
const readAtOnce = 500;

type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * Takes what a window has in memory into the history's file: entries that are not there already, in their order, with
 * what became of all of them, and what rules have still to send. They get new ids. What was taken away in memory leaves
 * the file, too.
 */
export function joinHistory(memory: DatabaseSync, file: DatabaseSync): void {
  inTransaction(file, () => {
    const join = new Join(memory, file);
    const entries = new EventStatements(memory);
    for (
      let page = entries.after(0, readAtOnce);
      page.length > 0;
      page = entries.after(page.at(-1)?.id ?? 0, readAtOnce)
    ) {
      for (const event of page) join.add(event);
    }
    joinRemovals(memory, file);
    join.addRules();
  });
}

class Join {
  readonly #memory: DatabaseSync;
  readonly #file: DatabaseSync;
  readonly #changes: EventChanges;
  readonly #newIds = new Map<number, number>();

  constructor(memory: DatabaseSync, file: DatabaseSync) {
    this.#memory = memory;
    this.#file = file;
    this.#changes = new EventChanges(file);
  }

  add(event: StoredEvent): void {
    const before = this.#newest();
    this.#store(event);
    const newest = this.#newest();
    const isNew = newest > before;
    const id = isNew ? newest : this.#idOf(event);
    if (id === undefined) return;
    this.#newIds.set(event.id, id);
    if (isNew) this.#addState(event.id, id);
    const attempts = this.#addAttempts(event.id, id);
    if (isNew || this.#takesPlace(event, id)) this.#addJobs(event.id, id, attempts);
  }

  /** A rule that the file knows has its own way there: what it has not looked at may be nowhere else. */
  addRules(): void {
    const add = this.#file.prepare(
      `INSERT INTO forward_rule (key, seen_through, alive_at) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET alive_at = max(alive_at, excluded.alive_at)`,
    );
    for (const rule of this.#memory.prepare("SELECT key, alive_at FROM forward_rule").all()) {
      add.run(rule["key"] ?? null, this.#newest(), rule["alive_at"] ?? null);
    }
  }

  /** The id of a request that another window has stored; undefined where it was taken away since. */
  #idOf(event: StoredEvent): number | undefined {
    if (event.kind !== "request") return undefined;
    const { relay, channel } = this.#placeOf(event);
    const [same, ...values] =
      relay === importedPlace
        ? ["received_at = ? AND (SELECT bytes FROM payload WHERE event = id) = ?", event.receivedAt, event.payload]
        : [
            "place = (SELECT id FROM place WHERE relay = ? AND channel = ?) AND sequence = ? AND gap_count = 0",
            ...[relay, channel, event.sequence],
          ];
    const row = this.#file.prepare(`SELECT id FROM event WHERE ${same} AND ${isKept("id")}`).get(...values);
    return row === undefined ? undefined : Number(row["id"]);
  }

  /**
   * Whether what came of an event here goes on in the place of what another window has made of it: where that is nothing
   * yet, or is still to be sent and has been here.
   */
  #takesPlace({ handling, pinned }: StoredEvent, id: number): boolean {
    if (pinned === true) this.#changes.setPinned([id], true);
    if (handling === undefined) return false;
    const attempts = Number(this.#file.prepare("SELECT count(*) AS n FROM attempt WHERE event = ?").get(id)?.["n"]);
    const isBegun = handling.attempts > 0 || handling.state === "stopped";
    const mayGo = this.#file
      .prepare(
        `SELECT 1 FROM event WHERE id = ?1 AND (handling IS NULL OR ?2 AND handling IN ('held', 'queued', 'waiting', 'withheld'))
           AND NOT EXISTS (SELECT 1 FROM forward_job WHERE event = ?1 AND standing = 'sending')`,
      )
      .get(id, Number(isBegun));
    if (mayGo === undefined) {
      this.#file.prepare("UPDATE event SET attempts = ? WHERE id = ?").run(attempts, id);
      this.#changes.touch(id);
      return false;
    }
    this.#file.prepare("DELETE FROM forward_job WHERE event = ? AND by_hand = 0").run(id);
    this.#changes.setHandling([id], { ...handling, attempts });
    return true;
  }

  #store(event: StoredEvent): void {
    const { relay, channel } = this.#placeOf(event);
    if (event.kind === "recovered") this.#storeRecovery(event, channel);
    else if (event.kind === "gap") this.#storeGap(event, new SourceLog(this.#file, relay, channel));
    else if (relay === localPlace) this.#storeMade(event);
    else if (relay === importedPlace) this.#storeImported(event);
    else new SourceLog(this.#file, relay, channel).store([event], event.storedAt);
  }

  #storeGap({ sequence, count, reason, storedAt }: StoredGap, log: SourceLog): void {
    log.recordGap(sequence, sequence + count - 1, reason, storedAt);
  }

  #storeRecovery(event: StoredRecovery, connection: string): void {
    const read = readEvent(event);
    if (read.kind !== "recovered") return;
    const { operation, recordId, changedAt, subject, receivedAt } = event;
    const recovery = { ...subject, operation, recordId, changedAt, payload: read.payload };
    new RecoveredLog(this.#file, connection).store(recovery, receivedAt);
  }

  #storeMade(event: StoredRequest): void {
    const { receivedAt, storedAt, parentId, source } = event;
    const read = readPayload(event);
    if (read.kind !== "request" || source === "recovered" || source === "gap") return;
    const parent = parentId === undefined ? undefined : this.#newIds.get(parentId);
    new LocalLog(this.#file).store({ request: read.request, source, receivedAt, parentId: parent }, storedAt);
  }

  #storeImported({ payload, unreadable, receivedAt, storedAt }: StoredRequest): void {
    new ImportLog(this.#file).store({ kind: "request", receivedAt, payload, unreadable }, storedAt);
  }

  #addState(former: number, id: number): void {
    const columns = ["pinned", "handling", "status", "latency", "attempts", "problem", "backlog", "stored_at"];
    const row = this.#memory.prepare(`SELECT ${columns.join(", ")} FROM event WHERE id = ?`).get(former) ?? {};
    const changes = columns.map(column => `${column} = ?`).join(", ");
    this.#file.prepare(`UPDATE event SET ${changes} WHERE id = ?`).run(...valuesOf(row, columns), id);
  }

  /** Gives the new ids of the attempts. */
  #addAttempts(former: number, id: number): ReadonlyMap<SQLOutputValue, SQLOutputValue> {
    const columns = ["origin", "target", "started_at", "milliseconds", "status", "problem", "headers"];
    const all = [...columns, "answer", "answer_bytes"];
    return new Map(
      this.#memory
        .prepare("SELECT * FROM attempt WHERE event = ? ORDER BY id")
        .all(former)
        .map(row => [row["id"] ?? null, this.#insert("attempt", id, all, row)]),
    );
  }

  #addJobs(former: number, id: number, attempts: ReadonlyMap<SQLOutputValue, SQLOutputValue>): void {
    const columns = ["owner", "target", "standing", "tries", "due_at", "ends", "attempt"];
    const addLane = this.#file.prepare("INSERT INTO forward_lane (lane, event, job) VALUES (?, ?, ?)");
    for (const job of this.#memory.prepare("SELECT * FROM forward_job WHERE event = ?").all(former)) {
      const attempt = attempts.get(job["attempt"] ?? null) ?? null;
      const added = this.#insert("forward_job", id, columns, { ...job, attempt });
      const lanes = this.#memory.prepare("SELECT lane FROM forward_lane WHERE job = ?").all(job["id"] ?? null);
      for (const { lane } of lanes) addLane.run(lane ?? null, id, added);
    }
  }

  #insert(table: string, id: number, columns: readonly string[], row: Row): number {
    const names = ["event", ...columns];
    const marks = names.map(() => "?").join(", ");
    const add = this.#file.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`);
    return Number(add.run(id, ...valuesOf(row, columns)).lastInsertRowid);
  }

  #placeOf({ id }: StoredEvent): { readonly relay: string; readonly channel: string } {
    const sql = "SELECT relay, channel FROM place WHERE id = (SELECT place FROM event WHERE id = ?)";
    const row = this.#memory.prepare(sql).get(id);
    return { relay: String(row?.["relay"]), channel: String(row?.["channel"]) };
  }

  #newest(): number {
    return Number(this.#file.prepare("SELECT ifnull(max(id), 0) AS n FROM event").get()?.["n"]);
  }
}

function valuesOf(row: Row, columns: readonly string[]): SQLOutputValue[] {
  return columns.map(column => row[column] ?? null);
}
