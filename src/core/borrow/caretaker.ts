import { randomUUID } from "node:crypto";
import { type Clock, minute, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import { type Loan, type LoanTerms, loanKey, loanName } from "./loan.ts";
import type { LoanBook } from "./loanBook.ts";

/** Where windows leave word that they are open. */
export type Custody = Pick<SharedNotes, "get" | "set" | "delete" | "keys">;

/** Why a loan goes back: its time is over, Zoho is about to end the channel, or nobody looked after it any more. */
export type DueReason = "time" | "expiry" | "left-behind";

export interface CaretakerOptions {
  readonly book: LoanBook;
  readonly claims: Pick<Claims, "take">;
  readonly custody: Custody;
  readonly clock: Clock;
  /** Zoho's time at a connection: channels end by it. */
  readonly nowAt: (connectionId: string) => number;
  readonly logger: Logger;
  /** A loan is to be given back now. Told again with every round until it is gone. */
  readonly onDue: (loan: Loan, why: DueReason) => void;
  /** A round is over; loans of other windows may have come or gone. */
  readonly onDidLook: () => void;
}

/** How often a window looks after loans, and for how long they are its own after each look. */
const round = 10 * second;
const lease = 30 * second;
/** A channel goes back this long before Zoho ends it, while it can still be changed. */
const beforeExpiry = 2 * minute;
const presence = "window.borrow/";

/**
 * Looks after what is borrowed. One window does it for each loan; when that window goes, another takes over. A loan
 * that nobody looked after in the time since this window opened was left behind by a crash, and is due at once: it still
 * has the note that was found then, whatever the clock was set to meanwhile.
 */
export class Caretaker implements Disposable {
  readonly #options: CaretakerOptions;
  readonly #held = new Map<string, Claim>();
  readonly #leftBehind = new Set<string>();
  /** Loans that are about to be made: the secret storage may take its time. */
  readonly #making = new Set<string>();
  /** When loans were last looked after before this window opened, by name, as they were noted. */
  #found: ReadonlyMap<string, number> | undefined;
  readonly #name = presence + randomUUID();
  #next: Disposable | undefined;
  #isOn = false;

  constructor(options: CaretakerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#found = undefined;
    const swept = this.#options.book.sweep(key => this.#claim(key));
    swept.catch((error: unknown) => this.#warn(error));
    this.#look();
  }

  /** Takes care of a loan that is about to be made, until it is {@link made} or released; false while another has it. */
  begin(key: string): boolean {
    const isTaken = this.#take(key);
    if (isTaken) this.#making.add(key);
    return isTaken;
  }

  /** True where a loan that is about to be made is still this window's; from then on it is looked for in the book. */
  made(key: string): boolean {
    this.#making.delete(key);
    return this.#held.get(key)?.extend(lease) === true;
  }

  #take(key: string): boolean {
    if (this.#held.has(key)) return true;
    const claim = this.#claim(key);
    if (claim !== undefined) this.#held.set(key, claim);
    return claim !== undefined;
  }

  #claim(key: string): Claim | undefined {
    const claim = this.#options.claims.take(`borrow/${key}`, lease);
    return claim === undefined ? undefined : steadyClaim(claim, this.#options.logger);
  }

  release(key: string): void {
    this.#held.get(key)?.dispose();
    this.#held.delete(key);
    this.#making.delete(key);
    this.#leftBehind.delete(key);
  }

  /** Takes care of all loans that no living window looks after: those of a window that is closing too are free by now. */
  takeAll(): readonly Loan[] {
    return this.#options.book.list().filter(loan => this.#take(loanKey(loan)));
  }

  /** True where no other window is open. What says that it is, and stopped saying so, is of a window that died. */
  isAlone(): boolean {
    const { custody, clock } = this.#options;
    const now = clock.now();
    const others = custody.keys(presence).filter(key => key !== this.#name);
    return !others.some(key => Math.abs(Number(custody.get(key)) - now) < lease);
  }

  /** Plans the next look anew, as a loan came or one became due at another time. */
  schedule(): void {
    if (!this.#isOn) return;
    let wait = round;
    this.#tryTo(() => (wait = this.#untilNext()));
    this.#next?.dispose();
    this.#next = this.#options.clock.after(wait, () => this.#look());
  }

  #untilNext(): number {
    const held = this.#options.book.list().filter(loan => this.#held.has(loanKey(loan)));
    return Math.min(round, ...held.map(loan => this.#leftOf(loan)).filter(left => left > 0));
  }

  /** How long until a loan goes back, in milliseconds. */
  #leftOf(loan: Loan): number {
    const { clock, nowAt } = this.#options;
    const now = clock.now();
    return dueAt(loan, nowAt(loan.connectionId) - now) - now;
  }

  /** The channel lives longer than was known. */
  prolong(loan: Loan, expiresAt: number): void {
    this.#tryTo(() => this.#options.book.revise(loan, { expiresAt }));
    this.schedule();
  }

  /** Looks no more, and lets go of what it holds: another window that is open finds it looked after until now. */
  stop(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#next?.dispose();
    this.#tryTo(() => this.#leaveWord());
    this.#letGo();
    this.#tryTo(() => this.#options.custody.delete(this.#name));
  }

  dispose(): void {
    this.stop();
    this.#letGo();
  }

  #leaveWord(): void {
    for (const loan of this.#options.book.list()) {
      const key = loanKey(loan);
      if (this.#held.has(key) && !this.#leftBehind.has(key)) this.#noteSeen(loan);
    }
  }

  #letGo(): void {
    for (const key of [...this.#held.keys()]) this.#tryTo(() => this.release(key));
  }

  #look(): void {
    this.#tryTo(() => {
      for (const key of this.#making) this.#held.get(key)?.extend(lease);
      this.#options.custody.set(this.#name, String(this.#options.clock.now()));
      const loans = this.#options.book.list();
      const others = loans.filter(loan => !this.#held.has(loanKey(loan)));
      this.#found ??= new Map(others.map(loan => [loanName(loan), loan.seenAt]));
      for (const loan of loans) this.#lookAt(loan, this.#found);
      this.#letGoOfSettled();
    });
    this.#tryTo(() => this.#options.onDidLook());
    this.schedule();
  }

  #lookAt(loan: Loan, found: ReadonlyMap<string, number>): void {
    const { clock, nowAt, onDue } = this.#options;
    const key = loanKey(loan);
    if (!this.#keeps(key)) return;
    if (found.get(loanName(loan)) === loan.seenAt) this.#leftBehind.add(key);
    else this.#noteSeen(loan);
    const why = this.#leftBehind.has(key) ? "left-behind" : dueReason(loan, clock.now(), nowAt(loan.connectionId));
    if (why !== undefined) onDue(loan, why);
  }

  /** Where the clock was set back since somebody looked last, what is planned and noted by it is set back with it. */
  #noteSeen(loan: Loan): void {
    const { book, clock } = this.#options;
    const seenAt = clock.now();
    const setBack = Math.max(loan.seenAt - seenAt, 0);
    const moved = (instant: number | undefined): number | undefined =>
      instant === undefined ? undefined : instant - setBack;
    const { until, madeAt, changedAt } = loan;
    const times = { until: moved(until), madeAt: moved(madeAt), changedAt: moved(changedAt) };
    book.revise(loan, setBack > 0 ? { seenAt, ...times } : { seenAt });
  }

  /** Holds on to the care of a loan, or takes it over where nobody has it. */
  #keeps(key: string): boolean {
    const claim = this.#held.get(key);
    if (claim?.extend(lease) === true) return true;
    this.#held.delete(key);
    this.#leftBehind.delete(key);
    return this.#take(key);
  }

  #letGoOfSettled(): void {
    const held = [...this.#held.keys()].filter(key => !this.#making.has(key));
    for (const key of held) if (this.#options.book.get(key) === undefined) this.release(key);
  }

  /** The disk may refuse; the next round tries again. */
  #tryTo(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#options.logger.warn(`borrow: ${describeCauses(error)}`);
  }
}

function dueReason({ until, expiresAt }: Loan, now: number, zohoNow: number): DueReason | undefined {
  if (until !== undefined && until <= now) return "time";
  return expiresAt - beforeExpiry <= zohoNow ? "expiry" : undefined;
}

/**
 * When a loan goes back, by this machine's clock: at the time that was chosen, and in any case while Zoho can still change
 * the channel. Zoho's clock is `ahead` milliseconds ahead.
 */
export function dueAt({ until, expiresAt }: LoanTerms, ahead: number): number {
  return Math.min(until ?? Infinity, expiresAt - ahead - beforeExpiry);
}
