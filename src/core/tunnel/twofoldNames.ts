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

interface Undamaged {
  readonly names: readonly string[];
  readonly kept: number;
  readonly damages: readonly unknown[];
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

  /**
   * Rejects with a ProblemError where the vault cannot be read, or a list is damaged and there is no other. A list that is
   * damaged, or that a version before has not kept, has the names from then on.
   */
  async read(): Promise<readonly string[]> {
    const { names, kept, damages } = await this.#readUndamaged();
    if (kept === 0 && damages.length > 0) throw damages[0];
    if (kept === 1 && names.length > 0) await this.#tryToComplete(names);
    return names;
  }

  /** Rejects with a ProblemError where the vault fails. A list that is damaged is kept aside, and begun with the other's names. */
  async add(name: string): Promise<void> {
    await this.#complete([...(await this.#readUndamaged()).names, name]);
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

  async #complete(wanted: readonly string[]): Promise<void> {
    for (const list of this.#lists) {
      await list.update(names => {
        const missing = [...new Set(wanted)].filter(each => !names.includes(each));
        return missing.length === 0 ? names : [...names, ...missing];
      });
    }
  }

  async #tryToComplete(names: readonly string[]): Promise<void> {
    try {
      await this.#complete(names);
    } catch (error) {
      this.#logger.warn(`relay: ${describeCauses(error)}`);
    }
  }

  /** `kept` counts the lists that the vault has and that are not damaged. */
  async #readUndamaged(): Promise<Undamaged> {
    const names: string[] = [];
    const damages: unknown[] = [];
    let kept = 0;
    for (const list of this.#lists) {
      try {
        await list.load();
        names.push(...list.entries);
        kept += list.isKept ? 1 : 0;
      } catch (error) {
        if (!isSecretDamaged(error)) throw error;
        this.#logger.warn(`relay: ${describeCauses(error)}`);
        damages.push(error);
      }
    }
    return { names: [...new Set(names)], kept, damages };
  }
}
