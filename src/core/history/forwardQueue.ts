import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { PreparedStatements } from "./preparedStatements.ts";

/** An event that is to be sent, and how often that was tried. */
export interface QueuedEvent {
  readonly eventId: number;
  readonly tries: number;
}

/**
 * Whether an event may be sent. `held`: not before a person says so; `behind`: not before an older event of one of its
 * records, which is held or waits like it.
 */
export type Standing = "pending" | "held" | "behind";

/** As they are written down. */
const standings: readonly Standing[] = ["pending", "held", "behind"];

/** How far a rule has come. */
export interface RuleProgress {
  /** Events up to this id have been looked at. */
  readonly seenThrough: number;
  /** When a window last saw to the rule: milliseconds since 1970. */
  readonly aliveAt: number;
}

/**
 * What is to be sent to local handlers, in the file of the history, so that it outlives the window. Each event is in it
 * once, for its owner: a forwarding rule, or a window where a person has it sent. Events that are held wait for a word, and
 * those behind them for what becomes of them.
 */
export class ForwardQueue {
  readonly #statements: PreparedStatements;

  constructor(database: DatabaseSync) {
    this.#statements = new PreparedStatements(database);
  }

  /** Undefined for a rule that no window has seen to before. */
  progress(rule: string): RuleProgress | undefined {
    const row = this.#statements.of("SELECT seen_through, alive_at FROM forward_rule WHERE key = ?").get(rule);
    return row === undefined
      ? undefined
      : { seenThrough: Number(row["seen_through"]), aliveAt: Number(row["alive_at"]) };
  }

  setProgress(rule: string, { seenThrough, aliveAt }: RuleProgress): void {
    this.#statements
      .of("INSERT OR REPLACE INTO forward_rule (key, seen_through, alive_at) VALUES (?, ?, ?)")
      .run(...[rule, seenThrough, aliveAt]);
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

  /** Adds an event unless it is there, be it for another owner; says whether it was added. */
  add(owner: string, eventId: number, standing: Standing): boolean {
    const added = this.#statements
      .of("INSERT OR IGNORE INTO forward_job (event, owner, held) VALUES (?, ?, ?)")
      .run(...[eventId, owner, standings.indexOf(standing)]);
    return Number(added.changes) === 1;
  }

  /** The first events of an owner that are to be sent now, in order of arrival. */
  pending(owner: string, limit: number): QueuedEvent[] {
    return this.#statements
      .of("SELECT event, tries FROM forward_job WHERE owner = ? AND held = 0 ORDER BY event LIMIT ?")
      .all(owner, limit)
      .map(queuedEventOf);
  }

  /** All events of an owner that no person has to say a word about: those to be sent now, and those behind others. */
  unheld(owner: string): QueuedEvent[] {
    return this.#statements
      .of("SELECT event, tries FROM forward_job WHERE owner = ? AND held <> 1 ORDER BY event")
      .all(owner)
      .map(queuedEventOf);
  }

  /** Ids of an owner's events that wait behind others, oldest first. */
  behind(owner: string): number[] {
    return this.#statements
      .of("SELECT event FROM forward_job WHERE owner = ? AND held = 2 ORDER BY event")
      .all(owner)
      .map(row => Number(row["event"]));
  }

  /**
   * Whether the owners have an older event about one of these records that is held, or waits behind one that is. With
   * `own`, one of another owner than that which was not sent yet counts as well.
   */
  isBehind(eventId: number, records: readonly string[], owners: readonly string[], own?: string): boolean {
    if (records.length === 0) return false;
    const found = this.#statements
      .of(
        `SELECT 1 FROM event_record AS about CROSS JOIN forward_job AS job ON job.event = about.event
       WHERE about.record IN (SELECT value FROM json_each(?)) AND about.event < ?
         AND job.owner IN (SELECT value FROM json_each(?)) AND (job.held > 0 OR job.owner <> ?) LIMIT 1`,
      )
      .get(JSON.stringify(records), eventId, JSON.stringify(owners), own ?? null);
    return found !== undefined;
  }

  /** Those of these events that the owner has here, and how they stand. */
  standing(owner: string, eventIds: readonly number[]): ReadonlyMap<number, Standing> {
    const rows = this.#statements
      .of("SELECT event, held FROM forward_job WHERE owner = ? AND event IN (SELECT value FROM json_each(?))")
      .all(owner, JSON.stringify(eventIds));
    return new Map(rows.map(row => [Number(row["event"]), standings[Number(row["held"])] ?? "pending"]));
  }

  /** Ids of the owners' events that are held, oldest first. */
  held(owners: readonly string[]): number[] {
    return this.#ids(
      `SELECT event FROM forward_job WHERE owner IN (SELECT value FROM json_each(?)) AND held = 1 ORDER BY event`,
      owners,
    );
  }

  /** How many events of the owners stand so. */
  count(owners: readonly string[], standing: Standing): number {
    const row = this.#statements
      .of("SELECT count(*) AS n FROM forward_job WHERE owner IN (SELECT value FROM json_each(?)) AND held = ?")
      .get(JSON.stringify(owners), standings.indexOf(standing));
    return Number(row?.["n"]);
  }

  /** All owners that have an event here. */
  owners(): readonly string[] {
    const rows = this.#statements.of("SELECT DISTINCT owner FROM forward_job").all();
    return rows.map(row => String(row["owner"]));
  }

  /** Ids of everything that an owner has here. */
  of(owner: string): number[] {
    return this.#ids("SELECT event FROM forward_job WHERE owner = (SELECT value FROM json_each(?)) ORDER BY event", [
      owner,
    ]);
  }

  setTries(eventId: number, tries: number): void {
    this.#statements.of("UPDATE forward_job SET tries = ? WHERE event = ?").run(tries, eventId);
  }

  /** Holds events, or lets them go, and begins to count their tries anew. */
  setStanding(eventIds: readonly number[], standing: Standing): void {
    this.#statements
      .of("UPDATE forward_job SET held = ?, tries = 0 WHERE event IN (SELECT value FROM json_each(?))")
      .run(standings.indexOf(standing), JSON.stringify(eventIds));
  }

  /** Gives events to another owner. */
  pass(eventIds: readonly number[], owner: string): void {
    this.#statements
      .of("UPDATE forward_job SET owner = ? WHERE event IN (SELECT value FROM json_each(?))")
      .run(...[owner, JSON.stringify(eventIds)]);
  }

  /** Takes events out; of those of one owner only, where one is given. */
  remove(eventIds: readonly number[], owner?: string): void {
    this.#statements
      .of("DELETE FROM forward_job WHERE event IN (SELECT value FROM json_each(?1)) AND owner = ifnull(?2, owner)")
      .run(JSON.stringify(eventIds), owner ?? null);
  }

  #ids(sql: string, values: readonly string[]): number[] {
    return this.#statements
      .of(sql)
      .all(JSON.stringify(values))
      .map(row => Number(row["event"]));
  }
}

function queuedEventOf(row: Readonly<Record<string, SQLOutputValue>>): QueuedEvent {
  return { eventId: Number(row["event"]), tries: Number(row["tries"]) };
}
