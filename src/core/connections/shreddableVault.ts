import { createHash } from "node:crypto";
import type { Event } from "../../base/lifecycle.ts";
import type { Exclusive } from "../windows/turns.ts";
import type { SecretVault } from "./connection.ts";
import { decipher, encipher, fingerprintOf } from "./sealedSecret.ts";
import { ensureVaultKey, readVaultKey } from "./vaultKey.ts";
import { secretDamaged } from "./vaultProblems.ts";

/**
 * A vault whose secrets are enciphered once more, with a key in a file beside the extension's other data. The editor
 * keeps secrets of extensions that were uninstalled; without that file, which goes with the data, nobody can read them.
 *
 * The editor keeps secrets where its window is shown, and the file is where the extension runs: windows on this
 * machine, in a container and over SSH share secrets but no key. So each name carries the fingerprint of its key, and
 * each place has its own. `get` rejects with a ProblemError where the key cannot be read or the secret is damaged.
 */
export function shreddableVault(vault: SecretVault, keyFile: string, exclusive?: Exclusive): SecretVault {
  return {
    get: async name => {
      const key = readVaultKey(keyFile);
      return key === undefined ? undefined : new Place(vault, key).get(name);
    },
    store: async (name, value) => new Place(vault, ensureVaultKey(keyFile)).store(name, value),
    delete: async name => {
      const key = readVaultKey(keyFile);
      if (key !== undefined) await new Place(vault, key).delete(name);
    },
    onDidChange: ownChanges(vault, keyFile),
    ...(exclusive === undefined ? {} : { exclusive }),
  };
}

/** The secrets of one key. */
class Place {
  readonly #vault: SecretVault;
  readonly #key: Buffer;

  constructor(vault: SecretVault, key: Buffer) {
    this.#vault = vault;
    this.#key = key;
  }

  async get(name: string): Promise<string | undefined> {
    const sealed = await this.#vault.get(this.#own(name));
    return sealed === undefined ? this.#takeOver(name) : this.#open(sealed, name);
  }

  async store(name: string, value: string): Promise<void> {
    await this.#setDamagedAside(name);
    await this.#vault.store(this.#own(name), encipher(value, this.#key, name));
    await this.#deleteFormer(name);
  }

  async delete(name: string): Promise<void> {
    await this.#vault.delete(this.#own(name));
    await this.#deleteFormer(name);
  }

  /** Versions before this one used the bare name. What is there may be another place's: then it is left alone. */
  async #takeOver(name: string): Promise<string | undefined> {
    const former = await this.#former(name);
    // Another window may have taken it over in between, and changed it since.
    const sealed = await this.#vault.get(this.#own(name));
    if (sealed !== undefined) return this.#open(sealed, name);
    if (former !== undefined) await this.store(name, former);
    return former;
  }

  async #deleteFormer(name: string): Promise<void> {
    if ((await this.#former(name)) !== undefined) await this.#vault.delete(name);
  }

  async #former(name: string): Promise<string | undefined> {
    const sealed = await this.#vault.get(name);
    return sealed === undefined ? undefined : decipher(sealed, this.#key, name);
  }

  async #setDamagedAside(name: string): Promise<void> {
    const sealed = await this.#vault.get(this.#own(name));
    if (sealed === undefined || decipher(sealed, this.#key, name) !== undefined) return;
    await this.#vault.store(this.#own(asideName(name, sealed)), sealed);
  }

  #open(sealed: string, name: string): string {
    const value = decipher(sealed, this.#key, name);
    if (value === undefined) throw secretDamaged(name);
    return value;
  }

  #own(name: string): string {
    return `${name}@${fingerprintOf(this.#key)}`;
  }
}

/** Where the text of a damaged secret is kept when a new one takes its place; the same text has the same name. */
export function asideName(name: string, text: string): string {
  return `${name}.damaged-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

const fingerprinted = /^(.*)@([\da-f]{16})$/s;

/** Changes of this place's secrets, and of bare names, which may be of its former version. */
function ownChanges(vault: SecretVault, keyFile: string): Event<string> {
  return listener =>
    vault.onDidChange(stored => {
      const [, name, fingerprint] = fingerprinted.exec(stored) ?? [];
      if (name === undefined) listener(stored);
      else if (fingerprint === undefined || mayBeOwn(fingerprint, keyFile)) listener(name);
    });
}

/** Whoever cannot tell looks, and is told by `get` what is wrong. */
function mayBeOwn(fingerprint: string, keyFile: string): boolean {
  try {
    const key = readVaultKey(keyFile);
    return key !== undefined && fingerprintOf(key) === fingerprint;
  } catch {
    return true;
  }
}
