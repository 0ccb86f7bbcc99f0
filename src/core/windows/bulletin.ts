import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { StatementSource } from "./sharedDatabase.ts";

/** How often a window looks whether another has posted something. SQLite answers from memory where nobody wrote. */
const lookInterval = second / 2;

/**
 * Where windows of one machine tell each other that something became another: a topic, such as a connection, and no more.
 * Who hears of it asks whoever knows. A disk that fails costs the news, never the work.
 */
export class Bulletin implements Disposable {
  readonly #database: StatementSource;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #interval: number;
  readonly #posted = new Emitter<string>();
  #version: number | undefined;
  #seen = 0;
  /** What this window posted is no news to it. */
  readonly #own = new Set<number>();
  #timer: Disposable | undefined;

  /** Another window posted this topic. */
  readonly onDidPost: Event<string> = this.#posted.event;

  constructor(database: StatementSource, clock: Clock, logger: Logger, interval = lookInterval) {
    this.#interval = interval;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
    this.#orLog(() => {
      this.#seen = this.#newest();
    });
    this.#wait();
  }

  post(topic: string): void {
    this.#orLog(() => {
      const { lastInsertRowid } = this.#database.prepare("INSERT INTO bulletin (topic) VALUES (?)").run(topic);
      this.#own.add(Number(lastInsertRowid));
      this.#database.prepare("DELETE FROM bulletin WHERE number <= ?").run(Number(lastInsertRowid) - mostKept);
      this.#look();
    });
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#posted.dispose();
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#interval, () => {
      this.#orLog(() => this.#lookIfWritten());
      this.#wait();
    });
  }

  /** SQLite counts what other connections wrote; its own writes leave the number alone. */
  #lookIfWritten(): void {
    if (!this.#database.isOpen) return;
    const version = Number(this.#database.prepare("PRAGMA data_version").get()?.["data_version"]);
    if (version === this.#version) return;
    this.#version = version;
    this.#look();
  }

  #look(): void {
    const sql = "SELECT number, topic FROM bulletin WHERE number > ? ORDER BY number";
    const rows = this.#database
      .prepare(sql)
      .all(this.#seen)
      .map(row => ({ number: Number(row["number"]), topic: String(row["topic"]) }));
    this.#seen = rows.at(-1)?.number ?? this.#seen;
    const others = rows.filter(({ number }) => !this.#own.delete(number));
    for (const topic of new Set(others.map(row => row.topic))) this.#posted.fire(topic);
  }

  #newest(): number {
    return Number(this.#database.prepare("SELECT ifnull(max(number), 0) AS n FROM bulletin").get()?.["n"]);
  }

  #orLog(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#logger.warn(`bulletin: ${describeCauses(error)}`);
    }
  }
}

/** A window that has not looked for so many posts reads everything anew when it is shown. */
const mostKept = 1_000;
