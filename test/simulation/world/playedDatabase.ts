import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type StatementSource, prepareShared } from "../../../src/core/windows/sharedDatabase.ts";
import type { LocalFault } from "./weather.ts";
import type { Life } from "./windowClock.ts";

/** A real database in memory, for one machine of one run after another: to make one takes longer than to use it. */
export class MachineDatabase {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();

  constructor() {
    prepareShared(this.#database);
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** As it is on a machine that never ran the product. */
  clear(): void {
    this.#database.exec("DELETE FROM claim; DELETE FROM entry; DELETE FROM note; DELETE FROM bulletin");
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

/** The database as one window has it, until it dies: with locks of others, and a disk that may be full. */
export class WindowDatabase implements StatementSource {
  readonly #machine: MachineDatabase;
  readonly #life: Life;
  readonly #strikes: (fault: LocalFault) => boolean;

  constructor(machine: MachineDatabase, life: Life, strikes: (fault: LocalFault) => boolean) {
    this.#machine = machine;
    this.#life = life;
    this.#strikes = strikes;
  }

  get isOpen(): boolean {
    return !this.#life.isOver;
  }

  prepare(sql: string): StatementSync {
    if (this.#life.isOver) throw new Error("The window is no more");
    const writes = !sql.trimStart().startsWith("SELECT");
    if (writes && this.#strikes("database locked")) throw new Error("database is locked");
    if (writes && this.#strikes("disk full")) throw new Error("database or disk is full");
    return this.#machine.prepare(sql);
  }
}
