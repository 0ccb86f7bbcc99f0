import type { HistoryDatabase } from "./currentDatabase.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** How far a rule has come. */
export interface RuleProgress {
  /** Events up to this id have been looked at. */
  readonly seenThrough: number;
  /** When a window last saw to the rule: milliseconds since 1970. */
  readonly aliveAt: number;
}

/** How far each rule has come, by its key. */
export class OutboxRules {
  readonly #statements: PreparedStatements;

  constructor(database: HistoryDatabase) {
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
      .run(rule, seenThrough, aliveAt);
  }

  /** Forgets how far a rule has come: when it is back, it begins with what comes in then. New ones go on where it was. */
  forget(rule: string, heirs: readonly string[] = []): void {
    this.#statements
      .of(
        `INSERT OR IGNORE INTO forward_rule (key, seen_through, alive_at)
         SELECT value, seen_through, alive_at FROM forward_rule AS gone, json_each(?2) WHERE gone.key = ?1`,
      )
      .run(rule, JSON.stringify(heirs));
    this.#statements.of("DELETE FROM forward_rule WHERE key = ?").run(rule);
  }

  /** Forgets rules that no window has seen to since; gives their keys. */
  forgetBefore(time: number): readonly string[] {
    const rows = this.#statements.of("DELETE FROM forward_rule WHERE alive_at < ? RETURNING key").all(time);
    return rows.map(row => String(row["key"]));
  }
}
