import type { SQLOutputValue } from "node:sqlite";
import { type Clock, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { type ReadEvent, type ReadRequest, type Undecodable, readEvent, readPayload } from "../events/readEvent.ts";
import { searchableRecord, searchableText } from "../events/searchableText.ts";
import { inTransaction } from "../windows/transaction.ts";
import type { HistoryDatabase } from "./currentDatabase.ts";
import type { EventStatements } from "./eventStatements.ts";
import { isKept } from "./isKept.ts";
import { shortTimeout } from "./openDatabase.ts";
import { PreparedStatements } from "./preparedStatements.ts";
import type { RecentPayloads } from "./recentPayloads.ts";
import { waitingFor } from "./waitingFor.ts";

/** How long words are gathered: many in one go cost far less than a few at a time. */
const gatheringTime = second / 4;
const pauseBetweenSlices = 10;
const retryAfter = second;

/** What one slice takes in: so many entries, and fewer where their bodies have more than so many bytes. One always goes. */
const entriesAtOnce = 250;
const bytesAtOnce = 256 * 1024;

type Row = Readonly<Record<string, SQLOutputValue>>;

export interface WordIndexOptions {
  readonly events: Pick<EventStatements, "get">;
  /** The payloads of requests. */
  readonly recent: Pick<RecentPayloads, "of">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Puts the words of what is stored into their index, in slices behind the work of the window. How far that is done is in
 * the database: any window goes on where another ended, and whoever looks for words does first what is left.
 */
export class WordIndex implements Disposable {
  readonly #database: HistoryDatabase;
  readonly #statements: PreparedStatements;
  readonly #events: Pick<EventStatements, "get">;
  readonly #recent: Pick<RecentPayloads, "of">;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Disposable | undefined;

  constructor(database: HistoryDatabase, { events, recent, clock, logger }: WordIndexOptions) {
    this.#database = database;
    this.#statements = new PreparedStatements(database);
    this.#events = events;
    this.#recent = recent;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** To be called once something was stored. */
  begin(): void {
    this.#schedule(gatheringTime);
  }

  /** Goes on with what another window, or an earlier one, left. */
  resume(): void {
    if (this.#isBehind()) this.begin();
  }

  /** Does what is left, now, as far as the file is free. Gives the id up to which all words are in the index. */
  catchUp(): number {
    try {
      while (this.#isBehind()) this.#doSlice(shortTimeout);
      return Infinity;
    } catch (error) {
      this.#doLater(error);
      return Number(this.#statements.of("SELECT words_through AS id FROM past").get()?.["id"]);
    }
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
      // This is nobody's turn: whoever has the file keeps it.
      this.#doSlice(0);
      this.#schedule(pauseBetweenSlices);
    } catch (error) {
      this.#doLater(error);
    }
  }

  #doSlice(timeout: number): void {
    waitingFor(this.#database, timeout, () => inTransaction(this.#database, () => this.#takeSlice()));
  }

  #doLater(error: unknown): void {
    this.#logger.info(`Words of new events are indexed later: ${describeCauses(error)}`);
    this.#schedule(retryAfter);
  }

  #isBehind(): boolean {
    const sql = "SELECT 1 FROM event, past WHERE event.id > past.words_through LIMIT 1";
    return this.#statements.of(sql).get() !== undefined;
  }

  #takeSlice(): void {
    const entries = this.#next();
    const insert = this.#statements.of("INSERT INTO event_text (rowid, text) VALUES (?, ?)");
    for (const entry of entries) {
      const id = Number(entry["id"]);
      const text = entry["has_words"] === 1 ? this.#textOf(id) : undefined;
      if (text !== undefined) insert.run(id, text);
    }
    const last = entries.at(-1)?.["id"];
    if (last !== undefined) this.#statements.of("UPDATE past SET words_through = ?").run(last);
  }

  /** Gaps have no words, nor has what could not be opened, or was taken away since. */
  #next(): readonly Row[] {
    let left = bytesAtOnce;
    return this.#statements
      .of(
        `SELECT id, bytes, kind <> 'gap' AND unreadable IS NULL AND ${isKept("id")} AS has_words
         FROM event WHERE id > (SELECT words_through FROM past) ORDER BY id LIMIT ${entriesAtOnce}`,
      )
      .all()
      .filter(({ bytes }, index) => (left -= Number(bytes)) >= 0 || index === 0);
  }

  #textOf(id: number): string | undefined {
    const payload = this.#recent.of(id);
    if (payload !== undefined) return wordsOf(readPayload({ payload }));
    const event = this.#events.get(id);
    return event === undefined ? undefined : wordsOf(readEvent(event));
  }
}

function wordsOf(read: ReadEvent | ReadRequest | Undecodable): string | undefined {
  if (read.kind === "request") return searchableText(read);
  return read.kind === "recovered" ? searchableRecord(read.payload) : undefined;
}
