import type { Disposable, Event } from "../../base/lifecycle.ts";
import { Emitter } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { Connection, SecretVault } from "./connection.ts";

/** The connections of this machine's user, kept in the secret vault and shared with every other window. */
export class ConnectionStore implements Disposable {
  readonly #changed = new Emitter<void>();
  constructor(_vault: SecretVault, _logger: Logger) {}
  readonly onDidChange: Event<void> = this.#changed.event;
  async load(): Promise<void> {
    await Promise.reject(new Error("Being written"));
  }
  list(): readonly Connection[] {
    return [];
  }
  get(_id: string): Connection | undefined {
    return undefined;
  }
  async add(_connection: Connection): Promise<void> {
    await Promise.reject(new Error("Being written"));
  }
  async remove(_id: string): Promise<void> {
    await Promise.reject(new Error("Being written"));
  }
  dispose(): void {
    this.#changed.dispose();
  }
}
