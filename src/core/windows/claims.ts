import { randomUUID } from "node:crypto";
import { type Clock, day } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";
import type { StatementSource } from "./sharedDatabase.ts";

/** The right to do something that only one window may do at a time. Disposing gives it back. */
export interface Claim extends Disposable {
  /** Holds it for `milliseconds` from now; false where it had run out and is another's. */
  extend(milliseconds: number): boolean;
}

/** Claims that are held together, and extended and given back as one. */
export interface JointClaim extends Claim {
  /** What is held. */
  readonly keys: ReadonlySet<string>;
  /** Takes those of `keys` that are free, too, for `milliseconds`. Throws where the database cannot be written. */
  add(keys: readonly string[], milliseconds: number): void;
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
    const claim = this.join();
    claim.add([key], milliseconds);
    return claim.keys.size === 1 ? claim : undefined;
  }

  /** A claim on nothing yet, for what is wanted together: a database that is locked is waited for once for all of it. */
  join(): JointClaim {
    const holder = randomUUID();
    const held = new Set<string>();
    const release = toDisposable(() => this.#release(holder, held));
    return {
      keys: held,
      add: (keys, milliseconds) => {
        for (const key of this.#take(holder, keys, milliseconds)) held.add(key);
      },
      extend: milliseconds => this.#extend(holder, held, milliseconds),
      dispose: () => release.dispose(),
    };
  }

  /** Whether nobody holds `key`, nor was gone without giving it back, as far as is known. */
  isGivenBack(key: string): boolean {
    return this.#database.prepare("SELECT 1 FROM claim WHERE key = ?").get(key) === undefined;
  }

  /** Forgets claims that ran out more than a day ago: nobody extends them any more. Throws as {@link take} does. */
  purge(): void {
    this.#database.prepare("DELETE FROM claim WHERE until < ?").run(this.#clock.now() - day);
  }

  /** The keys that were free. */
  #take(holder: string, keys: readonly string[], milliseconds: number): readonly string[] {
    const now = this.#clock.now();
    // One statement is one transaction: of two windows that ask at once, one finds the row taken.
    const taken = this.#database
      .prepare(
        `INSERT INTO claim (key, holder, taken_at, until) SELECT value, ?2, ?3, ?4 FROM json_each(?1) WHERE true
         ON CONFLICT (key) DO UPDATE SET holder = ?2, taken_at = ?3, until = ?4
         WHERE until <= ?3 OR taken_at - ?3 > until - taken_at
         RETURNING key`,
      )
      .all(JSON.stringify(keys), holder, now, now + milliseconds);
    return taken.map(row => String(row["key"]));
  }

  /** What ran out without anybody taking it is held again. */
  #extend(holder: string, keys: ReadonlySet<string>, milliseconds: number): boolean {
    if (keys.size === 0) return true;
    if (!this.#database.isOpen) return false;
    const now = this.#clock.now();
    const extended = this.#database
      .prepare(
        "UPDATE claim SET taken_at = ?3, until = ?4 WHERE holder = ?2 AND key IN (SELECT value FROM json_each(?1))",
      )
      .run(JSON.stringify([...keys]), holder, now, now + milliseconds);
    return Number(extended.changes) === keys.size;
  }

  #release(holder: string, keys: ReadonlySet<string>): void {
    if (keys.size === 0 || !this.#database.isOpen) return;
    this.#database
      .prepare("DELETE FROM claim WHERE holder = ?2 AND key IN (SELECT value FROM json_each(?1))")
      .run(JSON.stringify([...keys]), holder);
  }
}
