import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { joinedNote } from "./joinNotes.ts";
import type { SharedNotes } from "./keeper.ts";

/** What a note is to be (undefined: none), and what it was when this window changed it. */
interface Unwritten {
  readonly value: string | undefined;
  readonly before: string | undefined;
}

/**
 * Notes whose writer goes on where the database fails: what could not be written is known to this window all the same, and
 * is written later. Never throws.
 */
export class SteadyNotes {
  readonly #notes: Pick<SharedNotes, "get" | "keys" | "setAll" | "deleteAll">;
  readonly #logger: Logger;
  readonly #unwritten = new Map<string, Unwritten>();

  constructor(notes: Pick<SharedNotes, "get" | "keys" | "setAll" | "deleteAll">, logger: Logger) {
    this.#notes = notes;
    this.#logger = logger;
  }

  /** True while something could not be written. */
  get isBehind(): boolean {
    return this.#unwritten.size > 0;
  }

  get(key: string): string | undefined {
    return this.#orLog(() => this.#meant(key)) ?? this.#unwritten.get(key)?.value;
  }

  /** The notes whose keys begin with `prefix`; undefined where they cannot be read. */
  all(prefix: string): ReadonlyMap<string, string> | undefined {
    return this.#orLog(() => {
      const unwritten = [...this.#unwritten.keys()].filter(key => key.startsWith(prefix));
      const keys = new Set([...this.#notes.keys(prefix), ...unwritten]);
      return new Map([...keys].flatMap(key => withKey(key, this.#meant(key))));
    });
  }

  /** Changes all of them with one write, as a file that is locked keeps everybody waiting each time; undefined deletes. */
  change(changes: ReadonlyMap<string, string | undefined>): void {
    for (const [key, value] of changes) this.#unwritten.set(key, { value, before: this.#read(key) });
    this.#orLog(() => this.#write());
  }

  /** Another try at what could not be written. That it fails again is no news. */
  catchUp(): void {
    try {
      this.#write();
    } catch {
      // It stays where it is.
    }
  }

  #write(): void {
    if (!this.isBehind) return;
    const keys = [...this.#unwritten.keys()];
    const meant = new Map(keys.flatMap(key => withKey(key, this.#meant(key))));
    const gone = keys.filter(key => !meant.has(key));
    if (meant.size > 0) this.#notes.setAll(meant);
    if (gone.length > 0) this.#notes.deleteAll(gone);
    this.#unwritten.clear();
  }

  /** Where another window has written since, both count. */
  #meant(key: string): string | undefined {
    const now = this.#notes.get(key);
    const unwritten = this.#unwritten.get(key);
    if (unwritten === undefined) return now;
    const { value, before } = unwritten;
    if (now === before || now === undefined) return value;
    return value === undefined ? now : joinedNote(key, now, value);
  }

  #read(key: string): string | undefined {
    try {
      return this.#notes.get(key);
    } catch {
      return undefined;
    }
  }

  #orLog<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#logger.warn(`What windows share cannot be used: ${describeCauses(error)}`);
      return undefined;
    }
  }
}

function withKey(key: string, value: string | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}
