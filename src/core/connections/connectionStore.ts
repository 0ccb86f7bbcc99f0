import type { Clock } from "../../base/clock.ts";
import type { Disposable, Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Connection, type SecretVault, connectionSchema } from "./connection.ts";
import { VaultList } from "./vaultList.ts";

/** The connections of this machine's user, kept in the secret vault and shared with every other window. */
export class ConnectionStore implements Disposable {
  readonly #list: VaultList<Connection>;

  /** Connections came, went or were signed in anew, in this window or another. */
  readonly onDidChange: Event<void>;

  constructor(vault: SecretVault, logger: Logger, clock: Clock) {
    this.#list = new VaultList({ vault, key: "zohoCrm.connections", schema: connectionSchema, logger, clock });
    this.onDidChange = this.#list.onDidChange;
  }

  /** Rejects with a ProblemError where the vault cannot be read, or what is in it is damaged. */
  async load(): Promise<void> {
    await this.#list.load();
  }

  /** False as long as the vault could not be read: then an empty list says nothing. */
  get isLoaded(): boolean {
    return this.#list.isLoaded;
  }

  list(): readonly Connection[] {
    return this.#list.entries;
  }

  get(id: string): Connection | undefined {
    return this.#list.entries.find(connection => connection.id === id);
  }

  /** Keeps a connection, in place of the one with the same id. */
  async add(connection: Connection): Promise<void> {
    await this.#list.update(entries => [...entries.filter(({ id }) => id !== connection.id), connection]);
  }

  async remove(id: string): Promise<void> {
    await this.#list.update(entries =>
      entries.some(entry => entry.id === id) ? entries.filter(entry => entry.id !== id) : entries,
    );
  }

  dispose(): void {
    this.#list.dispose();
  }
}
