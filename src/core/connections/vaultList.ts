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

  /** Removes the entries that `leaves` picks and puts `joins` at the end, on top of what other windows did meanwhile. */
  async change(leaves: (entry: T) => boolean, joins: readonly T[] = []): Promise<void> {
    await this.#inTurn(async () => {
      const kept = this.#parseList(await this.#fetch()).filter(raw => !this.#isEntryThat(leaves, raw));
      const text = JSON.stringify([...kept, ...joins]);
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
    const raws = this.#parseList(text);
    const entries = raws.map(raw => v.safeParse(this.#options.schema, raw));
    entries.forEach((entry, index) => {
      if (!entry.success) this.#warn(`entry ${index + 1} is damaged and left out (${damagedPart(entry.issues)})`);
    });
    this.#text = text;
    this.#entries = entries.filter(entry => entry.success).map(entry => entry.output);
    this.#changed.fire();
  }

  #parseList(text: string | undefined): readonly unknown[] {
    if (text === undefined) return [];
    const parsed = parseJson(text);
    if (parsed.ok && Array.isArray(parsed.value)) return parsed.value as readonly unknown[];
    this.#warn("the list is damaged and taken for empty");
    return [];
  }

  #isEntryThat(matches: (entry: T) => boolean, raw: unknown): boolean {
    const entry = v.safeParse(this.#options.schema, raw);
    return entry.success && matches(entry.output);
  }

  #warn(message: string): void {
    this.#options.logger.warn(`secrets: ${this.#options.key}: ${message}`);
  }
}

/** Where an entry is damaged; never what is there, as that may be a secret. */
function damagedPart(issues: readonly v.BaseIssue<unknown>[]): string {
  return (issues[0] === undefined ? undefined : v.getDotPath(issues[0])) ?? "all of it";
}

function vaultProblem(what: "read" | "written", cause: unknown): Problem {
  return {
    code: "VAULT_UNAVAILABLE",
    message: `The editor's secret storage cannot be ${what}. Check that the system's keyring is unlocked, and reload the window.`,
    remedy: "open-log",
    cause,
  };
}
