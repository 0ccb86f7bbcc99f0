import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";

export interface SinceNotesOptions {
  readonly vault: SecretVault;
  /** Under which the notes are kept. */
  readonly key: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `since` in milliseconds since 1970. */
const noteSchema = v.object({ channel: v.string(), since: v.number() });
type Note = Readonly<v.InferOutput<typeof noteSchema>>;

/** Since when something is so of relay channels, beyond the life of a window. All windows share the notes. */
export class SinceNotes implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #list: VaultList<Note>;

  constructor({ vault, key, clock, logger }: SinceNotesOptions) {
    this.#clock = clock;
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
      const since = notes.find(note => note.channel === channel)?.since ?? Infinity;
      // What lies ahead was noted by a clock that has been set right since.
      return since <= now ? notes : [...without(notes, channel), { channel, since: now }];
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

  /** For how many milliseconds it has been so, as far as this window has heard; 0 where it is not. */
  duration(channel: string): number {
    const note = this.#list.entries.find(each => each.channel === channel);
    return note === undefined ? 0 : Math.max(0, this.#clock.now() - note.since);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function without(notes: readonly Note[], channel: string): readonly Note[] {
  return notes.filter(note => note.channel !== channel);
}
