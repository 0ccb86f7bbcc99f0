import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Clock, second, systemClock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { joinedNote } from "./joinNotes.ts";
import { SharedNotes } from "./keeper.ts";
import { inTransaction } from "./transaction.ts";
import { type DatabaseKind, isDamaged, openPrivateDatabase } from "./privateDatabase.ts";

/** How long a write waits for another window's: milliseconds. Writes take far less; a longer wait would be felt. */
const busyTimeout = 2 * second;

/** The same in a window that closes, whose seconds are counted: whatever it cannot write, the next start makes good. */
const closingTimeout = second / 4;

/** How long after a failure to open the file it is tried again. */
const retryAfter = 15 * second;

const schema = `
  CREATE TABLE IF NOT EXISTS claim (key TEXT PRIMARY KEY, holder TEXT NOT NULL, taken_at INTEGER NOT NULL, until INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS entry (key TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS entry_by_key ON entry (key, at);
  CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS bulletin (number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL);
`;

const kind: DatabaseKind = {
  prepare: prepareShared,
  asideName: (file, error) => (isDamaged(error) ? `${file}.damaged` : undefined),
};

/** What claims, notes and the ledger need of a database. Statements are not to be kept: the database may change. */
export type StatementSource = Pick<DatabaseSync, "prepare" | "isOpen">;

/** The small database through which the windows of one machine agree. Holds no secrets. */
export interface SharedDatabase extends Disposable {
  readonly database: StatementSource;
  /**
   * False while the file cannot be opened, and this window keeps its own notes in memory: then it knows of no claim,
   * loan or choice of the past and of other windows, and must not act as if there were none.
   */
  readonly isShared: boolean;
  /** The file could be opened: {@link isShared} is true from now on, and what was noted meanwhile is in it. */
  readonly onDidShare: Event<void>;
  /** From now on no read or write waits for another window's for longer than a window can that closes. */
  hurry(): void;
}

/**
 * Opens the database at `file`, made as needed. One that is damaged is moved aside and a new one begun. Where the file
 * cannot be opened for another reason (another program has it, the disk is full), this window keeps its own in memory,
 * says so in the log, and tries again until it can.
 */
export function openSharedDatabase(file: string, logger: Logger, clock: Clock = systemClock): SharedDatabase {
  return new SharedFile(file, logger, clock);
}

/** Runs `action` once, as soon as what windows share is known. Disposing first cancels it. */
export function whenShared(shared: Pick<SharedDatabase, "isShared" | "onDidShare">, action: () => void): Disposable {
  if (!shared.isShared) return shared.onDidShare(action);
  action();
  return toDisposable(() => undefined);
}

/** Makes the tables, where they are not there yet. */
export function prepareShared(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec(schema);
}

class SharedFile implements SharedDatabase {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #shared = this.#store.add(new Emitter<void>());
  #current: DatabaseSync;
  #isShared: boolean;

  readonly onDidShare = this.#shared.event;
  readonly database: StatementSource;

  constructor(file: string, logger: Logger, clock: Clock) {
    this.#file = file;
    this.#logger = logger;
    this.#clock = clock;
    const opened = this.#open(busyTimeout, error => this.#warn(error));
    this.#isShared = opened !== undefined;
    this.#current = opened ?? openInMemory();
    this.database = new CurrentDatabase(() => this.#current);
    if (!this.#isShared) this.#retryLater();
  }

  get isShared(): boolean {
    return this.#isShared;
  }

  hurry(): void {
    if (this.#current.isOpen) this.#current.exec(`PRAGMA busy_timeout = ${closingTimeout}`);
  }

  dispose(): void {
    this.#store.dispose();
    if (this.#current.isOpen) this.#current.close();
  }

  #open(wait: number, onError?: (error: unknown) => void): DatabaseSync | undefined {
    try {
      const { database, movedAside } = openPrivateDatabase(this.#file, kind, wait);
      if (movedAside !== undefined) this.#warn(movedAside.cause);
      return database;
    } catch (error) {
      onError?.(error);
      return undefined;
    }
  }

  #warn(error: unknown): void {
    this.#logger.warn(`What windows share could not be opened at ${this.#file}: ${describeCauses(error)}`);
  }

  #retryLater(): void {
    const timer = this.#store.add(
      this.#clock.after(retryAfter, () => {
        this.#store.delete(timer);
        this.#retry();
      }),
    );
  }

  /** Without waiting for anybody: this runs in the middle of somebody's work. */
  #retry(): void {
    const opened = this.#open(0);
    if (opened === undefined || !this.#takeOver(opened)) this.#retryLater();
  }

  #takeOver(opened: DatabaseSync): boolean {
    try {
      moveInto(opened, this.#current);
      opened.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    } catch (error) {
      opened.close();
      this.#warn(error);
      return false;
    }
    this.#current.close();
    this.#current = opened;
    this.#isShared = true;
    this.#logger.info(`What windows share is open at ${this.#file}.`);
    this.#shared.fire();
    return true;
  }
}

/** Always the database that is in use at the moment. */
class CurrentDatabase implements StatementSource {
  readonly #current: () => DatabaseSync;

  constructor(current: () => DatabaseSync) {
    this.#current = current;
  }

  get isOpen(): boolean {
    return this.#current().isOpen;
  }

  prepare(sql: string): StatementSync {
    return this.#current().prepare(sql);
  }
}

function openInMemory(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  prepareShared(database);
  return database;
}

/** Takes what this window noted in memory into the file. A claim that is there is another window's. */
function moveInto(file: DatabaseSync, memory: DatabaseSync): void {
  inTransaction(file, () => {
    joinNotes(file, memory);
    copy(memory, file, "claim", ["key", "holder", "taken_at", "until"]);
    copy(memory, file, "entry", ["key", "at"]);
    copy(memory, file, "bulletin", ["topic"]);
  });
}

function joinNotes(file: DatabaseSync, memory: DatabaseSync): void {
  const [known, noted] = [new SharedNotes(file), new SharedNotes(memory)];
  for (const key of noted.keys("")) {
    const [before, after = ""] = [known.get(key), noted.get(key)];
    known.set(key, before === undefined ? after : joinedNote(key, before, after));
  }
}

function copy(from: DatabaseSync, to: DatabaseSync, table: string, columns: readonly string[]): void {
  const names = columns.join(", ");
  const places = columns.map(() => "?").join(", ");
  const insert = to.prepare(`INSERT INTO ${table} (${names}) VALUES (${places}) ON CONFLICT DO NOTHING`);
  for (const row of from.prepare(`SELECT ${names} FROM ${table}`).all()) {
    insert.run(...columns.map(column => row[column] ?? null));
  }
}
