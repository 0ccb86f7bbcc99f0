import type { Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { inTurn, turnLost } from "../connections/inTurn.ts";
import { isSecretDamaged, vaultError } from "../connections/vaultProblems.ts";
import type { ChannelVault } from "./channelVault.ts";

export interface FormerRelaysDependencies {
  readonly vault: SecretVault;
  readonly channels: ChannelVault;
  /** The name of the relay in use. */
  readonly currentRelay: () => string;
  readonly logger: Logger;
}

/** The relay that was in use when a window moved last: windows hear of a move one after the other. */
const inUseName = "relay.inUse";

/** Which relays this editor has left: all of which it keeps a channel, without the one in use. */
export class FormerRelays {
  readonly #deps: FormerRelaysDependencies;
  /** The relay of which this window has noted that it is in use. */
  #noted: string | undefined;

  /** Another relay is in use, here or in another window. */
  readonly onDidChange: Event<void>;

  constructor(deps: FormerRelaysDependencies) {
    this.#deps = deps;
    this.onDidChange = listener => deps.vault.onDidChange(key => key === inUseName && listener());
  }

  /** Those that were left, by whichever window. Rejects where the vault cannot be read. */
  async read(): Promise<readonly string[]> {
    const inUse = [this.#deps.currentRelay(), await this.#readInUse()];
    return (await this.#deps.channels.relays()).filter(relay => !inUse.includes(relay));
  }

  /**
   * Notes which relay is in use, where this window's own setting has changed: one that has not heard of a move yet takes
   * nothing back. Rejects with a ProblemError where the vault fails; then it is noted the next time.
   */
  async noteUse(): Promise<void> {
    if (this.#deps.currentRelay() === this.#noted) return;
    this.#noted = await inTurn(this.#deps.vault, inUseName, async isOurs => this.#storeInUse(isOurs));
  }

  async #storeInUse(isOurs: () => boolean): Promise<string | typeof turnLost> {
    const current = this.#deps.currentRelay();
    if ((await this.#readInUse()) === current) return current;
    if (!isOurs()) return turnLost;
    try {
      await this.#deps.vault.store(inUseName, current);
      return current;
    } catch (error) {
      throw vaultError("written", error);
    }
  }

  /** Undefined where nobody has noted it, or the note is damaged. */
  async #readInUse(): Promise<string | undefined> {
    try {
      return await this.#deps.vault.get(inUseName);
    } catch (error) {
      if (!isSecretDamaged(error)) throw vaultError("read", error);
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
      return undefined;
    }
  }
}
