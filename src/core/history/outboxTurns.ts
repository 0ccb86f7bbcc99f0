import { minute, second } from "../../base/clock.ts";
import { everyLane } from "../events/lanes.ts";
import { isKept } from "./isKept.ts";
import type { Claimant } from "./outboxJob.ts";
import type { RuleProgress } from "./outboxRules.ts";
import type { PreparedStatements } from "./preparedStatements.ts";
import { SignsOfLife } from "./signsOfLife.ts";

/** For how long a window is taken to live after its last sign of life: milliseconds. */
export const windowLife = 20 * second;

/** Whoever is back within this time was never away: a reload, a hand-over between windows, a dropped connection. */
export const absence = minute;

/** How long to wait for another window that has not looked at all older events yet: milliseconds. */
const pauseForOthers = second / 4;

/** How many jobs are looked at in one go. */
const lookedAtOnce = 50;

/** A job that waits for its turn. */
export interface WaitingJob {
  readonly id: number;
  readonly eventId: number;
  readonly owner: string;
  readonly byHand: boolean;
  readonly target: string;
  readonly tries: number;
}

/** A job that a window has under way. */
export interface JobUnderWay extends Pick<WaitingJob, "id" | "eventId" | "owner"> {
  readonly attemptId: number | undefined;
  /** It was called off meanwhile: it is not tried again. */
  readonly isLast: boolean;
}

/** A rule that some window sees to, or did. */
interface KnownRule extends RuleProgress {
  readonly key: string;
}

const isWaiting = `standing = 'pending' AND behind IS NULL AND owner IN (SELECT value FROM json_each(?1))
  AND ${isKept("event")}`;

/** Whose turn it is in the outbox. What writes belongs inside a transaction. */
export class OutboxTurns {
  readonly #statements: PreparedStatements;
  /** Of those who see to rules, and of windows. */
  readonly #lives = { rules: new SignsOfLife(absence), windows: new SignsOfLife(windowLife) };
  /** The last time that turns were looked for, something had to wait for a rule that has not looked at all yet. */
  #isBarred = false;

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
  }

  /**
   * Looks who lives: older events of their rules are waited for, and what they have under way. To be called often. Gives
   * the rules of which is to be noted that they were away.
   */
  look(now: number): readonly KnownRule[] {
    const rules = this.#rules();
    this.#lives.rules.look(
      rules.map(({ key, aliveAt }) => [key, aliveAt]),
      now,
    );
    const windows = this.#statements.of("SELECT id, alive_until FROM forward_window").all();
    this.#lives.windows.look(
      windows.map(row => [String(row["id"]), Number(row["alive_until"]) - windowLife]),
      now,
    );
    return rules.filter(({ key, aliveAt }) => now - aliveAt <= absence && !this.#lives.rules.isAlive(key, aliveAt));
  }

  /**
   * A rule that is waited for no more was away, whatever the clock says that has been set back since: what is older than
   * what went meanwhile waits for a word then.
   */
  noteAbsence(rules: readonly KnownRule[], now: number): void {
    const note = this.#statements.of("UPDATE forward_rule SET alive_at = ? WHERE key = ? AND alive_at = ?");
    for (const { key, aliveAt } of rules) note.run(now - absence - 1, key, aliveAt);
  }

  /** Whether anything may be due; quick, and writes nothing. */
  isAnyDue({ owners, now }: Claimant): boolean {
    const sql = `SELECT 1 FROM forward_job WHERE ${isWaiting} AND due_at <= ?2 LIMIT 1`;
    return this.#statements.of(sql).get(JSON.stringify(owners), now) !== undefined;
  }

  /** Up to `limit` jobs whose turn it is; of the others, notes what they wait behind. */
  next(claimant: Claimant, limit: number): readonly WaitingJob[] {
    const taken: WaitingJob[] = [];
    const barred: WaitingJob[] = [];
    const seen = this.#seenByAll(claimant.now);
    for (;;) {
      const waiting = this.#waiting(claimant, [...taken, ...barred]);
      for (const job of waiting) {
        if (taken.length < limit) this.#sort(job, seen, taken, barred);
      }
      this.#isBarred = barred.length > 0;
      if (waiting.length < lookedAtOnce || taken.length >= limit) return taken;
    }
  }

  /** See {@link Outbox.pause}. */
  pause({ owners, now }: Claimant): number | undefined {
    const row = this.#statements
      .of(`SELECT min(due_at) AS next FROM forward_job WHERE ${isWaiting} AND due_at > ?2`)
      .get(JSON.stringify(owners), now);
    const next = row?.["next"] === null ? Infinity : Number(row?.["next"]) - now;
    const pause = this.#isBarred ? Math.min(pauseForOthers, next) : next;
    return Number.isFinite(pause) ? pause : undefined;
  }

  /** Windows that have something under way, or to be sent by hand, and live no more. */
  deadWindows(): readonly string[] {
    return this.#statements
      .of(
        `SELECT who.id, forward_window.alive_until FROM (
           SELECT window AS id FROM forward_job WHERE standing = 'sending'
           UNION SELECT owner AS id FROM forward_job WHERE by_hand = 1) AS who
         LEFT JOIN forward_window ON forward_window.id = who.id`,
      )
      .all()
      .filter(({ id, alive_until: until }) => until === null || !this.#isAlive(String(id), Number(until)))
      .map(({ id }) => String(id));
  }

  /** What a window has under way. */
  underWay(window: string): readonly JobUnderWay[] {
    return this.#statements
      .of("SELECT id, event, owner, ends, attempt FROM forward_job WHERE standing = 'sending' AND window = ?")
      .all(window)
      .map(({ id, event, owner, ends, attempt }) => ({
        id: Number(id),
        eventId: Number(event),
        owner: String(owner),
        isLast: Number(ends) === 1,
        attemptId: attempt === null ? undefined : Number(attempt),
      }));
  }

  /** Rules that nobody has seen to for longer than an absence. */
  away(now: number): readonly string[] {
    return this.#rules()
      .filter(rule => !this.#isSeenTo(rule, now))
      .map(({ key }) => key);
  }

  /** How many events are held, and how many wait behind those, be it through others. */
  count(owners: readonly string[]): { readonly held: number; readonly behind: number } {
    const row = this.#statements
      .of(
        `WITH RECURSIVE mine (id) AS (
           SELECT job.id FROM forward_job AS job WHERE job.behind IS NOT NULL
             AND (SELECT standing FROM forward_job AS other WHERE other.id = job.behind) = 'held'
           UNION SELECT job.id FROM mine JOIN forward_job AS job ON job.behind = mine.id)
         SELECT (SELECT count(DISTINCT event) FROM forward_job WHERE standing = 'held' AND ${isKept("event")}
             AND owner IN (SELECT value FROM json_each(?1))) AS held,
           (SELECT count(DISTINCT event) FROM forward_job WHERE standing = 'pending' AND ${isKept("event")}
             AND id IN (SELECT id FROM mine) AND owner IN (SELECT value FROM json_each(?1))) AS behind`,
      )
      .get(JSON.stringify(owners));
    return { held: Number(row?.["held"]), behind: Number(row?.["behind"]) };
  }

  lanesOf(jobId: number): readonly string[] {
    return this.#statements
      .of("SELECT lane FROM forward_lane WHERE job = ?")
      .all(jobId)
      .map(row => String(row["lane"]));
  }

  #waiting({ owners, now }: Claimant, taken: readonly WaitingJob[]): readonly WaitingJob[] {
    return this.#statements
      .of(
        `SELECT id, event, owner, by_hand, target, tries FROM forward_job
         WHERE ${isWaiting} AND due_at <= ?2 AND id NOT IN (SELECT value FROM json_each(?3))
         ORDER BY by_hand DESC, event, id LIMIT ${lookedAtOnce}`,
      )
      .all(JSON.stringify(owners), now, JSON.stringify(taken.map(({ id }) => id)))
      .map(row => ({
        id: Number(row["id"]),
        eventId: Number(row["event"]),
        owner: String(row["owner"]),
        byHand: row["by_hand"] === 1,
        target: String(row["target"]),
        tries: Number(row["tries"]),
      }));
  }

  #sort(job: WaitingJob, seen: number, taken: WaitingJob[], barred: WaitingJob[]): void {
    const lanes = this.lanesOf(job.id);
    const before = this.#before(job, lanes, taken);
    if (before !== undefined) this.#statements.of("UPDATE forward_job SET behind = ? WHERE id = ?").run(before, job.id);
    else if (!job.byHand && this.#mayHaveOlder(job, lanes, seen)) barred.push(job);
    else taken.push(job);
  }

  #isAlive(window: string, aliveUntil: number): boolean {
    return this.#lives.windows.isAlive(window, aliveUntil - windowLife);
  }

  #rules(): readonly KnownRule[] {
    return this.#statements
      .of("SELECT key, seen_through, alive_at FROM forward_rule")
      .all()
      .map(row => ({
        key: String(row["key"]),
        seenThrough: Number(row["seen_through"]),
        aliveAt: Number(row["alive_at"]),
      }));
  }

  /** Up to where all rules have looked that somebody sees to, or did until a moment ago. */
  #seenByAll(now: number): number {
    const alive = this.#rules().filter(rule => this.#isSeenTo(rule, now));
    return Math.min(...alive.map(({ seenThrough }) => seenThrough));
  }

  #isSeenTo({ key, aliveAt }: KnownRule, now: number): boolean {
    return now - aliveAt <= absence || this.#lives.rules.isAlive(key, aliveAt);
  }

  /** Whether an older event of these lanes may still be chosen, by a rule of another window that has not looked at it. */
  #mayHaveOlder({ eventId }: WaitingJob, lanes: readonly string[], seen: number): boolean {
    if (eventId <= seen || lanes.length === 0) return false;
    const about = lanes.includes(everyLane) ? "?3 IS NOT NULL" : "about.record IN (SELECT value FROM json_each(?3))";
    return (
      this.#job(
        `SELECT about.event AS job FROM event_record AS about JOIN event ON event.id = about.event
         WHERE ${about} AND about.event > ?1 AND about.event < ?2 AND event.handling IS NULL LIMIT 1`,
        ...[seen, eventId, JSON.stringify(lanes)],
      ) !== undefined
    );
  }

  /** A job that goes before this one: an older event's, one that a person sent before, or one that is under way. */
  #before(job: WaitingJob, lanes: readonly string[], taken: readonly WaitingJob[]): number | undefined {
    const earlier = job.byHand ? this.#earlierByHand(job, lanes) : this.#olderEvent(job, lanes);
    return earlier ?? this.#underWayBeside(job, lanes, taken);
  }

  #olderEvent({ eventId }: WaitingJob, lanes: readonly string[]): number | undefined {
    if (lanes.length === 0) return undefined;
    return lanes.includes(everyLane)
      ? this.#job(
          `SELECT job FROM forward_lane WHERE job = (SELECT max(other.id) FROM forward_job AS other
             WHERE other.event < ? AND EXISTS (SELECT 1 FROM forward_lane WHERE job = other.id)) LIMIT 1`,
          eventId,
        )
      : this.#job(
          `SELECT (SELECT job FROM forward_lane WHERE lane = mine.value AND event < ?2 ORDER BY event DESC LIMIT 1) AS job
           FROM json_each(?1) AS mine WHERE job IS NOT NULL LIMIT 1`,
          ...[JSON.stringify([...lanes, everyLane]), eventId],
        );
  }

  #earlierByHand({ id }: WaitingJob, lanes: readonly string[]): number | undefined {
    return this.#job(
      `SELECT other.id AS job FROM forward_job AS other JOIN forward_lane AS lane ON lane.job = other.id
       WHERE other.by_hand = 1 AND other.id < ?2 AND lane.lane IN (SELECT value FROM json_each(?1))
       ORDER BY other.id DESC LIMIT 1`,
      ...[JSON.stringify(lanes), id],
    );
  }

  #underWayBeside(
    { id, eventId, owner }: WaitingJob,
    lanes: readonly string[],
    taken: readonly WaitingJob[],
  ): number | undefined {
    const isEvery = lanes.includes(everyLane);
    const among = isEvery ? "1" : "lane IN (SELECT value FROM json_each(?1))";
    return this.#job(
      `SELECT id AS job FROM forward_job AS other
       WHERE (standing = 'sending' OR id IN (SELECT value FROM json_each(?5))) AND id <> ?2
         AND NOT (event = ?3 AND owner = ?4)
         AND (event = ?3 OR EXISTS (SELECT 1 FROM forward_lane WHERE job = other.id AND ${among} AND ?1 <> '[]'))
       LIMIT 1`,
      ...[JSON.stringify(lanes.length === 0 ? [] : [...lanes, everyLane]), id, eventId, owner],
      JSON.stringify(taken.map(each => each.id)),
    );
  }

  #job(sql: string, ...values: readonly (string | number)[]): number | undefined {
    const row = this.#statements.of(sql).get(...values);
    return row === undefined ? undefined : Number(row["job"]);
  }
}
