import type { Event } from "../../base/lifecycle.ts";
import type { SecretVault } from "../connections/connection.ts";
import { isSecretDamaged, vaultError } from "../connections/vaultProblems.ts";

const prefix = "relay.createKey:";

/** Keeps among the secrets what relays want for a new channel, by the relay's address. */
export class CreateKeyVault {
  readonly #vault: SecretVault;

  /** Fires with the relay's address when its key was changed, by this window or another. */
  readonly onDidChange: Event<string>;

  constructor(vault: SecretVault) {
    this.#vault = vault;
    this.onDidChange = listener =>
      vault.onDidChange(key => {
        if (key.startsWith(prefix)) listener(key.slice(prefix.length));
      });
  }

  /** Undefined where none is kept, or a damaged one: the relay says that it wants one, and the person joins again. */
  async read(relay: string): Promise<string | undefined> {
    try {
      return await this.#vault.get(prefix + relay);
    } catch (error) {
      if (isSecretDamaged(error)) return undefined;
      throw vaultError("read", error);
    }
  }

  async write(relay: string, key: string): Promise<void> {
    try {
      await this.#vault.store(prefix + relay, key);
    } catch (error) {
      throw vaultError("written", error);
    }
  }
}
