import * as v from "valibot";
import { type Clock, minute } from "../../base/clock.ts";
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
  /** For reading again what could not be read; whoever reads before each use needs none. */
  readonly clock?: Clock;
}

interface Sorted<T> {
  readonly readable: readonly T[];
  readonly damaged: readonly unknown[];
}

/** When to read again what could not be read. */
const retryAfter = minute;

/**
 * A list that is kept under one key of the vault and shared with other windows. Entries that cannot be read, such as
 * those of a newer version, are left out here and left alone there.
 */
export class VaultList<T> implements Disposable {
  readonly #options: VaultListOptions<T>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  #text: string | undefined;
  #sorted: Sorted<T> = { readable: [], damaged: [] };
  /** How often there was reason to read: before the reading that is under way, before the last that was good, and at all. */
  #reading = 0;
  #read = 0;
  #reasons = 1;
  /** A reading that has not begun, so that others can wait for it. */
  #next: Promise<void> | undefined;
  #retry: Disposable | undefined;
  #last: Promise<void> = Promise.resolve();

  /** The list became another, here or in another window. */
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(options: VaultListOptions<T>) {
    this.#options = options;
    this.#store.add(
      options.vault.onDidChange(key => {
        if (key === options.key) void this.#follow();
      }),
    );
  }

  /** False where {@link entries} may not be what the vault has: it was never read, or not since it was to be. */
  get isLoaded(): boolean {
    return this.#read === this.#reasons;
  }

  /** Whether the vault has a list, be it empty, as far as this window has heard. */
  get isKept(): boolean {
    return this.#text !== undefined;
  }

  get entries(): readonly T[] {
    return this.#sorted.readable;
  }

  /**
   * Reads the list from the vault. Rejects with a ProblemError where the vault cannot be read or the list is damaged:
   * then {@link entries} stay as they were, and it is tried again.
   */
  async load(): Promise<void> {
    this.#reasons++;
    this.#next ??= this.#queued(async () => {
      this.#next = undefined;
      this.#take(await this.#fetch());
    });
    try {
      await this.#next;
    } catch (error) {
      this.#loadLater();
      throw error;
    }
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
    this.#retry?.dispose();
    this.#store.dispose();
  }

  async #follow(): Promise<void> {
    try {
      await this.load();
    } catch (error) {
      this.#warn(describeCauses(error));
    }
  }

  #loadLater(): void {
    this.#retry?.dispose();
    if (!this.#store.isDisposed) this.#retry = this.#options.clock?.after(retryAfter, () => void this.#follow());
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
    const { readable, damaged, aside } = await this.#readForUpdate();
    const changed = change(readable);
    if (changed === readable) return undefined;
    if (!isOurs()) return turnLost;
    if (aside !== undefined) await this.#write(asideName(this.#options.key, aside), aside);
    const text = JSON.stringify([...damaged, ...changed]);
    await this.#write(this.#options.key, text);
    // What was heard of meanwhile was done before this turn, or is this.
    this.#reading = this.#reasons;
    this.#take(text);
    return undefined;
  }

  /** What is there, and the text to keep aside where that is no list. What cannot be deciphered the vault keeps itself. */
  async #readForUpdate(): Promise<Sorted<T> & { readonly aside?: string | undefined }> {
    let aside: string | undefined;
    try {
      aside = await this.#fetch();
      return this.#take(aside);
    } catch (error) {
      if (!isSecretDamaged(error)) throw error;
      this.#warn("the list is damaged; it is kept aside and a new one begun");
      return { readable: [], damaged: [], aside };
    }
  }

  /** What is heard of while the vault is asked is not in its answer. */
  async #fetch(): Promise<string | undefined> {
    this.#reading = this.#reasons;
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

  /** This is what the vault has. Throws where that is no list. */
  #take(text: string | undefined): Sorted<T> {
    const before = this.#sorted;
    if (text !== this.#text) this.#sorted = this.#sort(this.#parseList(text));
    this.#text = text;
    this.#read = this.#reading;
    this.#retry?.dispose();
    if (this.#sorted !== before) this.#tell();
    return this.#sorted;
  }

  #tell(): void {
    const { length } = this.#sorted.damaged;
    if (length > 0) this.#warn(`${length} of the entries cannot be read and are left out`);
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
