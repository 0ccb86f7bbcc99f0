import type { SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { Attempt, Handling } from "../../protocol/event.ts";
import type { AttemptLog, AttemptOutcome, Write } from "./attemptLog.ts";
import type { EventChanges } from "./eventChanges.ts";
import { isKept } from "./isKept.ts";
import { OutboxTurns, windowLife } from "./outboxTurns.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** An event to send. */
export interface NewJob {
  readonly eventId: number;
  readonly targets: readonly string[];
  /** It goes after older events of these lanes. */
  readonly lanes: readonly string[];
  /** `held`: it waits for a word; `withheld`: no rule sends it, and its state says so. */
  readonly standing: "queued" | "held" | "withheld";
}

/** An event that a person sends. */
export interface HandJob {
  readonly eventId: number;
  readonly target: string;
  readonly lanes: readonly string[];
}

/** An event that this window sends now. */
export interface ClaimedJob {
  readonly id: number;
  readonly eventId: number;
  /** The key of a rule, or a window where a person sends. */
  readonly owner: string;
  readonly target: string;
  /** How often it was tried by this job, with this try. */
  readonly tries: number;
  readonly attemptId: number;
  /** How often the event has been sent in all, with this time. */
  readonly attempts: number;
}

/** What is to happen to a job after a try: it is done, tried again then (milliseconds since 1970), or held. */
export type AfterTry = { readonly kind: "done" | "held" } | { readonly kind: "again"; readonly dueAt: number };

/** How far a rule has come. */
export interface RuleProgress {
  /** Events up to this id have been looked at. */
  readonly seenThrough: number;
  /** When a window last saw to the rule: milliseconds since 1970. */
  readonly aliveAt: number;
}

/** Who claims. */
export interface Claimant {
  readonly window: string;
  /** Whose jobs it may take. */
  readonly owners: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

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
  readonly #write: Write;

  constructor(database: HistoryDatabase, changes: EventChanges, attempts: AttemptLog, write: Write) {
    this.#statements = new PreparedStatements(database);
    this.#turns = new OutboxTurns(this.#statements);
    this.#changes = changes;
    this.#attempts = attempts;
    this.#write = write;
  }

  /** Undefined for a rule that no window has seen to before. */
  progress(rule: string): RuleProgress | undefined {
    const row = this.#statements.of("SELECT seen_through, alive_at FROM forward_rule WHERE key = ?").get(rule);
    return row === undefined
      ? undefined
      : { seenThrough: Number(row["seen_through"]), aliveAt: Number(row["alive_at"]) };
  }

  /** Says how far a rule has come, and puts what it chose on the way in, less what somebody has sent already. */
  choose(rule: string, progress: RuleProgress, chosen: readonly NewJob[] = []): void {
    this.#write(() => {
      const { seenThrough, aliveAt } = progress;
      this.#statements
        .of("INSERT OR REPLACE INTO forward_rule (key, seen_through, alive_at) VALUES (?, ?, ?)")
        .run(rule, seenThrough, aliveAt);
      for (const job of chosen) this.#add(rule, job);
    });
  }

  /** Forgets how far a rule has come: when it is back, it begins with what comes in then. */
  forgetRule(rule: string): void {
    this.#statements.of("DELETE FROM forward_rule WHERE key = ?").run(rule);
  }

  /** Forgets rules that no window has seen to since; gives their keys. */
  forgetRules(before: number): readonly string[] {
    const rows = this.#statements.of("DELETE FROM forward_rule WHERE alive_at < ? RETURNING key").all(before);
    return rows.map(row => String(row["key"]));
  }

  /** A person sends an event: its rules leave it to them, but for what is under way. Gives the job's id. */
  addByHand(window: string, { eventId, target, lanes }: HandJob, now: number): number {
    return this.#write(() => {
      this.#beat(window, now);
      this.#callOff(eventId, "by_hand = 0");
      const id = this.#insert(window, { eventId, target, lanes, standing: "pending", byHand: true });
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
      this.#beat(window, now);
      const id = this.#insert(window, { eventId, target, lanes: [], standing: "pending", byHand: true });
      return this.#begin({ id, eventId, owner: window, target, tries: 0 }, { window, now, origin });
    });
  }

  /** Takes up to `limit` jobs whose turn it is, and writes down that they go. What a person sends goes first. */
  claim(claimant: Claimant, limit: number): readonly ClaimedJob[] {
    if (limit <= 0 || !this.#turns.isAnyDue(claimant)) return [];
    return this.#write(() => {
      this.#beat(claimant.window, claimant.now);
      const jobs = this.#turns.next(claimant, limit);
      return jobs.map(job => {
        const origin = job.byHand ? "replay" : job.tries > 0 ? "retry" : "rule";
        return this.#begin(job, { ...claimant, origin });
      });
    });
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
      const row = this.#statements.of("SELECT ends, owner FROM forward_job WHERE id = ? AND attempt = ?");
      const mine = row.get(job.id, job.attemptId);
      if (mine === undefined) return;
      const isDone = after.kind === "done" || Number(mine["ends"]) === 1;
      if (isDone) this.#statements.of("UPDATE forward_job SET standing = 'ended' WHERE id = ?").run(job.id);
      else this.#putBack(job.id, after);
      const state = isDone ? handling.state : after.kind === "held" ? "held" : "waiting";
      this.#say(job.eventId, String(mine["owner"]), { ...handling, state });
    });
  }

  /** Tells other windows that this one lives, if it has sent anything. */
  stay(window: string, now: number): void {
    this.#statements.of("UPDATE forward_window SET alive_until = ? WHERE id = ?").run(now + windowLife, window);
  }

  /**
   * Sees to what windows had under way that live no more: the handler may have had it, as `problem` says. What a rule
   * sends is held, and what a person sent is over.
   */
  reap(now: number, problem: string): void {
    for (const window of this.#turns.deadWindows(now)) this.leave(window, [], problem);
  }

  /** The same for this window as it closes, less `unsent`: those did not go out, and wait for their turn again. */
  leave(window: string, unsent: readonly ClaimedJob[], problem: string): void {
    this.#write(() => {
      for (const job of unsent) this.#takeBack(job);
      for (const { id, eventId, attemptId } of this.#turns.underWay(window)) {
        if (attemptId !== undefined) this.#attempts.finish(attemptId, { milliseconds: 0, problem });
        this.#putBack(id, { kind: "held" });
        this.#changes.setState([eventId], "held", problem);
      }
      this.#end("owner = ?", window);
      this.#statements.of("DELETE FROM forward_window WHERE id = ?").run(window);
    });
  }

  /** Holds what rules have not sent yet. */
  hold(owners: readonly string[]): void {
    const held = "standing = 'pending' AND owner IN (SELECT value FROM json_each(?))";
    if (!this.#exists(held, JSON.stringify(owners))) return;
    this.#write(() => {
      const ids = this.#change(`standing = 'held', behind = NULL, tries = 0, due_at = 0 WHERE ${held}`, owners);
      this.#changes.setState(ids, "held");
    });
  }

  /** Lets go what is held, in order. */
  release(eventIds: readonly number[], owners: readonly string[]): void {
    this.#write(() => {
      const ids = this.#change(
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
      return eventIds.filter(id => this.#callOff(id, among, JSON.stringify(owners))).length;
    });
  }

  /** Calls off everything of an owner. */
  callOffAll(owner: string): void {
    this.#write(() => {
      for (const id of this.of(owner)) this.#callOff(id, "owner = ?", owner);
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
      for (const id of eventIds) this.#pass(id, from, to, targets);
    });
  }

  /** Whether a job is still to be sent, or under way. */
  has(jobId: number): boolean {
    return this.#exists(`id = ? AND ${isKept("event")}`, jobId);
  }

  /** Takes out what cannot be sent: its event is not kept, or holds no request. */
  drop({ id, eventId, attemptId }: ClaimedJob): void {
    this.#write(() => {
      this.#attempts.forget(attemptId);
      this.#remove(id);
      this.#changes.setHandling([eventId], undefined);
    });
  }

  /** The job's next try is due now. */
  hurry(jobId: number): void {
    this.#statements.of("UPDATE forward_job SET due_at = 0 WHERE id = ?").run(jobId);
  }

  /** Ends a job that is not under way. Gives how its event stands then; undefined where the job is gone. */
  stop(jobId: number): Handling | undefined {
    return this.#write(() => {
      const row = this.#statements.of("SELECT event FROM forward_job WHERE id = ?").get(jobId);
      this.#end("id = ?", jobId);
      return row === undefined ? undefined : { state: "stopped", attempts: this.#attempts.count(eventOf(row)) };
    });
  }

  /**
   * Says how an event stands now that a try for one of its targets has ended. Of several targets, those under way say it,
   * then those that wait, then those that ended worst; what has ended is kept until all have.
   */
  #say(eventId: number, owner: string, last: Omit<Handling, "attempts">): void {
    const open = this.#openState(eventId, owner);
    const ended = open === undefined ? this.#worst(eventId, owner, last) : last;
    if (open === undefined) this.#removeEnded(eventId, owner);
    else this.#leaveLanes(eventId, owner);
    const handling = open === undefined || open === last.state ? ended : { state: open };
    this.#changes.setHandling([eventId], { ...handling, attempts: this.#attempts.count(eventId) });
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

  /** No answer at all, else the highest status. */
  #worst(eventId: number, owner: string, last: Omit<Handling, "attempts">): Omit<Handling, "attempts"> {
    const row = this.#statements
      .of(
        `SELECT status, milliseconds, problem FROM attempt
         WHERE id IN (SELECT attempt FROM forward_job WHERE event = ? AND owner = ? AND standing = 'ended')
         ORDER BY status IS NOT NULL, status DESC LIMIT 1`,
      )
      .get(eventId, owner);
    const isAlone = this.#statements.of("SELECT count(*) AS n FROM forward_job WHERE event = ? AND owner = ?");
    if (row === undefined || Number(isAlone.get(eventId, owner)?.["n"]) === 1) return last;
    const known = { milliseconds: Number(row["milliseconds"]), ...problemOf(row) };
    return row["status"] === null
      ? { state: "failed", ...known }
      : { state: "answered", status: Number(row["status"]), ...known };
  }

  #removeEnded(eventId: number, owner: string): void {
    this.#statements
      .of("DELETE FROM forward_job WHERE event = ? AND owner = ? AND standing = 'ended'")
      .run(eventId, owner);
  }

  /** What has ended at one target holds nothing up: those that wait at others do. */
  #leaveLanes(eventId: number, owner: string): void {
    const ended = "SELECT id FROM forward_job WHERE event = ? AND owner = ? AND standing = 'ended'";
    this.#statements.of(`DELETE FROM forward_lane WHERE job IN (${ended})`).run(eventId, owner);
    this.#statements.of(`UPDATE forward_job SET behind = NULL WHERE behind IN (${ended})`).run(eventId, owner);
  }

  #beat(window: string, now: number): void {
    this.#statements
      .of("INSERT OR REPLACE INTO forward_window (id, alive_until) VALUES (?, ?)")
      .run(window, now + windowLife);
  }

  #add(owner: string, { eventId, targets, lanes, standing }: NewJob): void {
    const isFree = this.#statements
      .of(
        `SELECT 1 FROM event WHERE id = ?1 AND handling IS NULL AND ${isKept("id")}
           AND NOT EXISTS (SELECT 1 FROM forward_job WHERE event = ?1)`,
      )
      .get(eventId);
    if (isFree === undefined) return;
    this.#changes.setState([eventId], standing);
    if (standing === "withheld") return;
    const job = { eventId, lanes, standing: standing === "held" ? standing : "pending", byHand: false };
    for (const target of new Set(targets)) this.#insert(owner, { ...job, target });
  }

  #insert(owner: string, job: HandJob & { readonly standing: string; readonly byHand: boolean }): number {
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

  #begin(
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
  #putBack(id: number, after: AfterTry): void {
    const [standing, dueAt] = after.kind === "again" ? ["pending", after.dueAt] : ["held", 0];
    this.#statements.of("UPDATE forward_job SET standing = ?, due_at = ? WHERE id = ?").run(standing, dueAt, id);
    this.#statements.of("UPDATE forward_job SET behind = NULL WHERE behind = ?").run(id);
  }

  /** As if the try had never begun. */
  #takeBack({ id, eventId, attemptId }: ClaimedJob): void {
    this.#attempts.forget(attemptId);
    this.#putBack(id, { kind: "again", dueAt: 0 });
    this.#statements.of("UPDATE forward_job SET tries = tries - 1, window = NULL, attempt = NULL WHERE id = ?").run(id);
    this.#changes.setState([eventId], "queued");
  }

  #remove(id: number): void {
    this.#statements.of("DELETE FROM forward_job WHERE id = ?").run(id);
  }

  /** Ends the jobs of an event that are not under way, and sees to it that those that are, are tried no more. */
  #callOff(eventId: number, among: string, ...values: readonly string[]): boolean {
    const ended = this.#end(`event = ? AND ${among}`, eventId, ...values);
    const marked = this.#statements
      .of(`UPDATE forward_job SET ends = 1 WHERE standing = 'sending' AND event = ? AND ${among}`)
      .run(eventId, ...values);
    return ended || Number(marked.changes) > 0;
  }

  #end(which: string, ...values: readonly (string | number)[]): boolean {
    const ids = this.#statements
      .of(`DELETE FROM forward_job WHERE standing <> 'sending' AND ${which} RETURNING event`)
      .all(...values)
      .map(eventOf);
    const left = ids.filter(id => !this.#exists("event = ?", id));
    this.#changes.setState(left, "stopped");
    return ids.length > 0;
  }

  #pass(eventId: number, from: string, to: string, targets: readonly string[]): void {
    const rows = this.#statements
      .of("SELECT id, standing FROM forward_job WHERE event = ? AND owner = ? ORDER BY id")
      .all(eventId, from);
    const [first, ...others] = rows;
    if (first === undefined) return;
    for (const { id } of others) this.#remove(Number(id));
    const [target = "", ...more] = targets;
    const lanes = this.#turns.lanesOf(Number(first["id"]));
    this.#statements
      .of("UPDATE OR REPLACE forward_job SET owner = ?, target = ? WHERE id = ?")
      .run(...[to, target, Number(first["id"])]);
    const standing = first["standing"] === "held" ? "held" : "pending";
    for (const each of more) this.#insert(to, { eventId, target: each, lanes, standing, byHand: false });
  }

  #change(change: string, ...values: readonly unknown[]): readonly number[] {
    const rows = this.#statements
      .of(`UPDATE forward_job SET ${change} RETURNING event`)
      .all(...values.map(value => JSON.stringify(value)));
    return rows.map(eventOf);
  }

  #exists(condition: string, value: string | number): boolean {
    return this.#statements.of(`SELECT 1 FROM forward_job WHERE ${condition} LIMIT 1`).get(value) !== undefined;
  }
}

function problemOf({ problem }: Readonly<Record<string, SQLOutputValue>>): { problem?: string } {
  return typeof problem === "string" ? { problem } : {};
}

function eventOf(row: Readonly<Record<string, SQLOutputValue>>): number {
  return Number(row["event"]);
}
