import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Attempt, Handling } from "../../protocol/event.ts";
import type { AttemptLog } from "./attemptLog.ts";
import type { EventChanges } from "./eventChanges.ts";
import { isKept } from "./isKept.ts";
import { type AfterTry, type ClaimedJob, type HandJob, type NewJob, eventOf } from "./outboxJob.ts";
import { type OutboxTurns, windowLife } from "./outboxTurns.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** A job of an owner that is known. */
interface OwnedJob {
  readonly id: number;
  /** The one that it is under way to, or has been, as far as that is one of those that are wanted. */
  readonly target: string;
  readonly standing: string;
  /** Called off while it is under way. */
  readonly isLast: boolean;
}

/** The jobs of the outbox, one by one. Its methods that write belong inside a transaction. */
export class OutboxJobs {
  readonly #statements: PreparedStatements;
  readonly #changes: EventChanges;
  readonly #attempts: AttemptLog;
  readonly #turns: OutboxTurns;

  constructor(database: HistoryDatabase, changes: EventChanges, attempts: AttemptLog, turns: OutboxTurns) {
    this.#statements = new PreparedStatements(database);
    this.#changes = changes;
    this.#attempts = attempts;
    this.#turns = turns;
  }

  /** Puts in what a rule chose, unless somebody has sent it already, or its event stands otherwise than so. */
  add(owner: string, { eventId, targets, lanes, standing }: NewJob, before?: Handling["state"]): void {
    const isFree = this.#statements
      .of(
        `SELECT 1 FROM event WHERE id = ?1 AND handling IS ?2 AND ${isKept("id")}
           AND NOT EXISTS (SELECT 1 FROM forward_job WHERE event = ?1)`,
      )
      .get(eventId, before ?? null);
    if (isFree === undefined) return;
    this.#changes.setState([eventId], standing);
    if (standing === "withheld") return;
    const job = { eventId, lanes, standing: standing === "held" ? standing : "pending", byHand: false };
    for (const target of new Set(targets)) this.insert(owner, { ...job, target });
  }

  /** Gives the id of the job, which takes the place of one for the same target. */
  insert(owner: string, job: HandJob & { readonly standing: string; readonly byHand: boolean }): number {
    const { eventId, target, lanes, standing, byHand } = job;
    this.#statements
      .of("DELETE FROM forward_job WHERE event = ? AND owner = ? AND target = ?")
      .run(eventId, owner, target);
    const added = this.#statements
      .of("INSERT INTO forward_job (event, owner, by_hand, target, standing) VALUES (?, ?, ?, ?, ?)")
      .run(eventId, owner, Number(byHand), target, standing);
    const id = Number(added.lastInsertRowid);
    this.#statements
      .of("INSERT OR IGNORE INTO forward_lane (lane, event, job) SELECT value, ?2, ?3 FROM json_each(?1)")
      .run(JSON.stringify(lanes), eventId, id);
    return id;
  }

  /** Writes down that a job goes. */
  begin(
    { id, eventId, owner, target, tries }: Omit<ClaimedJob, "attemptId" | "attempts">,
    { window, now, origin }: { readonly window: string; readonly now: number; readonly origin: Attempt["origin"] },
  ): ClaimedJob {
    const attemptId = this.#attempts.start(eventId, origin, target, now) ?? 0;
    this.#statements
      .of("UPDATE forward_job SET standing = 'sending', tries = tries + 1, window = ?, attempt = ? WHERE id = ?")
      .run(window, attemptId, id);
    const attempts = this.#attempts.count(eventId);
    this.#changes.setHandling([eventId], { state: "sending", attempts });
    return { id, eventId, owner, target, tries: tries + 1, attemptId, attempts };
  }

  /** Back to its turn, or held. Whoever waited for it while it was under way looks again. */
  putBack(id: number, after: AfterTry): void {
    const [standing, dueAt] = after.kind === "again" ? ["pending", after.dueAt] : ["held", 0];
    this.#statements.of("UPDATE forward_job SET standing = ?, due_at = ? WHERE id = ?").run(standing, dueAt, id);
    this.#statements.of("UPDATE forward_job SET behind = NULL WHERE behind = ?").run(id);
  }

  /** Over at this target; what it brought is kept until all targets of the event are over. */
  endTry(id: number): void {
    this.#statements.of("UPDATE forward_job SET standing = 'ended' WHERE id = ?").run(id);
  }

  /** As if the try had never begun. */
  takeBack({ id, attemptId }: ClaimedJob, dueAt: number): void {
    this.#attempts.forget(attemptId);
    this.putBack(id, { kind: "again", dueAt });
    this.#statements.of("UPDATE forward_job SET tries = tries - 1, window = NULL, attempt = NULL WHERE id = ?").run(id);
  }

  remove(id: number): void {
    this.#statements.of("DELETE FROM forward_job WHERE id = ?").run(id);
  }

  /** Ends the jobs of an event that are not under way, and sees to it that those that are, are tried no more. */
  callOff(eventId: number, among: string, ...values: readonly string[]): boolean {
    const ended = this.end(`event = ? AND ${among}`, eventId, ...values);
    const marked = this.#statements
      .of(`UPDATE forward_job SET ends = 1 WHERE standing = 'sending' AND event = ? AND ${among}`)
      .run(eventId, ...values);
    return ended || Number(marked.changes) > 0;
  }

  /** Takes out jobs that are not under way, as SQL says; gives whether there was one. */
  end(which: string, ...values: readonly (string | number)[]): boolean {
    const ids = this.#statements
      .of(`DELETE FROM forward_job WHERE standing <> 'sending' AND ${which} RETURNING event`)
      .all(...values)
      .map(eventOf);
    const left = ids.filter(id => !this.exists("event = ?", id));
    this.#changes.setState(left, "stopped");
    return ids.length > 0;
  }

  /**
   * Gives an event of one owner to another, with its targets. A target of both stays, and is over where it was; of the
   * others, one that is still to have the event gives its place to another. What is under way to one that is left over
   * ends as it ends. What was called off goes nowhere else.
   */
  pass(eventId: number, from: string, to: string, targets: readonly string[]): void {
    this.#statements
      .of("DELETE FROM forward_job WHERE event = ? AND owner = ? AND ends = 1 AND standing IN ('pending', 'held')")
      .run(eventId, from);
    const jobs = this.#jobsOf(eventId, from, targets);
    const known = new Set(jobs.map(({ target }) => target));
    const places = [...new Set(targets)].filter(target => !known.has(target));
    const { ended = [], open = [] } = Object.groupBy(jobs, job => (isOver(job) ? "ended" : "open"));
    this.#passEnded(ended, to, targets);
    this.#passOpen(eventId, open, { to, targets, places });
  }

  /** What is over at a target is over for every owner to come; of those that have not got it, it says nothing meanwhile. */
  #passEnded(jobs: readonly OwnedJob[], to: string, targets: readonly string[]): void {
    for (const { id, target } of jobs) {
      this.#giveTo(id, to, target);
      this.#statements
        .of("UPDATE forward_job SET standing = ? WHERE id = ?")
        .run(targets.includes(target) ? "ended" : "former", id);
    }
  }

  /** `places`: the targets that have no job yet. */
  #passOpen(
    eventId: number,
    jobs: readonly OwnedJob[],
    { to, targets, places }: { readonly to: string; readonly targets: readonly string[]; readonly places: string[] },
  ): void {
    const [first] = jobs;
    if (first === undefined) return;
    const lanes = this.#turns.lanesOf(first.id);
    const standing = jobs.every(job => job.standing === "held") ? "held" : "pending";
    for (const { id, target, standing: before } of jobs) {
      const next = targets.includes(target) ? target : places.shift();
      if (next !== undefined) this.#giveTo(id, to, next);
      else if (before === "sending") this.#giveTo(id, to, target, 1);
      else this.remove(id);
    }
    if (jobs.every(({ isLast }) => isLast)) return;
    for (const target of places) this.insert(to, { eventId, target, lanes, standing, byHand: false });
  }

  #giveTo(id: number, owner: string, target: string, ends = 0): void {
    this.#statements
      .of("UPDATE OR REPLACE forward_job SET owner = ?, target = ?, ends = max(ends, ?) WHERE id = ?")
      .run(owner, target, ends, id);
  }

  /** Those under way first. */
  #jobsOf(eventId: number, owner: string, wanted: readonly string[]): readonly OwnedJob[] {
    return this.#statements
      .of(
        `SELECT job.id, standing, ends, iif(attempt.target IN (SELECT value FROM json_each(?3)), attempt.target, job.target)
           AS target
         FROM forward_job AS job
         LEFT JOIN attempt ON attempt.id = job.attempt AND standing IN ('sending', 'ended', 'former')
         WHERE job.event = ?1 AND owner = ?2 ORDER BY standing <> 'sending', job.id`,
      )
      .all(eventId, owner, JSON.stringify(wanted))
      .map(({ id, target, standing, ends }) => ({
        ...{ id: Number(id), target: String(target), standing: String(standing) },
        isLast: ends === 1,
      }));
  }

  /** Changes jobs, as SQL says. Gives the ids of their events. */
  change(change: string, ...values: readonly unknown[]): readonly number[] {
    const rows = this.#statements
      .of(`UPDATE forward_job SET ${change} RETURNING event`)
      .all(...values.map(value => JSON.stringify(value)));
    return rows.map(eventOf);
  }

  /** Whether there is such a job, as SQL says. */
  exists(condition: string, value: string | number): boolean {
    return this.#statements.of(`SELECT 1 FROM forward_job WHERE ${condition} LIMIT 1`).get(value) !== undefined;
  }

  /** Says that a window lives. */
  beat(window: string, now: number): void {
    this.#statements
      .of("INSERT OR REPLACE INTO forward_window (id, alive_until) VALUES (?, ?)")
      .run(window, now + windowLife);
  }
}

function isOver({ standing }: OwnedJob): boolean {
  return standing === "ended" || standing === "former";
}
