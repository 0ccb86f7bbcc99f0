import * as v from "valibot";
import type { Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";
import { type RelayChannel, relayChannelSchema } from "../relay/relayChannel.ts";

const prefix = "relay.channel:";

/** Keeps one channel (with its read key) per relay among the secrets. */
export class ChannelVault {
  readonly #vault: SecretVault;
  readonly #logger: Logger;

  /** Fires with the relay's name when its channel was changed, by this window or another. */
  readonly onDidChange: Event<string>;

  constructor(vault: SecretVault, logger: Logger) {
    this.#vault = vault;
    this.#logger = logger;
    this.onDidChange = listener =>
      vault.onDidChange(key => {
        if (key.startsWith(prefix)) listener(key.slice(prefix.length));
      });
  }

  /** The kept channel, or undefined when there is none or it cannot be read any more. */
  async read(relay: string): Promise<RelayChannel | undefined> {
    const text = await this.#vault.get(prefix + relay);
    if (text === undefined) return undefined;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), relayChannelSchema), text);
    if (parsed.success) return parsed.output;
    this.#logger.warn(`relay: the kept channel of ${relay} cannot be read and is replaced`);
    return undefined;
  }

  async write(relay: string, channel: RelayChannel): Promise<void> {
    await this.#vault.store(prefix + relay, JSON.stringify(channel));
  }

  async forget(relay: string): Promise<void> {
    await this.#vault.delete(prefix + relay);
  }
}
