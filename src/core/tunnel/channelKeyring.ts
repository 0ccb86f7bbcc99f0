import * as l10n from "@vscode/l10n";
import type { Logger } from "../../base/logger.ts";
import { CancelledError, type Problem, ProblemError, describeCauses } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type SealingKeyPair, generateSealingKeyPair } from "../../protocol/sealing.ts";
import { notOwner, relayTooOld } from "../relay/askOfChannel.ts";
import { newReadKey } from "../relay/channelAccess.ts";
import { ensureChannelKey, setChannelKey } from "../relay/channelKey.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { ChannelVault } from "./channelVault.ts";
import { settleReadKey } from "./settleReadKey.ts";

/**
 * The key pairs of the channel in use. A pair is in the vault before the relay hears of it, so that nothing is ever
 * sealed to a key that nobody has; and none is taken out, as what was sealed to it may be read long after.
 */
export class ChannelKeyring {
  readonly #relay: string;
  readonly #vault: ChannelVault;
  readonly #logger: Logger;
  #channel: RelayChannel;

  /** `relay` is the relay's name in the vault. */
  constructor(relay: string, channel: RelayChannel, vault: ChannelVault, logger: Logger) {
    this.#relay = relay;
    this.#channel = channel;
    this.#vault = vault;
    this.#logger = logger;
  }

  get channel(): RelayChannel {
    return this.#channel;
  }

  /** The pairs as the vault has them now, with those that this window holds; the newest first. */
  async reload(): Promise<readonly SealingKeyPair[]> {
    const kept = await this.#vault.find(this.#relay, this.#channel.channel);
    if (kept !== undefined) this.#take(kept);
    return this.#channel.keys;
  }

  /** Another window wrote the vault: learns its keys, and puts back ours where it did not know of them. */
  async follow(kept: RelayChannel): Promise<void> {
    this.#take(kept);
    const { keys } = this.#channel;
    if (keys.length > kept.keys.length) await this.change(channel => channel);
  }

  /** Sees to it that the relay seals to the newest key, and makes one where there is none. What fails is logged. */
  async ensure(signal: AbortSignal): Promise<void> {
    // Its owner's editor does.
    if (this.#channel.isGuest === true) return;
    try {
      if ((await this.reload()).length === 0) await this.#add();
      const ensured = await ensureChannelKey(this.#channel, signal);
      if (!ensured.ok) this.#logger.warn(`relay: ${describeCauses(ensured.error)}`);
      else if (ensured.value) this.#logger.info("relay: seals what comes in from now on to this editor's newest key");
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#logger.warn(`relay: ${describeCauses(error)}`);
    }
  }

  /** Has the relay seal to a new key from now on. On failure the new key is kept, and set by the next `ensure`. */
  async rotate(signal: AbortSignal): Promise<Result<void, Problem>> {
    await this.reload();
    if (this.#channel.isGuest === true) return fail(notOwner());
    const { publicKey } = await this.#add();
    const set = await setChannelKey(this.#channel, publicKey, signal);
    if (!set.ok) return set;
    this.#logger.info("relay: seals what comes in from now on to a new key");
    return succeed(undefined);
  }

  /**
   * Has another key read the channel from now on. The old one is kept until the relay is known to have taken the new one,
   * so on failure nothing is lost: {@link settleReadKey} finds out which of them it is. A replacement that another window
   * has begun is finished instead: of two new keys the relay might take the one that nobody keeps.
   */
  async replaceReadKey(): Promise<Result<void, Problem>> {
    await this.reload();
    if (this.#channel.isGuest === true) return fail(notOwner());
    await this.change(channel => (channel.formerReadKey === undefined ? withNewReadKey(channel) : channel));
    const { formerReadKey } = this.#channel;
    const settled = await settleReadKey(this.#relay, this.#channel, this.#vault);
    if (!settled.ok) return settled;
    await this.reload();
    if (settled.value.readKey === formerReadKey) return fail(relayTooOld(this.#channel.relayUrl));
    this.#logger.info("relay: the channel has another read key");
    return succeed(undefined);
  }

  /** Changes what is kept of the channel, to what other windows have kept since. Rejects where that is another channel. */
  async change(change: (channel: RelayChannel) => RelayChannel): Promise<void> {
    const kept = await this.#vault.change(this.#relay, this.#channel.channel, before => {
      this.#take(before);
      return change(this.#channel);
    });
    if (kept === undefined) throw new ProblemError(replacedElsewhere());
    this.#take(kept);
  }

  async #add(): Promise<SealingKeyPair> {
    const pair = await generateSealingKeyPair();
    await this.change(channel => ({ ...channel, keys: [pair, ...channel.keys] }));
    return pair;
  }

  /** What the vault has counts, and its order of keys: it is the same in all windows. Where the relay is may differ. */
  #take(kept: RelayChannel): void {
    const { relayUrl, keys } = this.#channel;
    const ours = keys.filter(({ publicKey }) => !kept.keys.some(pair => pair.publicKey === publicKey));
    this.#channel = { ...kept, relayUrl, keys: [...kept.keys, ...ours] };
  }
}

function withNewReadKey(channel: RelayChannel): RelayChannel {
  return { ...channel, readKey: newReadKey(), formerReadKey: channel.readKey };
}

function replacedElsewhere(): Problem {
  const message = l10n.t("Another window made a new relay address meanwhile, so nothing was changed. Try again.");
  return { code: "RELAY_CHANNEL_REPLACED", message, remedy: "retry" };
}
