import * as v from "valibot";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";
import { isSecretDamaged } from "../connections/vaultProblems.ts";

export interface TwofoldNamesOptions {
  readonly vault: SecretVault;
  /** Under which the names are kept. */
  readonly keys: readonly [string, string];
  readonly logger: Logger;
}

/** Names that are kept twice, so that none is lost where one of the two lists is damaged: the vault tells nobody what is in it. */
export class TwofoldNames implements Disposable {
  readonly #store = new DisposableStore();
  readonly #lists: readonly VaultList<string>[];
  readonly #logger: Logger;

  constructor({ vault, keys, logger }: TwofoldNamesOptions) {
    this.#logger = logger;
    this.#lists = keys.map(key => this.#store.add(new VaultList({ vault, key, schema: v.string(), logger })));
  }

  /** Rejects with a ProblemError where the vault cannot be read, or both lists are damaged. */
  async read(): Promise<readonly string[]> {
    const damages: unknown[] = [];
    const names = await this.#readUndamaged(damages);
    if (damages.length === this.#lists.length) throw damages[0];
    return names;
  }

  /** Rejects with a ProblemError where the vault fails. A list that is damaged is kept aside, and begun with the other's names. */
  async add(name: string): Promise<void> {
    const wanted = new Set([...(await this.#readUndamaged([])), name]);
    for (const list of this.#lists) {
      await list.update(names => {
        const missing = [...wanted].filter(each => !names.includes(each));
        return missing.length === 0 ? names : [...names, ...missing];
      });
    }
  }

  /** Rejects with a ProblemError where the vault fails. */
  async remove(name: string): Promise<void> {
    for (const list of this.#lists) {
      await list.update(names => (names.includes(name) ? names.filter(each => each !== name) : names));
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #readUndamaged(damages: unknown[]): Promise<readonly string[]> {
    const names: string[] = [];
    for (const list of this.#lists) {
      try {
        await list.load();
        names.push(...list.entries);
      } catch (error) {
        if (!isSecretDamaged(error)) throw error;
        this.#logger.warn(`relay: ${describeCauses(error)}`);
        damages.push(error);
      }
    }
    return [...new Set(names)];
  }
}
