import * as v from "valibot";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { inTurn, turnLost } from "../connections/inTurn.ts";
import { VaultList } from "../connections/vaultList.ts";
import { isSecretDamaged, vaultError } from "../connections/vaultProblems.ts";
import { type ChannelVault, isChannelDamaged } from "./channelVault.ts";
import { embeddedName } from "./embeddedName.ts";

export interface FormerRelaysDependencies {
  readonly vault: SecretVault;
  readonly channels: ChannelVault;
  /** The name of the relay in use. */
  readonly currentRelay: () => string;
  readonly logger: Logger;
}

/** The relay that was in use when a window moved last; absent: this machine's own, as nothing else was set. */
const inUseName = "relay.inUse";
const listName = "relay.former";

/** The names of the relays that this editor has left, which all windows of the machine share. */
export class FormerRelays implements Disposable {
  readonly #deps: FormerRelaysDependencies;
  readonly #store = new DisposableStore();
  readonly #list: VaultList<string>;
  /** What this window had in use when it looked last. Windows hear of a move one after the other. */
  #noted: string | undefined;

  /** The list became another, here or in another window. */
  readonly onDidChange: Event<void>;

  constructor(deps: FormerRelaysDependencies) {
    this.#deps = deps;
    const { vault, logger } = deps;
    this.#list = this.#store.add(new VaultList({ vault, key: listName, schema: v.string(), logger }));
    this.onDidChange = this.#list.onDidChange;
  }

  /** Those that were left, by whichever window, without the one in use. Rejects where the vault cannot be read. */
  async read(): Promise<readonly string[]> {
    await this.#loadOrRecover();
    const current = this.#deps.currentRelay();
    return this.#list.entries.filter(relay => relay !== current);
  }

  /**
   * Puts the relay that was left on the list, where this window's own setting has changed: one that has not heard of a move
   * yet takes nothing back. Rejects with a ProblemError where the vault fails; then it is noted the next time.
   */
  async noteMove(): Promise<void> {
    if (this.#deps.currentRelay() === this.#noted) return;
    this.#noted = await inTurn(this.#deps.vault, inUseName, async isOurs => this.#note(isOurs));
  }

  async remove(relay: string): Promise<void> {
    await this.#list.update(relays => (relays.includes(relay) ? relays.filter(each => each !== relay) : relays));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** It is on the list before the relay in use is another one: a window that dies in between has lost nothing. */
  async #note(isOurs: () => boolean): Promise<string | typeof turnLost> {
    const current = this.#deps.currentRelay();
    const before = await this.#inUse();
    if (before === current) return current;
    const left = (await this.#leftAt(before)).filter(relay => relay !== current);
    if (!isOurs()) return turnLost;
    await this.#list.update(relays => [...relays.filter(each => each !== current && !left.includes(each)), ...left]);
    await this.#storeInUse(current);
    return current;
  }

  /** Undefined where the note is damaged. */
  async #inUse(): Promise<string | undefined> {
    try {
      return (await this.#deps.vault.get(inUseName)) ?? embeddedName;
    } catch (error) {
      if (!isSecretDamaged(error)) throw vaultError("read", error);
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
      return undefined;
    }
  }

  /** Where it cannot be known which relay was left, each of them may be. */
  async #leftAt(before: string | undefined): Promise<readonly string[]> {
    if (before === undefined) return this.#deps.channels.relays();
    return (await this.#hasChannel(before)) ? [before] : [];
  }

  async #hasChannel(relay: string): Promise<boolean> {
    try {
      return (await this.#deps.channels.read(relay)) !== undefined;
    } catch (error) {
      if (isChannelDamaged(error)) return true;
      throw error;
    }
  }

  async #storeInUse(current: string): Promise<void> {
    try {
      await this.#deps.vault.store(inUseName, current);
    } catch (error) {
      throw vaultError("written", error);
    }
  }

  /** A damaged list is kept aside. As nobody knows what was on it, all relays with a channel are on the next one. */
  async #loadOrRecover(): Promise<void> {
    try {
      await this.#list.load();
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      const relays = await this.#deps.channels.relays();
      await this.#list.update(entries => [...new Set([...entries, ...relays])]);
    }
  }
}
