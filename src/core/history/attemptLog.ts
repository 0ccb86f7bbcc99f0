import type { SQLOutputValue } from "node:sqlite";
import type { HistoryDatabase } from "./currentDatabase.ts";
import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import { type Attempt, attemptSchema } from "../../protocol/event.ts";
import type { EventChanges } from "./eventChanges.ts";
import { withoutNulls } from "./eventRows.ts";
import { isKept } from "./isKept.ts";
import { PreparedStatements } from "./preparedStatements.ts";

export type AttemptOrigin = Attempt["origin"];

/** What came of an attempt: an answer with its status, or a problem. */
export type AttemptOutcome = Omit<Attempt, "id" | "origin" | "target" | "startedAt"> & {
  readonly milliseconds: number;
};

/**
 * How a write to the history is done: wholly or not at all, and told to every window. `timeout`: how long it waits for
 * others, in milliseconds.
 */
export type Write = <T>(work: () => T, timeout?: number) => T;

/** What events were sent to, and what came back. */
export class AttemptLog {
  readonly #statements: PreparedStatements;
  readonly #changes: EventChanges;
  readonly #write: Write;

  constructor(database: HistoryDatabase, changes: EventChanges, write: Write) {
    this.#statements = new PreparedStatements(database);
    this.#changes = changes;
    this.#write = write;
  }

  /** Notes that an event is being sent (`startedAt`: milliseconds since 1970); undefined where it is not kept any more. */
  start(eventId: number, origin: AttemptOrigin, target: string, startedAt: number): number | undefined {
    return this.#write(() => {
      const added = this.#statements
        .of(
          `INSERT INTO attempt (event, origin, target, started_at)
           SELECT id, ?, ?, ? FROM event WHERE id = ? AND ${isKept("id")}`,
        )
        .run(origin, target, startedAt, eventId);
      if (Number(added.changes) === 0) return undefined;
      this.#changes.touch(eventId);
      return Number(added.lastInsertRowid);
    });
  }

  /** Notes what came of an attempt. One whose event is gone is passed over. */
  finish(attemptId: number, { milliseconds, status, problem, answer }: AttemptOutcome): void {
    this.#write(() => {
      const finished = this.#statements
        .of(
          `UPDATE attempt SET milliseconds = ?, status = ?, problem = ?, headers = ?, answer = ?, answer_bytes = ?
           WHERE id = ? RETURNING event`,
        )
        .get(
          ...[milliseconds, status ?? null, problem ?? null],
          ...[
            answer === undefined ? null : JSON.stringify(answer.headers),
            answer?.text ?? null,
            answer?.bytes ?? null,
          ],
          attemptId,
        );
      if (finished !== undefined) this.#changes.touch(Number(finished["event"]));
    });
  }

  /** An attempt that never went out. */
  forget(attemptId: number): void {
    this.#write(() => this.#statements.of("DELETE FROM attempt WHERE id = ?").run(attemptId));
  }

  /** How often an event has been sent. */
  count(eventId: number): number {
    const row = this.#statements.of("SELECT count(*) AS n FROM attempt WHERE event = ?").get(eventId);
    return Number(row?.["n"]);
  }

  /** The attempts on an event, oldest first. */
  list(eventId: number): Attempt[] {
    return this.#statements.of("SELECT * FROM attempt WHERE event = ? ORDER BY id").all(eventId).flatMap(toAttempt);
  }
}

function toAttempt(row: Record<string, SQLOutputValue>): Attempt[] {
  const { id, origin, target, started_at: startedAt, milliseconds, status, problem } = row;
  const columns = { id, origin, target, startedAt, milliseconds, status, problem, answer: answerOf(row) };
  const parsed = v.safeParse(attemptSchema, withoutNulls(columns));
  return parsed.success ? [parsed.output] : [];
}

function answerOf({ headers, answer: text, answer_bytes: bytes }: Record<string, SQLOutputValue>): unknown {
  const parsed = typeof headers === "string" ? parseJson(headers) : undefined;
  return parsed?.ok === true ? { headers: parsed.value, text, bytes } : undefined;
}
