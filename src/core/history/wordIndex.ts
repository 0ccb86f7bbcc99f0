import { type Clock, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { readEvent } from "../events/readEvent.ts";
import { searchableRecord, searchableText } from "../events/searchableText.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { inTransaction } from "../windows/transaction.ts";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { EventStatements } from "./eventStatements.ts";
import { PreparedStatements } from "./preparedStatements.ts";

/** How long words are gathered: many in one go cost far less than a few at a time. */
const gatheringTime = second / 2;
const pauseBetweenSlices = 10;
const retryAfter = second;

/** What one slice takes in: so many entries, and fewer where their bodies have more than so many bytes. One always goes. */
const entriesAtOnce = 250;
const bytesAtOnce = 256 * 1024;

/**
 * Puts the words of what is stored into their index, in slices behind the work of the window. How far that is done is in
 * the database: any window goes on where another ended, and whoever looks for words does first what is left.
 */
export class WordIndex implements Disposable {
  readonly #database: HistoryDatabase;
  readonly #statements: PreparedStatements;
  readonly #events: Pick<EventStatements, "these">;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Disposable | undefined;

  constructor(
    database: HistoryDatabase,
    { events, clock, logger }: { events: Pick<EventStatements, "these">; clock: Clock; logger: Logger },
  ) {
    this.#database = database;
    this.#statements = new PreparedStatements(database);
    this.#events = events;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** To be called once something was stored. */
  begin(): void {
    this.#schedule(gatheringTime);
  }

  /** Does what is left, now. */
  catchUp(): void {
    while (this.#isBehind()) inTransaction(this.#database, () => this.#takeSlice());
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #schedule(delay: number): void {
    this.#timer ??= this.#clock.after(delay, () => {
      this.#timer = undefined;
      this.#goOn();
    });
  }

  #goOn(): void {
    try {
      if (!this.#isBehind()) return;
      inTransaction(this.#database, () => this.#takeSlice());
      this.#schedule(pauseBetweenSlices);
    } catch (error) {
      this.#logger.info(`Words of new events are indexed later: ${describeCauses(error)}`);
      this.#schedule(retryAfter);
    }
  }

  #isBehind(): boolean {
    const sql = "SELECT 1 FROM event, past WHERE event.id > past.words_through LIMIT 1";
    return this.#statements.of(sql).get() !== undefined;
  }

  #takeSlice(): void {
    const ids = this.#next();
    const insert = this.#statements.of("INSERT INTO event_text (rowid, text) VALUES (?, ?)");
    for (const event of this.#events.these(ids)) {
      const text = textOf(event);
      if (text !== undefined) insert.run(event.id, text);
    }
    const last = ids.at(-1);
    if (last !== undefined) this.#statements.of("UPDATE past SET words_through = ?").run(last);
  }

  #next(): readonly number[] {
    const sql = `SELECT id, bytes FROM event WHERE id > (SELECT words_through FROM past) ORDER BY id LIMIT ${entriesAtOnce}`;
    let left = bytesAtOnce;
    return this.#statements
      .of(sql)
      .all()
      .filter(({ bytes }, index) => (left -= Number(bytes)) >= 0 || index === 0)
      .map(({ id }) => Number(id));
  }
}

/** Undefined where there is nothing to look into: gaps, and what could not be opened. */
function textOf(event: StoredEvent): string | undefined {
  const read = readEvent(event);
  if (read.kind === "request") return searchableText(read);
  return read.kind === "recovered" ? searchableRecord(read.payload) : undefined;
}
