import * as v from "valibot";
import { type Clock, day } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";

export interface UnknownChannelsDependencies {
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `since`: when its relay said so first, in milliseconds since 1970. */
const noteSchema = v.object({ channel: v.string(), since: v.number() });

/**
 * The channels that their relays say they do not know. A relay that came up without its data says that, too, so it counts
 * only when it is said again after a day.
 */
export class UnknownChannels implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #list: VaultList<v.InferOutput<typeof noteSchema>>;

  constructor({ vault, clock, logger }: UnknownChannelsDependencies) {
    this.#clock = clock;
    this.#list = this.#store.add(new VaultList({ vault, key: "relay.unknownSince", schema: noteSchema, logger }));
  }

  /** Its relay said that it does not know the channel. True where it has said so for a day. Rejects where the vault fails. */
  async note(channel: string): Promise<boolean> {
    const now = this.#clock.now();
    const isNoted = (notes: readonly { readonly channel: string }[]): boolean =>
      notes.some(note => note.channel === channel);
    await this.#list.update(notes => (isNoted(notes) ? notes : [...notes, { channel, since: now }]));
    await this.#list.load();
    const since = this.#list.entries.find(note => note.channel === channel)?.since ?? now;
    return now - since >= day;
  }

  /** The channel is known again, or forgotten. Rejects where the vault fails. */
  async clear(channel: string): Promise<void> {
    await this.#list.update(notes => {
      const others = notes.filter(note => note.channel !== channel);
      return others.length === notes.length ? notes : others;
    });
  }

  dispose(): void {
    this.#store.dispose();
  }
}
