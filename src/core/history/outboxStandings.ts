import type { SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Handling } from "../../protocol/event.ts";
import type { AttemptLog } from "./attemptLog.ts";
import type { EventChanges } from "./eventChanges.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** How events stand that go to several targets. Its methods belong inside a transaction. */
export class OutboxStandings {
  readonly #statements: PreparedStatements;
  readonly #changes: EventChanges;
  readonly #attempts: AttemptLog;

  constructor(database: HistoryDatabase, changes: EventChanges, attempts: AttemptLog) {
    this.#statements = new PreparedStatements(database);
    this.#changes = changes;
    this.#attempts = attempts;
  }

  /**
   * Says how an event stands now that a try for one of its targets has ended. Of several targets, those under way say it,
   * then those that wait, then those that ended worst; what has ended is kept until all have.
   */
  say(eventId: number, owner: string, last: Omit<Handling, "attempts">): void {
    const open = this.#openState(eventId, owner);
    const ended = open === undefined && !this.#isAlone(eventId, owner) ? this.#worst(eventId, owner) : undefined;
    if (open === undefined) this.#removeEnded(eventId, owner);
    else this.#leaveLanes(eventId, owner);
    const handling = open === undefined || open === last.state ? (ended ?? last) : { state: open };
    this.#changes.setHandling([eventId], { ...handling, attempts: this.#attempts.count(eventId) });
  }

  /**
   * Says how an event stands whose targets are others now, or one of them takes its turn again: where all of them had it
   * already, it is over.
   */
  sayPassed(eventId: number, owner: string, problem?: string): void {
    const state = this.#openState(eventId, owner);
    if (state === undefined) this.#sayEnded(eventId, owner);
    else this.#changes.setState([eventId], state, problem);
  }

  #sayEnded(eventId: number, owner: string): void {
    const worst = this.#worst(eventId, owner);
    this.#removeEnded(eventId, owner);
    if (worst === undefined) return;
    this.#changes.setHandling([eventId], { ...worst, attempts: this.#attempts.count(eventId) });
  }

  /** How an event stands with those of its targets that are still to have it; undefined where all had it. */
  #openState(eventId: number, owner: string): Handling["state"] | undefined {
    const standings = this.#statements
      .of("SELECT standing, tries FROM forward_job WHERE event = ? AND owner = ?")
      .all(eventId, owner)
      .map(row =>
        row["standing"] === "pending" ? (Number(row["tries"]) > 0 ? "waiting" : "queued") : row["standing"],
      );
    return (["sending", "waiting", "queued", "held"] as const).find(state => standings.includes(state));
  }

  /** Whether the event has but one target. */
  #isAlone(eventId: number, owner: string): boolean {
    const count = this.#statements.of(
      "SELECT count(*) AS n FROM forward_job WHERE event = ? AND owner = ? AND standing <> 'former'",
    );
    return Number(count.get(eventId, owner)?.["n"]) === 1;
  }

  /** No answer at all, else the highest status; undefined where no try is known. */
  #worst(eventId: number, owner: string): Omit<Handling, "attempts"> | undefined {
    const row = this.#statements
      .of(
        `SELECT status, milliseconds, problem FROM attempt
         WHERE id IN (SELECT attempt FROM forward_job WHERE event = ? AND owner = ? AND standing = 'ended')
         ORDER BY status IS NOT NULL, status DESC LIMIT 1`,
      )
      .get(eventId, owner);
    if (row === undefined) return undefined;
    const known = { milliseconds: Number(row["milliseconds"]), ...problemOf(row) };
    return row["status"] === null
      ? { state: "failed", ...known }
      : { state: "answered", status: Number(row["status"]), ...known };
  }

  #removeEnded(eventId: number, owner: string): void {
    this.#statements
      .of("DELETE FROM forward_job WHERE event = ? AND owner = ? AND standing IN ('ended', 'former')")
      .run(eventId, owner);
  }

  /** What has ended at one target holds nothing up: those that wait at others do. */
  #leaveLanes(eventId: number, owner: string): void {
    const ended = "SELECT id FROM forward_job WHERE event = ? AND owner = ? AND standing = 'ended'";
    this.#statements.of(`DELETE FROM forward_lane WHERE job IN (${ended})`).run(eventId, owner);
    this.#statements.of(`UPDATE forward_job SET behind = NULL WHERE behind IN (${ended})`).run(eventId, owner);
  }
}

function problemOf({ problem }: Readonly<Record<string, SQLOutputValue>>): { problem?: string } {
  return typeof problem === "string" ? { problem } : {};
}
