import * as v from "valibot";
import { type Clock, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";

export interface SinceNotesOptions {
  readonly vault: SecretVault;
  /** Under which the notes are kept. */
  readonly key: string;
  /** So much counts at most between two times that it is said, in milliseconds: a clock may be set, or a machine be off. */
  readonly longestGap: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** In milliseconds since 1970: `at` is when it was said last. Versions before have noted `since` alone. */
const noteSchema = v.object({ channel: v.string(), since: v.number(), at: v.exactOptional(v.number()) });
type Note = Readonly<v.InferOutput<typeof noteSchema>>;

/** What is said more often than that is not written again. */
const shortestGap = minute;

/**
 * How long something has been so of relay channels, beyond the life of a window. What counts is when that was said, not the
 * time alone. All windows share the notes.
 */
export class SinceNotes implements Disposable {
  readonly #clock: Clock;
  readonly #longestGap: number;
  readonly #store = new DisposableStore();
  readonly #list: VaultList<Note>;

  constructor({ vault, key, longestGap, clock, logger }: SinceNotesOptions) {
    this.#clock = clock;
    this.#longestGap = longestGap;
    this.#list = this.#store.add(new VaultList({ vault, key, schema: noteSchema, logger }));
  }

  /** Reads what all windows have noted. Rejects where the vault cannot be read or the notes are damaged. */
  async load(): Promise<void> {
    await this.#list.load();
  }

  /** It is so of the channel now, and has been since the first time that this was said. Rejects where the vault fails. */
  async note(channel: string): Promise<void> {
    const now = this.#clock.now();
    await this.#list.update(notes => {
      const before = notes.find(note => note.channel === channel) ?? { channel, since: now };
      const after = this.#saidAgain(before, now);
      return after === before ? notes : [...without(notes, channel), after];
    });
    await this.#list.load();
  }

  /** It is not so of the channel any more. Rejects where the vault fails. */
  async clear(channel: string): Promise<void> {
    await this.#list.update(notes => {
      const others = without(notes, channel);
      return others.length === notes.length ? notes : others;
    });
  }

  /** For how many milliseconds it had been so when that was said last, as far as this window has heard; 0 where it is not. */
  duration(channel: string): number {
    const note = this.#list.entries.find(each => each.channel === channel);
    return note === undefined ? 0 : lastSaid(note) - note.since;
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The time that does not count is taken from the front. */
  #saidAgain(note: Note, now: number): Note {
    const gap = now - lastSaid(note);
    if (note.at !== undefined && gap >= 0 && gap < shortestGap) return note;
    const counted = Math.min(Math.max(gap, 0), this.#longestGap);
    return { channel: note.channel, since: note.since + gap - counted, at: now };
  }
}

function lastSaid({ since, at = since }: Note): number {
  return at;
}

function without(notes: readonly Note[], channel: string): readonly Note[] {
  return notes.filter(note => note.channel !== channel);
}
