import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { StatementSource } from "./sharedDatabase.ts";

/** How often a window looks whether another has posted something. SQLite answers from memory where nobody wrote. */
const lookInterval = second / 2;

/** Which database is in use, and how often others wrote to it: SQLite leaves the number alone where we write ourselves. */
interface Written {
  /** Empty while the database is in memory. */
  readonly file: string;
  readonly version: number;
}

const nothingWritten: Written = { file: "", version: 0 };

const whatIsWritten =
  "SELECT (SELECT file FROM pragma_database_list WHERE name = 'main') AS file, " +
  "(SELECT data_version FROM pragma_data_version) AS version";

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
  #written: Written;
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
    this.#written = this.#orLog(() => this.#lookAtDatabase()) ?? nothingWritten;
    this.#seen = this.#orLog(() => this.#newest()) ?? 0;
    this.#wait();
  }

  post(topic: string): void {
    this.#orLog(() => {
      this.#follow(this.#lookAtDatabase());
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

  #lookIfWritten(): void {
    if (!this.#database.isOpen) return;
    const { file, version } = this.#lookAtDatabase();
    if (file !== this.#written.file || version !== this.#written.version) this.#look();
  }

  #lookAtDatabase(): Written {
    const row = this.#database.prepare(whatIsWritten).get();
    return { file: String(row?.["file"]), version: Number(row?.["version"]) };
  }

  #look(): void {
    const written = this.#lookAtDatabase();
    this.#follow(written);
    const sql = "SELECT number, topic FROM bulletin WHERE number > ? ORDER BY number";
    const rows = this.#database
      .prepare(sql)
      .all(this.#seen)
      .map(row => ({ number: Number(row["number"]), topic: String(row["topic"]) }));
    this.#written = written;
    this.#seen = rows.at(-1)?.number ?? this.#seen;
    const others = rows.filter(({ number }) => !this.#own.delete(number));
    for (const topic of new Set(others.map(row => row.topic))) this.#posted.fire(topic);
  }

  /**
   * Posts of another database have numbers of their own. Of those in a file that has just opened nobody knows what this
   * window has seen to: it hears all of them, its own included.
   */
  #follow({ file }: Written): void {
    if (file === this.#written.file) return;
    this.#written = { ...nothingWritten, file };
    this.#seen = 0;
  }

  #newest(): number {
    return Number(this.#database.prepare("SELECT ifnull(max(number), 0) AS n FROM bulletin").get()?.["n"]);
  }

  #orLog<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#logger.warn(`bulletin: ${describeCauses(error)}`);
      return undefined;
    }
  }
}

/** A window that has not looked for so many posts reads everything anew when it is shown. */
const mostKept = 1_000;
