import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Disposable, Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { ProblemError } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";
import { inTurn, turnLost } from "../connections/inTurn.ts";
import { asideName } from "../connections/shreddableVault.ts";
import { isSecretDamaged, secretDamaged, vaultError } from "../connections/vaultProblems.ts";
import type { SealingKeyPair } from "../../protocol/sealing.ts";
import { type RelayChannel, relayChannelSchema } from "../relay/relayChannel.ts";
import { TwofoldNames } from "./twofoldNames.ts";

const prefix = "relay.channel:";
/** The editor's own channel, while it uses one that was shared with it. */
const ownPrefix = "relay.ownChannel:";
const damagedCode = "CHANNEL_DAMAGED";

const replacedSchema = v.object({ relay: v.string(), channel: relayChannelSchema });
/** A channel in whose place this editor has made another at the same relay. `relay` is the relay's name. */
export type ReplacedChannel = Readonly<v.InferOutput<typeof replacedSchema>>;

/** Where a channel is kept. */
interface Place {
  readonly kept: RelayChannel;
  readonly store: (channel: RelayChannel) => Promise<void>;
}

/** Keeps one channel (with its read key and private keys) per relay among the secrets. */
export class ChannelVault implements Disposable {
  readonly #vault: SecretVault;
  /** The relays of which a channel was ever kept: the vault itself does not tell what is in it. */
  readonly #relays: TwofoldNames;
  readonly #replaced: VaultList<ReplacedChannel>;
  readonly #logger: Logger;

  /** Fires with the relay's name when its channel was changed, by this window or another. */
  readonly onDidChange: Event<string>;

  /** Fires when the list of {@link replaced} was changed, by this window or another. */
  readonly onDidChangeReplaced: Event<void>;

  constructor(vault: SecretVault, logger: Logger) {
    this.#vault = vault;
    this.#logger = logger;
    this.#relays = new TwofoldNames({ vault, keys: ["relay.names", "relay.names.again"], logger });
    this.#replaced = new VaultList({ vault, key: "relay.replaced", schema: replacedSchema, logger });
    this.onDidChangeReplaced = this.#replaced.onDidChange;
    this.onDidChange = listener =>
      vault.onDidChange(key => {
        const place = [prefix, ownPrefix].find(each => key.startsWith(each));
        if (place !== undefined) listener(key.slice(place.length));
      });
  }

  /**
   * The kept channel; undefined when there is none. Rejects with a ProblemError where the vault cannot be read or the
   * channel is damaged: without it, nobody may make another one unasked, as subscriptions carry its address.
   */
  async read(relay: string): Promise<RelayChannel | undefined> {
    try {
      return parse(relay, await this.#fetch(prefix + relay));
    } catch (error) {
      throw isSecretDamaged(error) ? channelDamaged(relay, error) : error;
    }
  }

  /**
   * Keeps the channel; gives it as it is kept. Of a channel that is there already the keys stay, behind those given:
   * windows write without knowing of each other, and no key may be lost as long as something is sealed to it.
   */
  async write(relay: string, channel: RelayChannel): Promise<RelayChannel> {
    return this.#named(relay, async isOurs => this.#write(relay, channel, isOurs));
  }

  /** Keeps a channel that was just made, unless another window was faster; gives the one that is kept. */
  async writeFirst(relay: string, made: RelayChannel): Promise<RelayChannel> {
    return this.#named(relay, async isOurs => {
      const kept = await this.#readOrSetAside(relay);
      return kept ?? this.#write(relay, made, isOurs);
    });
  }

  /** What is kept of this channel, also of one that made room for a shared one. Rejects as {@link read} does. */
  async find(relay: string, channel: string): Promise<RelayChannel | undefined> {
    return (await this.#placeOf(relay, channel))?.kept;
  }

  /**
   * Changes what is kept of this channel, also of one that made room for a shared one, while no other window does; gives
   * it as it is kept. Undefined, with nothing changed, where another one has taken its place.
   */
  async change(
    relay: string,
    channel: string,
    change: (kept: RelayChannel) => RelayChannel,
  ): Promise<RelayChannel | undefined> {
    return inTurn(this.#vault, prefix + relay, async isOurs => {
      const place = await this.#placeOf(relay, channel);
      if (place === undefined) return undefined;
      const changed = change(place.kept);
      const merged = { ...changed, keys: withOlder(changed.keys, place.kept.keys) };
      if (!isOurs()) return turnLost;
      await place.store(merged);
      return merged;
    });
  }

  /** The names of relays that a channel may be kept of. Rejects with a ProblemError where the vault cannot be read. */
  async relays(): Promise<readonly string[]> {
    return this.#relays.read();
  }

  /**
   * Forgets this channel, or without `channel` whichever is kept, and what is left of a damaged one: the person wants
   * another. The editor's own that made room for a shared one is there again. Another channel than that stays.
   */
  async forget(relay: string, channel?: string): Promise<void> {
    await inTurn(this.#vault, prefix + relay, async isOurs => this.#forget(relay, channel, isOurs));
  }

  /**
   * Keeps a channel that was just made in the place of `former`, which stays kept as a {@link replaced} one, unless it is
   * somebody else's. Where another window was faster nothing changes. Gives the channel that is kept there now.
   */
  async replace(relay: string, former: RelayChannel | undefined, made: RelayChannel): Promise<RelayChannel> {
    return this.#named(relay, async isOurs => {
      const kept = await this.#readOrSetAside(relay);
      if (kept !== undefined && kept.channel !== former?.channel) return kept;
      if (!isOurs()) return turnLost;
      const left = kept ?? former;
      // First: a window may die between the two.
      if (left !== undefined && left.isGuest !== true) await this.#moveToReplaced(relay, left);
      return this.#write(relay, made, isOurs);
    });
  }

  /**
   * Puts the editor's own channel back in the place of one that was shared with it, or of a damaged one, which is kept
   * aside. False, with nothing changed, where there is none.
   */
  async useOwn(relay: string): Promise<boolean> {
    return inTurn(this.#vault, prefix + relay, async isOurs => {
      const own = await this.readOwnBehind(relay);
      const kept = await this.#readOrSetAside(relay);
      // Another window was faster.
      if (kept !== undefined && kept.isGuest !== true) return true;
      if (own === undefined) return false;
      if (!isOurs()) return turnLost;
      await this.#putBack(relay, own);
      return true;
    });
  }

  /**
   * The channels that were replaced at their relays, until they are forgotten: none that is in use, or behind a shared one,
   * as a window may have died before it replaced that. Rejects where the vault cannot be read; a list that is damaged keeps
   * nothing else from being read or forgotten.
   */
  async replaced(): Promise<readonly ReplacedChannel[]> {
    await this.#loadReplaced();
    const { entries } = this.#replaced;
    const inPlace = new Set<string | undefined>();
    for (const relay of new Set(entries.map(entry => entry.relay))) {
      for (const key of [ownPrefix, prefix]) inPlace.add((await this.#readUndamaged(relay, key))?.channel);
    }
    return entries.filter(({ channel: { channel } }) => !inPlace.has(channel));
  }

  /**
   * Keeps a channel that was shared with this editor in place of its own, which is kept for afterwards. One of the editor's
   * own is used as that, and where it has been replaced stays so: an owner's keys do more than a guest's.
   */
  async writeGuest(relay: string, guest: RelayChannel): Promise<void> {
    await this.#named(relay, async isOurs => {
      const kept = await this.#readOrSetAside(relay);
      const [front, behind] = [kept?.isGuest === true ? undefined : kept, await this.readOwnBehind(relay)];
      if (front?.channel === guest.channel || (await this.#isReplaced(guest.channel))) return undefined;
      if (!isOurs()) return turnLost;
      if (behind?.channel === guest.channel) return front === undefined ? this.#putBack(relay, behind) : undefined;
      if (front !== undefined) await this.#putBehind(relay, front, behind);
      await this.#write(relay, guest, isOurs);
      return undefined;
    });
  }

  /** The editor's own channel that made room for a shared one; undefined where there is none, or it is damaged. */
  async readOwnBehind(relay: string): Promise<RelayChannel | undefined> {
    const own = await this.#readUndamaged(relay, ownPrefix);
    const front = await this.#readUndamaged(relay, prefix);
    // A window may have died while the two changed places.
    return own?.channel === front?.channel && front?.isGuest !== true ? undefined : own;
  }

  dispose(): void {
    this.#relays.dispose();
    this.#replaced.dispose();
  }

  /**
   * Does what keeps a channel of the relay. Its name is on the list before: whatever happens then, it can be found. The
   * list's turn is always taken within the channel's, so nobody waits for each other.
   */
  async #named<T>(relay: string, keep: (isOurs: () => boolean) => Promise<T | typeof turnLost>): Promise<T> {
    return inTurn(this.#vault, prefix + relay, async isOurs => {
      await this.#relays.add(relay);
      return keep(isOurs);
    });
  }

  async #write(relay: string, channel: RelayChannel, isOurs: () => boolean): Promise<RelayChannel | typeof turnLost> {
    const kept = await this.#readOrSetAside(relay);
    const older = kept?.channel === channel.channel ? kept.keys : [];
    const merged = { ...channel, keys: withOlder(channel.keys, older) };
    if (!isOurs()) return turnLost;
    await this.#store(prefix + relay, JSON.stringify(merged));
    return merged;
  }

  async #forget(
    relay: string,
    channel: string | undefined,
    isOurs: () => boolean,
  ): Promise<typeof turnLost | undefined> {
    const [kept, own] = [await this.#readUndamaged(relay, prefix), await this.readOwnBehind(relay)];
    if (!isOurs()) return turnLost;
    if (channel === undefined || kept?.channel === channel) {
      if (kept !== undefined && kept.isGuest !== true) await this.#dropReplaced(kept.channel);
      await this.#putBack(relay, own);
    } else {
      await this.#dropReplaced(channel);
      if (own?.channel === channel) await this.#vault.delete(ownPrefix + relay);
    }
    return undefined;
  }

  async #putBack(relay: string, own: RelayChannel | undefined): Promise<void> {
    if (own !== undefined) await this.#store(prefix + relay, JSON.stringify(own));
    await this.#vault.delete(ownPrefix + relay);
    if (own !== undefined) return;
    await this.#vault.delete(prefix + relay);
    await this.#relays.remove(relay);
  }

  /** Where one is behind already, it goes to those that were replaced. The one in front is none of those any more. */
  async #putBehind(relay: string, front: RelayChannel, behind: RelayChannel | undefined): Promise<void> {
    if (behind !== undefined) await this.#addReplaced({ relay, channel: behind });
    await this.#dropReplaced(front.channel);
    await this.#store(ownPrefix + relay, JSON.stringify(front));
  }

  /** The one in front. A window may have died while that was put behind, so that it is there, too. */
  async #moveToReplaced(relay: string, front: RelayChannel): Promise<void> {
    await this.#addReplaced({ relay, channel: front });
    const behind = await this.#readUndamaged(relay, ownPrefix);
    if (behind?.channel === front.channel) await this.#vault.delete(ownPrefix + relay);
  }

  async #isReplaced(channel: string): Promise<boolean> {
    return (await this.replaced()).some(each => each.channel.channel === channel);
  }

  async #placeOf(relay: string, channel: string): Promise<Place | undefined> {
    const own = await this.readOwnBehind(relay);
    if (own?.channel === channel) return this.#placeAt(ownPrefix + relay, own);
    const replaced = (await this.replaced()).find(each => each.channel.channel === channel);
    if (replaced !== undefined) return this.#placeAmongReplaced(replaced);
    const kept = await this.read(relay);
    return kept?.channel === channel ? this.#placeAt(prefix + relay, kept) : undefined;
  }

  async #loadReplaced(): Promise<void> {
    try {
      await this.#replaced.load();
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      this.#logger.warn("relay: the list of replaced channels is damaged");
    }
  }

  #placeAt(key: string, kept: RelayChannel): Place {
    return { kept, store: async channel => this.#store(key, JSON.stringify(channel)) };
  }

  #placeAmongReplaced({ relay, channel: kept }: ReplacedChannel): Place {
    return { kept, store: async channel => this.#addReplaced({ relay, channel }) };
  }

  /** In the place of what the list has of the same channel. */
  async #addReplaced(added: ReplacedChannel): Promise<void> {
    await this.#replaced.update(list => [...withoutReplaced(list, added.channel.channel), added]);
  }

  async #dropReplaced(channel: string): Promise<void> {
    await this.#replaced.update(list => withoutReplaced(list, channel));
  }

  async #readUndamaged(relay: string, place: string): Promise<RelayChannel | undefined> {
    try {
      return parse(relay, await this.#fetch(place + relay));
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      if (place === ownPrefix) this.#logger.warn(`relay: what was kept of the own channel of ${relay} is damaged`);
      return undefined;
    }
  }

  /** What cannot be deciphered the vault keeps aside itself; what can be but is no channel is kept aside here. */
  async #readOrSetAside(relay: string): Promise<RelayChannel | undefined> {
    let text: string | undefined;
    try {
      text = await this.#fetch(prefix + relay);
      return parse(relay, text);
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      this.#logger.warn(`relay: the kept channel of ${relay} is damaged; it is kept aside`);
      if (text !== undefined) await this.#store(asideName(prefix + relay, text), text);
      return undefined;
    }
  }

  async #fetch(key: string): Promise<string | undefined> {
    try {
      return await this.#vault.get(key);
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

function withoutReplaced(list: readonly ReplacedChannel[], channel: string): readonly ReplacedChannel[] {
  const others = list.filter(each => each.channel.channel !== channel);
  return others.length === list.length ? list : others;
}

/** The keys, and behind them those of `older` that are not among them. */
function withOlder(keys: readonly SealingKeyPair[], older: readonly SealingKeyPair[]): readonly SealingKeyPair[] {
  return [...keys, ...older.filter(pair => !holds(keys, pair))];
}

function holds(keys: readonly SealingKeyPair[], { publicKey }: SealingKeyPair): boolean {
  return keys.some(pair => pair.publicKey === publicKey);
}
