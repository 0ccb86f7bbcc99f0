import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "./connection.ts";
import { inTurn, turnLost } from "./inTurn.ts";
import { asideName } from "./shreddableVault.ts";
import { isSecretDamaged, secretDamaged, vaultError } from "./vaultProblems.ts";

export interface VaultListOptions<T> {
  readonly vault: SecretVault;
  readonly key: string;
  readonly schema: v.GenericSchema<unknown, T>;
  readonly logger: Logger;
}

interface Sorted<T> {
  readonly readable: readonly T[];
  readonly damaged: readonly unknown[];
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
  #isLoaded = false;
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

  /** The list was read or written at least once; before that, {@link entries} say nothing. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whether the vault has a list, be it empty, as far as this window has heard. */
  get isKept(): boolean {
    return this.#text !== undefined;
  }

  get entries(): readonly T[] {
    return this.#entries;
  }

  /**
   * Reads the list from the vault. Rejects with a ProblemError where the vault cannot be read or the list is damaged:
   * then {@link entries} stay as they were.
   */
  async load(): Promise<void> {
    await this.#queued(async () => {
      const text = await this.#fetch();
      const raw = this.#parseList(text);
      this.#isLoaded = true;
      if (text !== this.#text) this.#take(text, this.#sort(raw));
    });
  }

  /**
   * Makes the list another. `change` gets it as it is in the vault now, with what other windows did meanwhile, and gets it
   * again where another window's turn came before the writing; where it returns the same array, nothing is written. A list
   * that is damaged as a whole is kept aside, and a new one begun. Rejects with a ProblemError where the vault fails.
   */
  async update(change: (entries: readonly T[]) => readonly T[]): Promise<void> {
    const { vault, key } = this.#options;
    await this.#queued(async () => inTurn(vault, key, async isOurs => this.#update(change, isOurs)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** One operation at a time, so that none writes over what another has just read. */
  async #queued(operation: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(operation);
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async #update(
    change: (entries: readonly T[]) => readonly T[],
    isOurs: () => boolean,
  ): Promise<typeof turnLost | undefined> {
    const before = await this.#readForUpdate();
    const { readable, damaged } = this.#sort(before.entries);
    const changed = change(readable);
    if (changed === readable) return undefined;
    if (!isOurs()) return turnLost;
    if (before.aside !== undefined) await this.#write(asideName(this.#options.key, before.aside), before.aside);
    const text = JSON.stringify([...damaged, ...changed]);
    await this.#write(this.#options.key, text);
    this.#isLoaded = true;
    if (text !== this.#text) this.#take(text, this.#sort(this.#parseList(text)));
    return undefined;
  }

  /** What is there, and the text to keep aside where that is no list. What cannot be deciphered the vault keeps itself. */
  async #readForUpdate(): Promise<{ readonly entries: readonly unknown[]; readonly aside?: string }> {
    let text: string | undefined;
    try {
      text = await this.#fetch();
      return { entries: this.#parseList(text) };
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      this.#warn("the list is damaged; it is kept aside and a new one begun");
      return { entries: [], ...(text === undefined ? {} : { aside: text }) };
    }
  }

  async #fetch(): Promise<string | undefined> {
    try {
      return await this.#options.vault.get(this.#options.key);
    } catch (error) {
      throw vaultError("read", error);
    }
  }

  async #write(key: string, text: string): Promise<void> {
    try {
      await this.#options.vault.store(key, text);
    } catch (error) {
      throw vaultError("written", error);
    }
  }

  #take(text: string | undefined, { readable, damaged }: Sorted<T>): void {
    if (damaged.length > 0) this.#warn(`${damaged.length} of the entries cannot be read and are left out`);
    this.#text = text;
    this.#entries = readable;
    this.#changed.fire();
  }

  #sort(entries: readonly unknown[]): Sorted<T> {
    const readable: T[] = [];
    const damaged: unknown[] = [];
    for (const raw of entries) {
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
    throw secretDamaged(this.#options.key);
  }

  #warn(message: string): void {
    this.#options.logger.warn(`secrets: ${this.#options.key}: ${message}`);
  }
}
