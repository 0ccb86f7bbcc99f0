import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Disposable, Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { ProblemError } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { inTurn, turnLost } from "../connections/inTurn.ts";
import { asideName } from "../connections/shreddableVault.ts";
import { VaultList } from "../connections/vaultList.ts";
import { isSecretDamaged, secretDamaged, vaultError } from "../connections/vaultProblems.ts";
import type { SealingKeyPair } from "../../protocol/sealing.ts";
import { type RelayChannel, relayChannelSchema } from "../relay/relayChannel.ts";

const prefix = "relay.channel:";
/** The editor's own channel, while it uses one that was shared with it. */
const ownPrefix = "relay.ownChannel:";
const damagedCode = "CHANNEL_DAMAGED";

/** Keeps one channel (with its read key and private keys) per relay among the secrets. */
export class ChannelVault implements Disposable {
  readonly #vault: SecretVault;
  /** The relays of which a channel was ever kept: the vault itself does not tell what is in it. */
  readonly #relays: VaultList<string>;
  readonly #logger: Logger;

  /** Fires with the relay's name when its channel was changed, by this window or another. */
  readonly onDidChange: Event<string>;

  constructor(vault: SecretVault, logger: Logger) {
    this.#vault = vault;
    this.#logger = logger;
    this.#relays = new VaultList({ vault, key: "relay.names", schema: v.string(), logger });
    this.onDidChange = listener =>
      vault.onDidChange(key => {
        if (key.startsWith(prefix)) listener(key.slice(prefix.length));
      });
  }

  /**
   * The kept channel; undefined when there is none. Rejects with a ProblemError where the vault cannot be read or the
   * channel is damaged: without it, nobody may make another one unasked, as subscriptions carry its address.
   */
  async read(relay: string): Promise<RelayChannel | undefined> {
    try {
      return parse(relay, await this.#fetch(relay));
    } catch (error) {
      throw isSecretDamaged(error) ? channelDamaged(relay, error) : error;
    }
  }

  /**
   * Keeps the channel; gives it as it is kept. Of a channel that is there already the keys stay, behind those given:
   * windows write without knowing of each other, and no key may be lost as long as something is sealed to it.
   */
  async write(relay: string, channel: RelayChannel): Promise<RelayChannel> {
    await this.#relays.update(relays => (relays.includes(relay) ? relays : [...relays, relay]));
    return inTurn(this.#vault, prefix + relay, async isOurs => this.#write(relay, channel, isOurs));
  }

  /** The names of relays that a channel may be kept of. Rejects with a ProblemError where the vault cannot be read. */
  async relays(): Promise<readonly string[]> {
    await this.#relays.load();
    return this.#relays.entries;
  }

  /**
   * Forgets the channel, and what is left of a damaged one: the person wants another. The editor's own that made room for
   * a shared one is there again.
   */
  async forget(relay: string): Promise<void> {
    const own = await this.readOwnBehind(relay);
    if (own === undefined) {
      await this.#vault.delete(prefix + relay);
      await this.#relays.update(relays => (relays.includes(relay) ? relays.filter(each => each !== relay) : relays));
    } else {
      await this.#store(prefix + relay, JSON.stringify(own));
      await this.#vault.delete(ownPrefix + relay);
    }
  }

  /** Keeps a channel that was shared with this editor in place of its own, which is kept for afterwards. */
  async writeGuest(relay: string, guest: RelayChannel): Promise<void> {
    const kept = await this.#readOrSetAside(relay);
    if (kept !== undefined && kept.isGuest !== true) await this.#store(ownPrefix + relay, JSON.stringify(kept));
    await this.write(relay, guest);
  }

  /** The editor's own channel that made room for a shared one; undefined where there is none, or it is damaged. */
  async readOwnBehind(relay: string): Promise<RelayChannel | undefined> {
    try {
      return parse(relay, await this.#vault.get(ownPrefix + relay));
    } catch (error) {
      if (!isSecretDamaged(error)) throw vaultError("read", error);
      this.#logger.warn(`relay: what was kept of the own channel of ${relay} is damaged`);
      return undefined;
    }
  }

  dispose(): void {
    this.#relays.dispose();
  }

  async #write(relay: string, channel: RelayChannel, isOurs: () => boolean): Promise<RelayChannel | typeof turnLost> {
    const kept = await this.#readOrSetAside(relay);
    const older = kept?.channel === channel.channel ? kept.keys : [];
    const merged = { ...channel, keys: [...channel.keys, ...older.filter(pair => !holds(channel.keys, pair))] };
    if (!isOurs()) return turnLost;
    await this.#store(prefix + relay, JSON.stringify(merged));
    return merged;
  }

  /** What cannot be deciphered the vault keeps aside itself; what can be but is no channel is kept aside here. */
  async #readOrSetAside(relay: string): Promise<RelayChannel | undefined> {
    let text: string | undefined;
    try {
      text = await this.#fetch(relay);
      return parse(relay, text);
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      this.#logger.warn(`relay: the kept channel of ${relay} is damaged; it is kept aside`);
      if (text !== undefined) await this.#store(asideName(prefix + relay, text), text);
      return undefined;
    }
  }

  async #fetch(relay: string): Promise<string | undefined> {
    try {
      return await this.#vault.get(prefix + relay);
    } catch (error) {
      throw vaultError("read", error);
    }
  }

  async #store(key: string, text: string): Promise<void> {
    try {
      await this.#vault.store(key, text);
    } catch (error) {
      throw vaultError("written", error);
    }
  }
}

function parse(relay: string, text: string | undefined): RelayChannel | undefined {
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), relayChannelSchema), text);
  if (!parsed.success) throw secretDamaged(prefix + relay);
  return parsed.output;
}

/** Whether what is kept of a channel is there and cannot be read. */
export function isChannelDamaged(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === damagedCode;
}

function channelDamaged(relay: string, cause: unknown): ProblemError {
  return new ProblemError({
    code: damagedCode,
    message: l10n.t(
      "What this editor keeps of its relay address is damaged and cannot be read. Make a new relay address; subscriptions that carry the old one have to be pointed to it.",
    ),
    remedy: "configure-relay",
    cause: new Error(`the kept channel of ${relay}`, { cause }),
  });
}

function holds(keys: readonly SealingKeyPair[], { publicKey }: SealingKeyPair): boolean {
  return keys.some(pair => pair.publicKey === publicKey);
}
