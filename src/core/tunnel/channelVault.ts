import * as v from "valibot";
import type { Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";
import type { SealingKeyPair } from "../../protocol/sealing.ts";
import { type RelayChannel, relayChannelSchema } from "../relay/relayChannel.ts";

const prefix = "relay.channel:";

/** Keeps one channel (with its read key and private keys) per relay among the secrets. */
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

  /**
   * Keeps the channel; gives it as it is kept. Of a channel that is there already the keys stay, behind those given:
   * windows write without knowing of each other, and no key may be lost as long as something is sealed to it.
   */
  async write(relay: string, channel: RelayChannel): Promise<RelayChannel> {
    const kept = await this.read(relay);
    const older = kept?.channel === channel.channel ? kept.keys : [];
    const merged = { ...channel, keys: [...channel.keys, ...older.filter(pair => !holds(channel.keys, pair))] };
    await this.#vault.store(prefix + relay, JSON.stringify(merged));
    return merged;
  }

  async forget(relay: string): Promise<void> {
    await this.#vault.delete(prefix + relay);
  }
}

function holds(keys: readonly SealingKeyPair[], { publicKey }: SealingKeyPair): boolean {
  return keys.some(pair => pair.publicKey === publicKey);
}
