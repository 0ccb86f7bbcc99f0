import { randomUUID } from "node:crypto";
import { type Clock, minute, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import { type Loan, type LoanTerms, loanKey } from "./loan.ts";
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
 * that nobody looked after in the time since this window opened was left behind by a crash, and is due at once.
 */
export class Caretaker implements Disposable {
  readonly #options: CaretakerOptions;
  readonly #held = new Map<string, Claim>();
  readonly #leftBehind = new Set<string>();
  readonly #name = presence + randomUUID();
  #openedAt = 0;
  #next: Disposable | undefined;
  #isOn = false;

  constructor(options: CaretakerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#openedAt = this.#options.clock.now();
    void this.#sweep();
    this.#look();
  }

  /** Takes care of a loan that is about to be made; false while another has it. */
  take(key: string): boolean {
    if (this.#held.has(key)) return true;
    const claim = this.#options.claims.take(`borrow/${key}`, lease);
    if (claim !== undefined) this.#held.set(key, steadyClaim(claim, this.#options.logger));
    return claim !== undefined;
  }

  release(key: string): void {
    this.#held.get(key)?.dispose();
    this.#held.delete(key);
    this.#leftBehind.delete(key);
  }

  /** Takes care of all loans that no living window looks after: those of a window that is closing too are free by now. */
  takeAll(): readonly Loan[] {
    return this.#options.book.list().filter(loan => this.take(loanKey(loan)));
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
  #leftOf({ connectionId, until = Infinity, expiresAt }: Loan): number {
    const { clock, nowAt } = this.#options;
    return Math.min(until - clock.now(), expiresAt - beforeExpiry - nowAt(connectionId));
  }

  /** The channel lives longer than was known. */
  prolong(loan: Loan, expiresAt: number): void {
    this.#tryTo(() => this.#options.book.revise({ ...loan, expiresAt, seenAt: this.#options.clock.now() }));
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
    const { book, clock } = this.#options;
    for (const loan of book.list()) {
      const key = loanKey(loan);
      if (this.#held.has(key) && !this.#leftBehind.has(key)) book.revise({ ...loan, seenAt: clock.now() });
    }
  }

  #letGo(): void {
    for (const key of [...this.#held.keys()]) this.#tryTo(() => this.release(key));
  }

  #look(): void {
    this.#tryTo(() => {
      this.#options.custody.set(this.#name, String(this.#options.clock.now()));
      for (const loan of this.#options.book.list()) this.#lookAt(loan);
      this.#letGoOfSettled();
    });
    this.#tryTo(() => this.#options.onDidLook());
    this.schedule();
  }

  #lookAt(loan: Loan): void {
    const { book, clock, nowAt, onDue } = this.#options;
    const key = loanKey(loan);
    if (!this.#keeps(key)) return;
    if (loan.seenAt < this.#openedAt) this.#leftBehind.add(key);
    else book.revise({ ...loan, seenAt: clock.now() });
    const why = this.#leftBehind.has(key) ? "left-behind" : dueReason(loan, clock.now(), nowAt(loan.connectionId));
    if (why !== undefined) onDue(loan, why);
  }

  /** Holds on to the care of a loan, or takes it over where nobody has it. */
  #keeps(key: string): boolean {
    const claim = this.#held.get(key);
    if (claim?.extend(lease) === true) return true;
    this.#held.delete(key);
    return this.take(key);
  }

  #letGoOfSettled(): void {
    for (const key of [...this.#held.keys()]) if (this.#options.book.get(key) === undefined) this.release(key);
  }

  async #sweep(): Promise<void> {
    try {
      await this.#options.book.sweep(key => this.#isFree(key));
    } catch (error) {
      this.#options.logger.warn(`borrow: ${describeCauses(error)}`);
    }
  }

  #isFree(key: string): boolean {
    const claim = this.#options.claims.take(`borrow/${key}`, second);
    claim?.dispose();
    return claim !== undefined;
  }

  /** The disk may refuse; the next round tries again. */
  #tryTo(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.logger.warn(`borrow: ${describeCauses(error)}`);
    }
  }
}

function dueReason({ until, expiresAt }: Loan, now: number, zohoNow: number): DueReason | undefined {
  if (until !== undefined && until <= now) return "time";
  return expiresAt - beforeExpiry <= zohoNow ? "expiry" : undefined;
}

/** When a loan goes back: at the time that was chosen, and in any case while Zoho can still change the channel. */
export function dueAt({ until, expiresAt }: LoanTerms): number {
  return Math.min(until ?? Infinity, expiresAt - beforeExpiry);
}
