import { MemoryVault } from "./memoryVault.ts";

/** A vault that does not answer, or fails, for as long as a test wants. */
export class TroubledVault extends MemoryVault {
  /** How often something was stored under each key. */
  readonly stored = new Map<string, number>();
  #hangs: PromiseWithResolvers<undefined> | undefined;
  #fails = false;
  #only: string | undefined;

  /** From now on nothing is answered until the trouble is over, or nothing about one key. */
  hang(only?: string): void {
    this.#only = only;
    this.#hangs = Promise.withResolvers();
  }

  fail(only?: string): void {
    this.#only = only;
    this.#fails = true;
  }

  /** What waits is answered, and all works again. */
  recover(): void {
    this.#fails = false;
    this.#hangs?.resolve(undefined);
    this.#hangs = undefined;
  }

  override async get(key: string): Promise<string | undefined> {
    await this.#pass(key);
    return super.get(key);
  }

  override async store(key: string, value: string): Promise<void> {
    await this.#pass(key);
    this.stored.set(key, (this.stored.get(key) ?? 0) + 1);
    await super.store(key, value);
  }

  async #pass(key: string): Promise<void> {
    if (this.#only !== undefined && this.#only !== key) return;
    await this.#hangs?.promise;
    if (this.#fails) throw new Error("The keyring is locked.");
  }
}
