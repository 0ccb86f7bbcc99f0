import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SecretVault } from "../connections/connection.ts";
import { withPatience } from "../connections/vaultPatience.ts";
import { VaultList } from "../connections/vaultList.ts";
import type { ChannelDetails } from "../subscriptions/channelDetails.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { type Loan, loanKey, loanName, readLoan, writeLoan } from "./loan.ts";

/** The tokens of a loan's channel: secrets, so that they are kept apart from what else is known of the loan. */
export interface LoanTokens {
  /** As it was before. */
  readonly token?: string | undefined;
  /** As it was found when somebody had changed it meanwhile. */
  readonly changed?: string | undefined;
}

interface KeptTokens extends LoanTokens {
  /** Of which channel. */
  readonly key: string;
  /** Of which of its loans, as {@link Loan.id}; none where a former version wrote it. */
  readonly loan?: string | undefined;
}

const tokenSchema: v.GenericSchema<unknown, KeptTokens> = v.object({
  key: v.string(),
  loan: v.optional(v.string()),
  token: v.optional(v.string()),
  changed: v.optional(v.string()),
});
const prefix = "borrow/";

/** The tokens of a loan as they were when its channel was last noted to be changed, at `changedAt`. */
interface KnownTokens {
  readonly tokens: LoanTokens;
  readonly changedAt: number | undefined;
}

/** What is learnt of a loan while it is there. */
export type LoanFacts = Partial<
  Pick<
    Loan,
    "until" | "expiresAt" | "wasDeleted" | "restoring" | "changed" | "changedAt" | "madeAt" | "isPending" | "seenAt"
  >
>;

/**
 * What is borrowed, kept so that it outlives a crash: facts in the notes that windows share, tokens in the vault. The
 * token is written first and dropped last, so that no loan is ever without its own.
 */
export class LoanBook implements Disposable {
  readonly #notes: Pick<SharedNotes, "get" | "set" | "replace" | "delete" | "keys">;
  readonly #tokens: VaultList<KeptTokens>;
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** By the name of a loan, for when the vault cannot be read. */
  readonly #known = new Map<string, KnownTokens>();
  readonly #store = new DisposableStore();
  #isReadingAhead = false;

  constructor(
    notes: Pick<SharedNotes, "get" | "set" | "replace" | "delete" | "keys">,
    vault: SecretVault,
    logger: Logger,
    clock: Clock,
  ) {
    this.#notes = notes;
    this.#logger = logger;
    this.#clock = clock;
    this.#tokens = this.#store.add(
      new VaultList({ vault, key: "zohoCrm.borrowedTokens", schema: tokenSchema, logger }),
    );
    this.#store.add(this.#tokens.onDidChange(() => this.#follow()));
  }

  list(): readonly Loan[] {
    return this.#notes.keys(prefix).flatMap(key => readLoan(this.#notes.get(key) ?? "") ?? []);
  }

  get(key: string): Loan | undefined {
    // Asked of each channel with every plan of renewal, and mostly there is none.
    const text = this.#notes.get(prefix + key);
    return text === undefined ? undefined : readLoan(text);
  }

  /** The loan as it is kept now; undefined where it is over, even if its channel was borrowed again since. */
  find(loan: Pick<Loan, "id" | "connectionId" | "channelId">): Loan | undefined {
    const kept = this.get(loanKey(loan));
    return kept !== undefined && loanName(kept) === loanName(loan) ? kept : undefined;
  }

  /**
   * False where `isOurs` says that the channel became another's while its token was being written. Rejects where it
   * cannot be kept: then nothing must be borrowed either.
   */
  async keep(loan: Loan, token: string | undefined, isOurs: () => boolean): Promise<boolean> {
    const key = loanKey(loan);
    const own = token === undefined ? [] : [{ key, loan: loan.id, token }];
    // A token that an earlier loan left there is not this one's.
    await this.#tokens.update(entries => {
      const others = entries.filter(each => each.key !== key);
      return own.length === 0 && others.length === entries.length ? entries : [...others, ...own];
    });
    if (!isOurs()) return false;
    this.#notes.set(prefix + key, writeLoan(loan));
    this.#know(loan, token === undefined ? {} : { token });
    return true;
  }

  /**
   * Writes other facts about a loan that is still there, and leaves alone what else is known of it by now, also where
   * another window writes of it at the same time.
   */
  revise(loan: Loan, facts: LoanFacts): void {
    this.#revise(loan, () => facts);
  }

  /**
   * Keeps how somebody changed the channel of a loan that is still there, as it was when Zoho was asked at `askedAt`
   * (milliseconds since 1970), unless it was noted later how it is. A token that is gone was lost, not changed. It is the
   * last to be noted, as the vault may take for ever. Rejects where it cannot be kept.
   */
  async noteChanged(loan: Loan, { token, ...changed }: ChannelDetails, askedAt: number): Promise<void> {
    const isNews = (kept: Loan): boolean => askedAt >= Math.max(kept.madeAt ?? 0, kept.changedAt ?? 0);
    const known = this.#knownOf(loan);
    this.#revise(loan, kept => (isNews(kept) ? { changed, changedAt: askedAt } : undefined));
    const kept = this.find(loan);
    if (kept?.changedAt !== askedAt) return;
    if (known !== undefined) this.#know(kept, token === undefined ? known : { ...known, changed: token });
    if (token !== undefined) await this.#noteChangedToken(loan, token, isNews);
  }

  /**
   * Learns the tokens of all loans that this window doesn't know yet, also those that another window made: where the
   * vault is put away before the last window has closed, they are needed. Never rejects; what fails is tried again with
   * the next call.
   */
  async readAhead(): Promise<void> {
    if (this.#isReadingAhead) return;
    this.#isReadingAhead = true;
    try {
      if (this.list().every(loan => this.#knownOf(loan) !== undefined)) return;
      await this.#tokens.load();
      this.#knowAll();
    } catch (error) {
      this.#warn(error);
    } finally {
      this.#isReadingAhead = false;
    }
  }

  /**
   * The tokens that the channel had. Where the vault cannot be read, or does not answer, those that this window knows,
   * unless another has noted a change since; rejects where it knows none. `first`: who has no time asks the vault only
   * for what isn't known.
   */
  async tokensOf(loan: Loan, first: "vault" | "known" = "vault"): Promise<LoanTokens> {
    const atHand = first === "known" ? this.#knownOf(loan) : undefined;
    if (atHand !== undefined) return atHand;
    try {
      await withPatience(this.#clock, this.#tokens.load());
    } catch (error) {
      const known = this.#knownOf(loan);
      if (known === undefined) throw error;
      this.#warn(error);
      return known;
    }
    const tokens = this.#listed(loan);
    this.#know(loan, tokens);
    return tokens;
  }

  /** Does nothing where the loan is over. Rejects where it cannot be forgotten; a token that cannot be is left to {@link sweep}. */
  async drop(loan: Pick<Loan, "id" | "connectionId" | "channelId">): Promise<void> {
    this.#known.delete(loanName(loan));
    if (this.find(loan) === undefined) return;
    this.#notes.delete(prefix + loanKey(loan));
    try {
      await withPatience(
        this.#clock,
        this.#tokens.update(entries => without(entries, each => this.#isOf(each, loan))),
      );
    } catch (error) {
      this.#warn(error);
    }
  }

  /**
   * Forgets tokens whose loan was never made, or is over, because the editor ended in between. `take` keeps others from
   * borrowing a channel until its token is forgotten; it gives nothing where somebody is at it.
   */
  async sweep(take: (key: string) => Disposable | undefined): Promise<void> {
    let taken = new DisposableStore();
    try {
      await this.#tokens.update(entries => {
        // Taken when the vault has answered, and again with each answer: what was taken before may be another's by then.
        taken.dispose();
        taken = new DisposableStore();
        const left = [...new Set(entries.map(({ key }) => key))].filter(key => this.#isLeft(key, take, taken));
        return without(entries, ({ key }) => left.includes(key));
      });
    } finally {
      taken.dispose();
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** What the vault had when it was last read. */
  #listed(loan: Loan): LoanTokens {
    const { token, changed } = this.#tokens.entries.find(each => mayBeOf(each, loan)) ?? {};
    return { token, changed };
  }

  #knowAll(): void {
    for (const loan of this.list()) this.#know(loan, this.#listed(loan));
  }

  /** The disk may refuse; what is not known is read again. */
  #follow(): void {
    try {
      this.#knowAll();
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#logger.warn(`borrow: ${describeCauses(error)}`);
  }

  #know(loan: Loan, tokens: LoanTokens): void {
    const names = new Set(this.list().map(loanName));
    for (const name of [...this.#known.keys()]) if (!names.has(name)) this.#known.delete(name);
    this.#known.set(loanName(loan), { tokens, changedAt: this.find(loan)?.changedAt });
  }

  #knownOf(loan: Loan): LoanTokens | undefined {
    const known = this.#known.get(loanName(loan));
    const kept = this.find(loan);
    return kept !== undefined && kept.changedAt === known?.changedAt ? known?.tokens : undefined;
  }

  #isLeft(key: string, take: (key: string) => Disposable | undefined, taken: DisposableStore): boolean {
    if (this.#notes.get(prefix + key) !== undefined) return false;
    const turn = take(key);
    if (turn === undefined) return false;
    taken.add(turn);
    // It may have been borrowed just before.
    return this.#notes.get(prefix + key) === undefined;
  }

  #revise(loan: Loan, factsOf: (kept: Loan) => LoanFacts | undefined): void {
    const key = prefix + loanKey(loan);
    for (let text = this.#notes.get(key); text !== undefined; text = this.#notes.get(key)) {
      const kept = readLoan(text);
      const facts = kept === undefined || loanName(kept) !== loanName(loan) ? undefined : factsOf(kept);
      if (kept === undefined || facts === undefined) return;
      if (this.#notes.replace(key, text, writeLoan({ ...kept, ...facts }))) return;
    }
  }

  async #noteChangedToken(loan: Loan, changed: string, isNews: (kept: Loan) => boolean): Promise<void> {
    const key = loanKey(loan);
    await this.#tokens.update(entries => {
      const kept = this.find(loan);
      const before = entries.find(each => mayBeOf(each, loan));
      const isKept = (before?.changed ?? before?.token) === changed;
      if (kept === undefined || isKept || !isNews(kept)) return entries;
      return [...entries.filter(each => each !== before), { ...before, key, loan: kept.id, changed }];
    });
  }

  /** Whether tokens are of a loan that is over: the vault may come to it when the channel was borrowed again. */
  #isOf(tokens: KeptTokens, loan: Pick<Loan, "id" | "connectionId" | "channelId">): boolean {
    const isNamed = tokens.loan !== undefined || this.#notes.get(prefix + tokens.key) === undefined;
    return isNamed && mayBeOf(tokens, loan);
  }
}

/** The same array where nothing goes: then nothing is written. */
function without(entries: readonly KeptTokens[], goes: (tokens: KeptTokens) => boolean): readonly KeptTokens[] {
  const others = entries.filter(each => !goes(each));
  return others.length === entries.length ? entries : others;
}

function mayBeOf({ key, loan }: KeptTokens, of: Pick<Loan, "id" | "connectionId" | "channelId">): boolean {
  return key === loanKey(of) && (loan === undefined || loan === of.id);
}
