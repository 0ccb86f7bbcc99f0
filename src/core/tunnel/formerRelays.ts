import * as v from "valibot";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { inTurn, turnLost } from "../connections/inTurn.ts";
import { VaultList } from "../connections/vaultList.ts";
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

/**
 * The names of the relays that this editor has left: all of which it keeps a channel or was ever used, without the one in
 * use. That is written down twice, so that no relay is forgotten where one of the two is damaged.
 */
export class FormerRelays implements Disposable {
  readonly #deps: FormerRelaysDependencies;
  readonly #store = new DisposableStore();
  readonly #used: VaultList<string>;
  /** The relay of which this window has noted that it is in use. */
  #noted: string | undefined;

  /** The relays became others, here or in another window. */
  readonly onDidChange: Event<void>;

  constructor(deps: FormerRelaysDependencies) {
    this.#deps = deps;
    const { vault, logger } = deps;
    this.#used = this.#store.add(new VaultList({ vault, key: "relay.used", schema: v.string(), logger }));
    this.onDidChange = listener => vault.onDidChange(key => key === inUseName && listener());
  }

  /** Those that were left, by whichever window. Rejects where the vault cannot be read. */
  async read(): Promise<readonly string[]> {
    const used = await this.#unlessDamaged(async () => this.#readUsed());
    const kept = await this.#unlessDamaged(async () => this.#deps.channels.relays());
    const inUse = await this.#unlessDamaged(async () => this.#readInUse());
    const current = this.#deps.currentRelay();
    return [...new Set([...(used ?? []), ...(kept ?? [])])].filter(relay => relay !== current && relay !== inUse);
  }

  /**
   * Notes which relay is in use, where this window's own setting has changed: one that has not heard of a move yet takes
   * nothing back. Rejects with a ProblemError where the vault fails; then it is noted the next time.
   */
  async noteUse(): Promise<void> {
    const current = this.#deps.currentRelay();
    if (current === this.#noted) return;
    await this.#used.update(relays => (relays.includes(current) ? relays : [...relays, current]));
    await inTurn(this.#deps.vault, inUseName, async isOurs => this.#storeInUse(isOurs));
    this.#noted = current;
  }

  /** There is nothing left to be read at the relay. */
  async remove(relay: string): Promise<void> {
    await this.#used.update(relays => (relays.includes(relay) ? relays.filter(each => each !== relay) : relays));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #readUsed(): Promise<readonly string[]> {
    await this.#used.load();
    return this.#used.entries;
  }

  async #readInUse(): Promise<string | undefined> {
    try {
      return await this.#deps.vault.get(inUseName);
    } catch (error) {
      throw vaultError("read", error);
    }
  }

  /** What is set by the time of the turn, as it may have changed once more. */
  async #storeInUse(isOurs: () => boolean): Promise<typeof turnLost | undefined> {
    const current = this.#deps.currentRelay();
    if ((await this.#unlessDamaged(async () => this.#readInUse())) === current) return undefined;
    if (!isOurs()) return turnLost;
    try {
      await this.#deps.vault.store(inUseName, current);
      return undefined;
    } catch (error) {
      throw vaultError("written", error);
    }
  }

  async #unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
      return undefined;
    }
  }
}
