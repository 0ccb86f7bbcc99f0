import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Write } from "./attemptLog.ts";
import { isKept } from "./isKept.ts";
import type { NewJob } from "./outboxJob.ts";
import type { OutboxJobs } from "./outboxJobs.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** The events that no rule sends, as their token proves too little. */
export class WithheldEvents {
  readonly #statements: PreparedStatements;
  readonly #jobs: OutboxJobs;
  readonly #write: Write;

  constructor(database: HistoryDatabase, jobs: OutboxJobs, write: Write) {
    this.#statements = new PreparedStatements(database);
    this.#jobs = jobs;
    this.#write = write;
  }

  /** The channels at Zoho that there are such events of. */
  channels(): readonly string[] {
    const sql = `SELECT DISTINCT zoho_channel FROM event
      WHERE handling = 'withheld' AND zoho_channel IS NOT NULL AND ${isKept("id")}`;
    return this.#statements
      .of(sql)
      .all()
      .map(row => String(row["zoho_channel"]));
  }

  /** Ids of up to `limit` of a channel, those after `id`, oldest first. */
  of(channel: string, id: number, limit: number): readonly number[] {
    const sql = `SELECT id FROM event WHERE handling = 'withheld' AND zoho_channel = ? AND id > ? AND ${isKept("id")}
      ORDER BY id LIMIT ?`;
    return this.#statements
      .of(sql)
      .all(channel, id, limit)
      .map(row => Number(row["id"]));
  }

  /** Has them wait for a word, those that are still withheld: this rule sends them then. */
  hold(rule: string, chosen: readonly Omit<NewJob, "standing">[]): void {
    this.#write(() => {
      for (const job of chosen) this.#jobs.add(rule, { ...job, standing: "held" }, "withheld");
    });
  }
}
