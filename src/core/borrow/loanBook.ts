import * as v from "valibot";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { type Loan, loanKey, readLoan, writeLoan } from "./loan.ts";

const tokenSchema = v.object({ key: v.string(), token: v.string() });
const prefix = "borrow/";

/**
 * What is borrowed, kept so that it outlives a crash: facts in the notes that windows share, tokens in the vault. The
 * token is written first and dropped last, so that no loan is ever without its own.
 */
export class LoanBook implements Disposable {
  readonly #notes: Pick<SharedNotes, "get" | "set" | "delete" | "keys">;
  readonly #tokens: VaultList<v.InferOutput<typeof tokenSchema>>;

  constructor(notes: Pick<SharedNotes, "get" | "set" | "delete" | "keys">, vault: SecretVault, logger: Logger) {
    this.#notes = notes;
    this.#tokens = new VaultList({ vault, key: "zohoCrm.borrowedTokens", schema: tokenSchema, logger });
  }

  list(): readonly Loan[] {
    return this.#notes.keys(prefix).flatMap(key => readLoan(this.#notes.get(key) ?? "") ?? []);
  }

  get(key: string): Loan | undefined {
    // Asked of each channel with every plan of renewal, and mostly there is none.
    const text = this.#notes.get(prefix + key);
    return text === undefined ? undefined : readLoan(text);
  }

  /** Rejects where it cannot be kept: then nothing must be borrowed. */
  async keep(loan: Loan, token: string | undefined): Promise<void> {
    const key = loanKey(loan);
    if (token !== undefined) {
      await this.#tokens.update(entries => [...entries.filter(each => each.key !== key), { key, token }]);
    }
    this.#notes.set(prefix + key, writeLoan(loan));
  }

  /** Writes other facts about a loan that is still there. */
  revise(loan: Loan): void {
    const key = prefix + loanKey(loan);
    if (this.#notes.get(key) !== undefined) this.#notes.set(key, writeLoan(loan));
  }

  /** The token that the channel had. Rejects where the vault cannot be read. */
  async tokenOf(loan: Loan): Promise<string | undefined> {
    await this.#tokens.load();
    return this.#tokens.entries.find(each => each.key === loanKey(loan))?.token;
  }

  async drop(loan: Loan): Promise<void> {
    this.#notes.delete(prefix + loanKey(loan));
    await this.#forget([loanKey(loan)]);
  }

  /** Forgets tokens whose loan was never made, or is over, because the editor ended in between. */
  async sweep(isFree: (key: string) => boolean): Promise<void> {
    await this.#tokens.load();
    const left = this.#tokens.entries.map(({ key }) => key).filter(key => this.get(key) === undefined && isFree(key));
    if (left.length > 0) await this.#forget(left);
  }

  dispose(): void {
    this.#tokens.dispose();
  }

  async #forget(keys: readonly string[]): Promise<void> {
    await this.#tokens.update(entries => {
      const others = entries.filter(({ key }) => !keys.includes(key));
      return others.length === entries.length ? entries : others;
    });
  }
}
