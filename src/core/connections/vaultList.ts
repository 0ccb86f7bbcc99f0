import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, ProblemError, describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "./connection.ts";

export interface VaultListOptions<T> {
  readonly vault: SecretVault;
  readonly key: string;
  readonly schema: v.GenericSchema<unknown, T>;
  readonly logger: Logger;
}

/**
 * A list that is kept under one key of the vault and shared with other windows. Entries that cannot be read, such as
 * those of a newer version, are left out here and left alone there.
 */
export class VaultList<T> implements Disposable {
  readonly #options: VaultListOptions<T>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  #text: string | undefined;
  #entries: readonly T[] = [];
  #last: Promise<void> = Promise.resolve();

  /** The list became another, here or in another window. */
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(options: VaultListOptions<T>) {
    this.#options = options;
    this.#store.add(
      options.vault.onDidChange(key => {
        if (key === options.key) void this.load().catch((error: unknown) => this.#warn(describeCauses(error)));
      }),
    );
  }

  get entries(): readonly T[] {
    return this.#entries;
  }

  /** Reads the list from the vault. Rejects with a ProblemError where the vault cannot be read. */
  async load(): Promise<void> {
    await this.#inTurn(async () => {
      const text = await this.#fetch();
      if (text !== this.#text) this.#take(text);
    });
  }

  /**
   * Makes the list another. `change` gets it as it is in the vault now, with what other windows did meanwhile; where it
   * returns the same array, nothing is written. Rejects with a ProblemError where the vault fails.
   */
  async update(change: (entries: readonly T[]) => readonly T[]): Promise<void> {
    await this.#inTurn(async () => {
      const { readable, damaged } = this.#sort(await this.#fetch());
      const changed = change(readable);
      if (changed === readable) return;
      const text = JSON.stringify([...damaged, ...changed]);
      await this.#write(text);
      if (text !== this.#text) this.#take(text);
    });
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** One operation at a time, so that none writes over what another has just read. */
  async #inTurn(operation: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(operation);
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async #fetch(): Promise<string | undefined> {
    try {
      return await this.#options.vault.get(this.#options.key);
    } catch (error) {
      throw new ProblemError(vaultProblem("read", error));
    }
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#options.vault.store(this.#options.key, text);
    } catch (error) {
      throw new ProblemError(vaultProblem("written", error));
    }
  }

  #take(text: string | undefined): void {
    const { readable, damaged } = this.#sort(text);
    if (damaged.length > 0) this.#warn(`${damaged.length} of the entries cannot be read and are left out`);
    this.#text = text;
    this.#entries = readable;
    this.#changed.fire();
  }

  #sort(text: string | undefined): { readonly readable: readonly T[]; readonly damaged: readonly unknown[] } {
    const readable: T[] = [];
    const damaged: unknown[] = [];
    for (const raw of this.#parseList(text)) {
      const entry = v.safeParse(this.#options.schema, raw);
      if (entry.success) readable.push(entry.output);
      else damaged.push(raw);
    }
    return { readable, damaged };
  }

  #parseList(text: string | undefined): readonly unknown[] {
    if (text === undefined) return [];
    const parsed = parseJson(text);
    if (parsed.ok && Array.isArray(parsed.value)) return parsed.value as readonly unknown[];
    this.#warn("the list is damaged and taken for empty");
    return [];
  }

  #warn(message: string): void {
    this.#options.logger.warn(`secrets: ${this.#options.key}: ${message}`);
  }
}

function vaultProblem(what: "read" | "written", cause: unknown): Problem {
  return {
    code: "VAULT_UNAVAILABLE",
    message:
      what === "read"
        ? l10n.t(
            "The editor's secret storage cannot be read. Check that the system's keyring is unlocked, and reload the window.",
          )
        : l10n.t(
            "The editor's secret storage cannot be written. Check that the system's keyring is unlocked, and reload the window.",
          ),
    remedy: "open-log",
    cause,
  };
}
