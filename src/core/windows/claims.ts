import { randomUUID } from "node:crypto";
import { type Clock, day } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";
import type { StatementSource } from "./sharedDatabase.ts";

/** The right to do something that only one window may do at a time. Disposing gives it back. */
export interface Claim extends Disposable {
  /** Holds it for `milliseconds` from now; false where it had run out and is another's. */
  extend(milliseconds: number): boolean;
}

/**
 * Taking turns between windows. A claim runs out by itself, so that a window that crashed stops nobody for long. One that
 * begins further in the future than it is long is void, as the machine's clock was set back since: where it was set back
 * by less, its window may still be at it.
 */
export class Claims {
  readonly #database: StatementSource;
  readonly #clock: Clock;

  constructor(database: StatementSource, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Takes `key` for `milliseconds`; undefined while it is held, be it by another window or by this one. Throws where
   * the database cannot be written.
   */
  take(key: string, milliseconds: number): Claim | undefined {
    const holder = randomUUID();
    const now = this.#clock.now();
    // One statement is one transaction: of two windows that ask at once, one finds the row taken.
    const taken = this.#database
      .prepare(
        `INSERT INTO claim (key, holder, taken_at, until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (key) DO UPDATE SET holder = ?2, taken_at = ?3, until = ?4
         WHERE until <= ?3 OR taken_at - ?3 > until - taken_at`,
      )
      .run(key, holder, now, now + milliseconds);
    return Number(taken.changes) === 1 ? this.#claim(key, holder) : undefined;
  }

  /** Forgets claims that ran out more than a day ago: nobody extends them any more. Throws as {@link take} does. */
  purge(): void {
    this.#database.prepare("DELETE FROM claim WHERE until < ?").run(this.#clock.now() - day);
  }

  #claim(key: string, holder: string): Claim {
    const release = toDisposable(() => {
      if (this.#database.isOpen) {
        this.#database.prepare("DELETE FROM claim WHERE key = ? AND holder = ?").run(key, holder);
      }
    });
    return { extend: milliseconds => this.#extend(key, holder, milliseconds), dispose: () => release.dispose() };
  }

  /** One that ran out without anybody taking it is held again. */
  #extend(key: string, holder: string, milliseconds: number): boolean {
    if (!this.#database.isOpen) return false;
    const now = this.#clock.now();
    const extended = this.#database
      .prepare("UPDATE claim SET taken_at = ?, until = ? WHERE key = ? AND holder = ?")
      .run(now, now + milliseconds, key, holder);
    return Number(extended.changes) === 1;
  }
}
