import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { readEvent, readPayload } from "../events/readEvent.ts";
import type { StoredEvent, StoredGap, StoredRecovery, StoredRequest } from "../events/storedEvent.ts";
import { inTransaction } from "../windows/transaction.ts";
import { EventStatements } from "./eventStatements.ts";
import { ImportLog, importedPlace } from "./importLog.ts";
import { LocalLog, localPlace } from "./localLog.ts";
import { RecoveredLog } from "./recoveredLog.ts";
import { SourceLog } from "./sourceLog.ts";

/** So many entries are in the memory of the window at a time. */
const readAtOnce = 500;

/** Whether something is on its way to a handler, so that its answer is still to be written where it is. */
export function isSending(memory: DatabaseSync): boolean {
  const sql = "SELECT 1 FROM forward_job WHERE standing = 'sending' OR by_hand = 1 LIMIT 1";
  return memory.prepare(sql).get() !== undefined;
}

/**
 * Takes what a window has in memory into the history's file: entries that are not there already, in their order, with
 * what became of them, and what rules have still to send. They get new ids.
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
    join.addRules();
  });
}

class Join {
  readonly #memory: DatabaseSync;
  readonly #file: DatabaseSync;
  readonly #newIds = new Map<number, number>();

  constructor(memory: DatabaseSync, file: DatabaseSync) {
    this.#memory = memory;
    this.#file = file;
  }

  add(event: StoredEvent): void {
    const before = this.#newest();
    this.#store(event);
    const id = this.#newest();
    if (id === before) return;
    this.#newIds.set(event.id, id);
    this.#addState(event.id, id);
    this.#addJobs(event.id, id);
  }

  /** A rule that the file knows has its own way there. */
  addRules(): void {
    const add = this.#file.prepare("INSERT OR IGNORE INTO forward_rule (key, seen_through, alive_at) VALUES (?, ?, ?)");
    for (const rule of this.#memory.prepare("SELECT key, alive_at FROM forward_rule").all()) {
      add.run(rule["key"] ?? null, this.#newest(), rule["alive_at"] ?? null);
    }
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
    const sent = [
      "origin",
      "target",
      "started_at",
      "milliseconds",
      "status",
      "problem",
      "headers",
      "answer",
      "answer_bytes",
    ];
    this.#copy("attempt", sent, former, id);
  }

  #addJobs(former: number, id: number): void {
    const columns = ["owner", "target", "standing", "tries", "due_at", "ends"];
    for (const job of this.#memory.prepare("SELECT * FROM forward_job WHERE event = ?").all(former)) {
      const added = this.#file.prepare(insertOf("forward_job", columns)).run(id, ...valuesOf(job, columns));
      for (const { lane } of this.#memory
        .prepare("SELECT lane FROM forward_lane WHERE job = ?")
        .all(job["id"] ?? null)) {
        const add = this.#file.prepare("INSERT INTO forward_lane (lane, event, job) VALUES (?, ?, ?)");
        add.run(lane ?? null, id, added.lastInsertRowid);
      }
    }
  }

  #copy(table: string, columns: readonly string[], former: number, id: number): void {
    for (const row of this.#memory.prepare(`SELECT * FROM ${table} WHERE event = ? ORDER BY id`).all(former)) {
      this.#file.prepare(insertOf(table, columns)).run(id, ...valuesOf(row, columns));
    }
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

function insertOf(table: string, columns: readonly string[]): string {
  const names = ["event", ...columns];
  return `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
}

function valuesOf(row: Readonly<Record<string, SQLOutputValue>>, columns: readonly string[]): SQLOutputValue[] {
  return columns.map(column => row[column] ?? null);
}
