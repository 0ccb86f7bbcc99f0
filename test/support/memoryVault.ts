import { Emitter } from "../../src/base/lifecycle.ts";
import type { SecretVault } from "../../src/core/connections/connection.ts";

/** A vault in memory that several "windows" can share, with what it holds open to the test. */
export class MemoryVault implements SecretVault {
  readonly entries = new Map<string, string>();
  readonly #changed = new Emitter<string>();
  readonly onDidChange = this.#changed.event;

  async get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.entries.get(key));
  }

  async store(key: string, value: string): Promise<void> {
    this.entries.set(key, value);
    this.#changed.fire(key);
    return Promise.resolve();
  }

  async delete(key: string): Promise<void> {
    if (this.entries.delete(key)) this.#changed.fire(key);
    return Promise.resolve();
  }
}
