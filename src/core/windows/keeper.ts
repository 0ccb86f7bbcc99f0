import type { StatementSource } from "./sharedDatabase.ts";

/** Facts that all windows know and that survive a crash, by key. Never secrets. Throws where the disk does not allow it. */
export class SharedNotes {
  readonly #database: StatementSource;

  constructor(database: StatementSource) {
    this.#database = database;
  }

  get(key: string): string | undefined {
    const row = this.#database.prepare("SELECT value FROM note WHERE key = ?").get(key);
    return row === undefined ? undefined : String(row["value"]);
  }

  set(key: string, value: string): void {
    this.#database
      .prepare("INSERT INTO note (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")
      .run(key, value);
  }

  /** Writes `after` in place of `before`; false where another window has written the note since. */
  replace(key: string, before: string, after: string): boolean {
    const statement = this.#database.prepare("UPDATE note SET value = ?3 WHERE key = ?1 AND value = ?2");
    return Number(statement.run(key, before, after).changes) > 0;
  }

  delete(key: string): void {
    this.#database.prepare("DELETE FROM note WHERE key = ?").run(key);
  }

  /** Writes all of them, or none. */
  setAll(notes: ReadonlyMap<string, string>): void {
    this.#database
      .prepare(
        `INSERT INTO note (key, value) SELECT key, value FROM json_each(?) WHERE true
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      )
      .run(JSON.stringify(Object.fromEntries(notes)));
  }

  deleteAll(keys: readonly string[]): void {
    this.#database.prepare("DELETE FROM note WHERE key IN (SELECT value FROM json_each(?))").run(JSON.stringify(keys));
  }

  /**
   * Forgets windows that were last seen before `before`, in milliseconds since 1970. A window leaves word that it is open
   * under a key that begins with `window.`, and the note is when it was last seen.
   */
  purgeWindows(before: number): void {
    this.#database
      .prepare("DELETE FROM note WHERE substr(key, 1, 7) = 'window.' AND CAST(value AS INTEGER) < ?")
      .run(before);
  }

  /** The keys that begin with `prefix`, in order. */
  keys(prefix: string): readonly string[] {
    return this.#database
      .prepare("SELECT key FROM note WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key")
      .all(prefix)
      .map(row => String(row["key"]));
  }
}
