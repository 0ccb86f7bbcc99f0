import type { SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Attempt, Handling } from "../../protocol/event.ts";
import type { AttemptLog, AttemptOutcome, Write } from "./attemptLog.ts";
import type { EventChanges } from "./eventChanges.ts";
import { isKept } from "./isKept.ts";
import { type AfterTry, type Claimant, type ClaimedJob, type HandJob, type NewJob, eventOf } from "./outboxJob.ts";
import { shortTimeout } from "./openDatabase.ts";
import { OutboxJobs } from "./outboxJobs.ts";
import { OutboxRules, type RuleProgress } from "./outboxRules.ts";
import { OutboxStandings } from "./outboxStandings.ts";
import { type JobUnderWay, OutboxTurns, windowLife } from "./outboxTurns.ts";
import { PreparedStatements } from "./preparedStatements.ts";
import { WithheldEvents } from "./withheldEvents.ts";

/**
 * What is to be sent to local handlers, in the file of the history, so that it outlives the window. Over all rules and
 * windows, a job goes when no older event of its lanes is left, be it one that a rule has not looked at yet, and nothing
 * of them is under way. That it goes is written
 * before it does, and what it brought with the end of the job, in one go: what is answered is never sent again.
 */
export class Outbox {
  readonly #statements: PreparedStatements;
  readonly #changes: EventChanges;
  readonly #attempts: AttemptLog;
  readonly #turns: OutboxTurns;
  readonly #jobs: OutboxJobs;
  readonly #standings: OutboxStandings;
  readonly #write: Write;

  /** How far rules have come. */
  readonly rules: OutboxRules;

  /** What is not sent. */
  readonly withheld: WithheldEvents;

  constructor(database: HistoryDatabase, changes: EventChanges, attempts: AttemptLog, write: Write) {
    this.#statements = new PreparedStatements(database);
    this.#turns = new OutboxTurns(this.#statements);
    this.#changes = changes;
    this.#attempts = attempts;
    this.#jobs = new OutboxJobs(database, changes, attempts, this.#turns);
    this.#standings = new OutboxStandings(database, changes, attempts);
    this.rules = new OutboxRules(database);
    this.withheld = new WithheldEvents(database, this.#jobs, write);
    this.#write = write;
  }

  /** Says how far a rule has come, and puts what it chose on the way in, less what somebody has sent already. */
  choose(rule: string, progress: RuleProgress, chosen: readonly NewJob[] = []): void {
    this.#write(() => {
      this.rules.setProgress(rule, progress);
      for (const job of chosen) this.#jobs.add(job.owner ?? rule, job);
    }, shortTimeout);
  }

  /** A person sends an event: its rules leave it to them, but for what is under way. Gives the job's id. */
  addByHand(window: string, { eventId, target, lanes }: HandJob, now: number): number {
    return this.#write(() => {
      this.#jobs.beat(window, now);
      this.#jobs.callOff(eventId, "by_hand = 0");
      const id = this.#jobs.insert(window, { eventId, target, lanes, standing: "pending", byHand: true });
      this.#changes.setState([eventId], "queued");
      return id;
    });
  }

  /** A person sends an event past every queue, now. */
  beginByHand(
    { window, now }: Claimant,
    { eventId, target, origin }: Omit<HandJob, "lanes"> & { readonly origin: Attempt["origin"] },
  ): ClaimedJob {
    return this.#write(() => {
      this.#jobs.beat(window, now);
      const id = this.#jobs.insert(window, { eventId, target, lanes: [], standing: "pending", byHand: true });
      return this.#jobs.begin({ id, eventId, owner: window, target, tries: 0 }, { window, now, origin });
    });
  }

  /** Takes up to `limit` jobs whose turn it is, and writes down that they go. What a person sends goes first. */
  claim(claimant: Claimant, limit: number): readonly ClaimedJob[] {
    if (limit <= 0 || !this.#turns.isAnyDue(claimant)) return [];
    return this.#write(() => {
      this.#jobs.beat(claimant.window, claimant.now);
      const jobs = this.#turns.next(claimant, limit);
      return jobs.map(job => {
        const origin = job.byHand ? "replay" : job.tries > 0 ? "retry" : "rule";
        return this.#jobs.begin(job, { ...claimant, origin });
      });
    }, shortTimeout);
  }

  /** Milliseconds until there may be something to claim without anything having happened; undefined: until then nothing. */
  pause(claimant: Claimant): number | undefined {
    return this.#turns.pause(claimant);
  }

  /**
   * Writes down what a try brought, and what is to happen next. Where somebody else has the job by now, or took it out,
   * that stays theirs to say.
   */
  finish(job: ClaimedJob, outcome: AttemptOutcome, handling: Omit<Handling, "attempts">, after: AfterTry): void {
    this.#write(() => {
      this.#attempts.finish(job.attemptId, outcome);
      const mine = this.#rowOf(job);
      if (mine === undefined) return;
      const isDone = after.kind === "done" || Number(mine["ends"]) === 1;
      if (isDone) this.#jobs.endTry(job.id);
      else this.#jobs.putBack(job.id, after);
      const state = isDone ? handling.state : after.kind === "held" ? "held" : "waiting";
      this.#standings.say(job.eventId, String(mine["owner"]), { ...handling, state });
    }, shortTimeout);
  }

  /** Looks which windows live, and which rules somebody sees to. To be called every few seconds. */
  look(now: number): void {
    const absent = this.#turns.look(now);
    if (absent.length > 0) this.#write(() => this.#turns.noteAbsence(absent, now), shortTimeout);
  }

  /** Tells other windows that this one lives, if it has sent anything. */
  stay(window: string, now: number): void {
    const beat = this.#statements.of("UPDATE forward_window SET alive_until = ? WHERE id = ?");
    this.#write(() => beat.run(now + windowLife, window), shortTimeout);
  }

  /**
   * Sees to what windows had under way that live no more: the handler may have had it, as `problem` says. What a rule
   * sends is held, and what a person sent is over.
   */
  reap(problem: string): void {
    for (const window of this.#turns.deadWindows()) this.leave(window, [], problem, shortTimeout);
  }

  /** The same for this window as it closes, less `unsent`: those did not go out, and wait for their turn again. */
  leave(window: string, unsent: readonly ClaimedJob[], problem: string, timeout?: number): void {
    this.#write(() => {
      for (const job of unsent) this.#takeBack(job);
      for (const job of this.#turns.underWay(window)) this.#giveUp(job, problem);
      this.#jobs.end("owner = ?", window);
      this.#statements.of("DELETE FROM forward_window WHERE id = ?").run(window);
    }, timeout);
  }

  /** Nothing of a job went out: it waits for its turn again, from `dueAt` (milliseconds since 1970) on. */
  putOff(job: ClaimedJob, dueAt: number, problem: string): void {
    this.#write(() => this.#takeBack(job, dueAt, problem), shortTimeout);
  }

  /** What was called off meanwhile has no turn to wait for: its event stands as its other targets say. */
  #takeBack(job: ClaimedJob, dueAt = 0, problem?: string): void {
    const mine = this.#rowOf(job);
    if (mine === undefined) return;
    this.#jobs.takeBack(job, dueAt);
    this.#jobs.end("id = ? AND ends = 1", job.id);
    this.#standings.sayPassed(job.eventId, String(mine["owner"]), problem);
  }

  /** What was called off meanwhile waits for no word either: its rule may be in no window any more. */
  #giveUp({ id, eventId, owner, attemptId, isLast }: JobUnderWay, problem: string): void {
    if (attemptId !== undefined) this.#attempts.finish(attemptId, { milliseconds: 0, problem });
    if (isLast) {
      this.#jobs.endTry(id);
      this.#standings.say(eventId, owner, { state: "failed", milliseconds: 0, problem });
    } else {
      this.#jobs.putBack(id, { kind: "held" });
      this.#changes.setState([eventId], "held", problem);
    }
  }

  /** Does all of this in one go, or nothing of it. */
  together(work: () => void): void {
    this.#write(work);
  }

  /** Holds what rules have not sent yet. `timeout`: see {@link Write}. */
  hold(owners: readonly string[], timeout?: number): void {
    const held = "standing = 'pending' AND owner IN (SELECT value FROM json_each(?))";
    if (!this.#jobs.exists(held, JSON.stringify(owners))) return;
    this.#write(() => {
      const ids = this.#jobs.change(`standing = 'held', behind = NULL, tries = 0, due_at = 0 WHERE ${held}`, owners);
      this.#changes.setState(ids, "held");
    }, timeout);
  }

  /** Rules that no window has seen to for longer than an absence. */
  away(now: number): readonly string[] {
    return this.#turns.away(now);
  }

  /** Gives events of a rule to another that looks at none itself, to go where the one was to send them. */
  adopt(eventIds: readonly number[], from: string, to: string, now: number): void {
    this.#write(() => {
      if (this.rules.progress(to) === undefined)
        this.rules.setProgress(to, { seenThrough: Number.MAX_SAFE_INTEGER, aliveAt: now });
      this.#jobs.change(
        "owner = ?1 ->> '$' WHERE owner = ?2 ->> '$' AND event IN (SELECT value FROM json_each(?3))",
        ...[to, from, eventIds],
      );
    });
  }

  /** Forgets how far a rule has come that has nothing here; gives whether it has nothing. */
  forgetIdle(rule: string): boolean {
    const isBusy = (): boolean => this.#jobs.exists("owner = ?", rule);
    if (isBusy()) return false;
    return this.#write(() => {
      if (isBusy()) return false;
      this.rules.forget(rule);
      return true;
    }, shortTimeout);
  }

  /** Lets go what is held, in order. */
  release(eventIds: readonly number[], owners: readonly string[]): void {
    this.#write(() => {
      const ids = this.#jobs.change(
        `standing = 'pending', tries = 0, due_at = 0, window = NULL, attempt = NULL
         WHERE standing = 'held' AND owner IN (SELECT value FROM json_each(?)) AND event IN (SELECT value FROM json_each(?))`,
        owners,
        eventIds,
      );
      this.#changes.setState(ids, "queued");
    });
  }

  /** Calls off what owners would send; what is under way ends as it ends. Gives how many events that concerns. */
  callOff(eventIds: readonly number[], owners: readonly string[]): number {
    return this.#write(() => {
      const among = "owner IN (SELECT value FROM json_each(?))";
      return eventIds.filter(id => this.#jobs.callOff(id, among, JSON.stringify(owners))).length;
    });
  }

  /** Calls off everything of an owner. */
  callOffAll(owner: string): void {
    this.#write(() => {
      for (const id of this.of(owner)) this.#jobs.callOff(id, "owner = ?", owner);
    });
  }

  /** Ids of the events of these owners that are held, oldest first. */
  held(owners: readonly string[]): readonly number[] {
    const sql = `SELECT DISTINCT event FROM forward_job
      WHERE owner IN (SELECT value FROM json_each(?)) AND standing = 'held' AND ${isKept("event")} ORDER BY event`;
    return this.#statements.of(sql).all(JSON.stringify(owners)).map(eventOf);
  }

  /** How many events of these owners are held, and how many wait behind what is held. */
  count(owners: readonly string[]): { readonly held: number; readonly behind: number } {
    return this.#turns.count(owners);
  }

  /** Ids of the events that an owner has here, oldest first. */
  of(owner: string): readonly number[] {
    return this.#statements
      .of(`SELECT DISTINCT event FROM forward_job WHERE owner = ? AND ${isKept("event")} ORDER BY event`)
      .all(owner)
      .map(eventOf);
  }

  /** Gives events of a rule to another, with its targets. What is under way ends as it ends, and is tried again there. */
  pass(eventIds: readonly number[], from: string, to: string, targets: readonly string[]): void {
    this.#write(() => {
      for (const id of eventIds) {
        this.#jobs.pass(id, from, to, targets);
        this.#standings.sayPassed(id, to);
      }
    });
  }

  /** Whether a job is still to be sent, or under way. */
  has(jobId: number): boolean {
    return this.#jobs.exists(`id = ? AND ${isKept("event")}`, jobId);
  }

  /** Takes out what cannot be sent: its event is not kept, or holds no request. */
  drop(job: ClaimedJob): void {
    this.#write(() => {
      const mine = this.#rowOf(job);
      this.#attempts.forget(job.attemptId);
      if (mine === undefined) return;
      this.#jobs.remove(job.id);
      this.#changes.setHandling([job.eventId], undefined);
      this.#standings.sayPassed(job.eventId, String(mine["owner"]));
    }, shortTimeout);
  }

  /** Undefined where somebody else has the job by now, or took it out. */
  #rowOf({ id, attemptId }: ClaimedJob): Readonly<Record<string, SQLOutputValue>> | undefined {
    return this.#statements.of("SELECT ends, owner FROM forward_job WHERE id = ? AND attempt = ?").get(id, attemptId);
  }

  /** The job's next try is due now. */
  hurry(jobId: number): void {
    this.#statements.of("UPDATE forward_job SET due_at = 0 WHERE id = ?").run(jobId);
  }

  /** Ends a job that is not under way. Gives how its event stands then; undefined where the job is gone. */
  stop(jobId: number): Handling | undefined {
    return this.#write(() => {
      const row = this.#statements.of("SELECT event FROM forward_job WHERE id = ?").get(jobId);
      this.#jobs.end("id = ?", jobId);
      return row === undefined ? undefined : { state: "stopped", attempts: this.#attempts.count(eventOf(row)) };
    });
  }
}
