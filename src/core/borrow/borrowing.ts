import { randomUUID } from "node:crypto";
import { backoffDelay } from "../../base/backoff.ts";
import { type Clock, minute, second, sleep } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { leavesOutcomeOpen } from "../../zoho/problem.ts";
import { patienceForPeople, withPatience } from "../connections/vaultPatience.ts";
import type { ChannelDetails } from "../subscriptions/channelDetails.ts";
import { modulesWithout } from "../subscriptions/grants.ts";
import type { LapseOf } from "../subscriptions/lapse.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import { Caretaker, type Custody, type DueReason, dueAt } from "./caretaker.ts";
import { type Found, type GiveBackStep, type Resolution, planGiveBack, sendsHere } from "./giveBack.ts";
import { type Loan, type LoanTerms, isSettled, loanKey, loanName } from "./loan.ts";
import type { LoanBook, LoanFacts, LoanTokens } from "./loanBook.ts";
import { LoanSightings } from "./loanSightings.ts";
import {
  alreadyBorrowedProblem,
  alreadyHereProblem,
  backWithoutProblem,
  busyProblem,
  changedProblem,
  expiredProblem,
  noLoanProblem,
  notKeptProblem,
  stuckProblem,
} from "./problems.ts";

export interface BorrowRequest {
  readonly connectionId: string;
  readonly channelId: string;
  /** The address that leads to this editor. */
  readonly notifyUrl: string;
  /** Milliseconds; none: until it is given back. */
  readonly duration?: number;
}

/** How a loan stands. */
export type LoanStatus =
  | { readonly kind: "out" }
  | { readonly kind: "returning" }
  /** It could not be given back; it is tried again by itself at `retryAt` (milliseconds since 1970). */
  | { readonly kind: "stuck"; readonly problem: Problem; readonly retryAt: number }
  /** Somebody changed the channel meanwhile: a person must say what is right. */
  | { readonly kind: "undecided"; readonly found: Found; readonly problem: Problem };

export interface BorrowingOptions {
  readonly subscriptions: Pick<
    SubscriptionService,
    "read" | "change" | "restore" | "nowAt" | "onDidRead" | "onDidDelete"
  >;
  readonly book: LoanBook;
  readonly claims: Pick<Claims, "take">;
  readonly custody: Custody;
  /** False while what is noted would end with this window: nothing is borrowed then. */
  readonly isKept: () => boolean;
  /** Has a token in memory that opens a connection's API: a window that closes may no longer read or make one. */
  readonly readyAccess: (connectionId: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** What a give-back that was carried out has to say. */
export interface GivenBack {
  readonly loan: Loan;
  /** In sentences, what is not as it should be. */
  readonly warnings: readonly Problem[];
}

/** A loan that no window gave back when the last one closed, and that this one did. */
export interface LateReturn {
  readonly loan: Loan;
  /** For how long its owner got none of its events, in milliseconds. */
  readonly missedFor: number;
}

/** A channel that is borrowed, and how that stands. */
export interface ShownLoan {
  readonly loan: LoanTerms;
  readonly status: LoanStatus;
  /** When it goes back, by this machine's clock: milliseconds since 1970. */
  readonly dueAt: number;
}

/** How long one window may be busy giving back before another may try. */
const actingTime = minute;
const retries = { first: 30 * second, longest: 15 * minute };
/** How long a list that goes on showing what is not so makes nobody look again. */
const confirmAgain = 30 * second;
/** What VS Code grants a window that closes is 5 seconds; some are for the rest. */
const shutDownDeadline = 3 * second;

/**
 * Points other people's channels, or our own, at this editor for a while, and puts back what was there: when told, when
 * the time is over, when the last window closes, and when a window finds what a crashed one left. The channel itself is
 * read before each step, and decides; what is kept is only how it was.
 */
export class Borrowing implements Disposable {
  readonly #options: BorrowingOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #warned = this.#store.add(new Emitter<GivenBack>());
  readonly #returnedLate = this.#store.add(new Emitter<LateReturn>());
  /** These are by the name of a loan: what is known of one says nothing about the next of its channel. */
  readonly #statuses = new Map<string, LoanStatus>();
  readonly #attempts = new Map<string, number>();
  readonly #running = new Map<string, Promise<Result<GivenBack, Problem>>>();
  /** Loans that are over, and that the book does not forget because the disk fails. */
  readonly #over = new Map<string, LoanTerms>();
  /** Those that the book is being told to forget. */
  readonly #ending = new Set<string>();
  /** Those that the last window to close did not give back. */
  readonly #leftBehind = new Set<string>();
  /** When it was last looked whether their owner took them back: milliseconds since 1970. */
  readonly #lookedFor = new Map<string, number>();
  readonly #caretaker: Caretaker;
  #isClosing = false;
  /** As of the last look, so that a tree of a thousand rows asks no database. */
  #seen: ReadonlyMap<string, LoanTerms> = new Map();

  /** Something was borrowed or given back, or could not be. */
  readonly onDidChange: Event<void> = this.#changed.event;
  /** Something was given back, by whoever's wish, and is not as it should be. */
  readonly onDidWarn: Event<GivenBack> = this.#warned.event;
  /** Something that was left behind when the editor closed was given back. */
  readonly onDidReturnLate: Event<LateReturn> = this.#returnedLate.event;

  constructor(options: BorrowingOptions) {
    this.#options = options;
    this.#caretaker = this.#store.add(
      new Caretaker({
        ...options,
        nowAt: connectionId => options.subscriptions.nowAt(connectionId),
        onDue: (loan, why) => this.#fallDue(loan, why),
        onDidLook: () => this.#lookAround(),
      }),
    );
    this.#store.add(toDisposable(() => options.book.dispose()));
    const onTakenBack = (loan: Loan): void => void this.#confirmTakenBack(loan);
    this.#store.add(new LoanSightings({ ...options, loans: () => this.loans, onTakenBack }));
    this.#store.add(options.subscriptions.onDidDelete(channel => void this.#endDeleted(channel)));
  }

  /** Begins to look after what is borrowed, and gives back what was left behind. */
  start(): void {
    this.#caretaker.start();
  }

  get loans(): readonly Loan[] {
    return this.#options.book.list().filter(loan => !this.#isOver(loan));
  }

  find(connectionId: string, channelId: string): Loan | undefined {
    const loan = this.#options.book.get(loanKey({ connectionId, channelId }));
    return loan === undefined || this.#isOver(loan) ? undefined : loan;
  }

  /** What to show of a channel that is borrowed, as of the last look. */
  shown(channel: Pick<Loan, "connectionId" | "channelId">): ShownLoan | undefined {
    const loan = this.#seen.get(loanKey(channel));
    if (loan === undefined) return undefined;
    const { subscriptions, clock } = this.#options;
    const ahead = subscriptions.nowAt(loan.connectionId) - clock.now();
    return { loan, status: this.statusOf(loan), dueAt: dueAt(loan, ahead) };
  }

  statusOf(loan: LoanTerms): LoanStatus {
    return this.#statuses.get(loanName(loan)) ?? { kind: "out" };
  }

  /**
   * Points a channel at this editor. How it is found in its turn is kept before anything is changed. The token stays the
   * same: what Zoho sends late, here or there, still verifies at both ends, and there is one thing less to put back.
   */
  async borrow(request: BorrowRequest): Promise<Result<GivenBack, Problem>> {
    if (!this.#options.isKept()) return fail(notKeptProblem());
    const read = await this.#options.subscriptions.read(request.connectionId, request.channelId);
    if (!read.ok) return read;
    if (read.value === undefined) return fail(expiredProblem());
    if (read.value.notifyUrl === request.notifyUrl) return fail(alreadyHereProblem());
    if (this.find(request.connectionId, request.channelId) !== undefined) return fail(alreadyBorrowedProblem());
    return this.#point(request);
  }

  /**
   * Gives a channel back, at once. Where somebody changed it meanwhile and nothing is resolved, asks by failing. A loan
   * that is over gives nothing back, also where its channel was borrowed again since.
   */
  async giveBack(loan: Loan, resolution?: Resolution): Promise<Result<GivenBack, Problem>> {
    const name = loanName(loan);
    const running = this.#running.get(name);
    if (running !== undefined) {
      const given = await running;
      // What it did not know of is still to be done.
      return given.ok || resolution === undefined ? given : this.giveBack(loan, resolution);
    }
    const begun = this.#giveBack(loan, resolution);
    this.#running.set(name, begun);
    try {
      return await begun;
    } finally {
      this.#running.delete(name);
    }
  }

  /** Gives back all of a connection that is about to end; what cannot be, waits for the next sign-in. */
  async giveBackAll(connectionId: string): Promise<void> {
    const loans = this.loans.filter(loan => loan.connectionId === connectionId);
    await Promise.all(loans.map(async loan => this.giveBack(loan)));
  }

  /**
   * For a window that closes: the last one gives back what it can in the time there is; the next start does the rest. It
   * says that it goes before it looks for others, so that of windows that close together one is the last. The secret
   * storage may be gone by now: what it would be asked for was read ahead.
   */
  async shutDown(): Promise<void> {
    this.#isClosing = true;
    this.#caretaker.stop();
    const loans = this.#caretaker.isAlone() ? this.#caretaker.takeAll() : [];
    const over = new AbortController();
    const all = Promise.all(loans.map(async loan => this.giveBack(loan)));
    await Promise.race([all, sleep(this.#options.clock, shutDownDeadline, over.signal)]);
    over.abort();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #loanOf(
    { connectionId, channelId, notifyUrl, duration }: BorrowRequest,
    { token: _, ...original }: ChannelDetails,
  ): Loan {
    const now = this.#options.clock.now();
    return {
      id: randomUUID(),
      ...{ connectionId, channelId, original, borrowedUrl: notifyUrl },
      until: duration === undefined ? undefined : now + duration,
      expiresAt: original.expiresAt,
      madeAt: now,
      isPending: true,
      seenAt: now,
    };
  }

  async #point(request: BorrowRequest): Promise<Result<GivenBack, Problem>> {
    const made: { loan: Result<Loan, Problem> } = { loan: fail(expiredProblem()) };
    const towards = async (now: ChannelDetails): Promise<ChannelDetails | undefined> => {
      made.loan = await this.#lend(request, now, made.loan.ok ? made.loan.value : undefined);
      const { otherUrls: _, ...rest } = now;
      return made.loan.ok ? { ...rest, notifyUrl: request.notifyUrl } : undefined;
    };
    const pointed = await this.#options.subscriptions.change(request.connectionId, request.channelId, towards);
    if (!made.loan.ok) return pointed.ok ? made.loan : pointed;
    const loan = made.loan.value;
    if (pointed.ok || !leavesOutcomeOpen(pointed.error)) this.#revise(loan, { isPending: undefined });
    this.#caretaker.schedule();
    this.#announce();
    if (pointed.ok) return succeed({ loan, warnings: pointed.value.warnings });
    // It may have happened all the same, or happen yet: giving back looks, and forgets the loan where there was none.
    await this.giveBack(loan);
    return pointed;
  }

  /**
   * Keeps how a channel is in its turn: what was read before may have been another's to change meanwhile. `before`: the
   * loan as it was made of an earlier reading, which is old by now.
   */
  async #lend(request: BorrowRequest, now: ChannelDetails, before: Loan | undefined): Promise<Result<Loan, Problem>> {
    const lent = await this.#keepLoan(request, now, before);
    if (!lent.ok && before !== undefined) await this.#end(before);
    return lent;
  }

  async #keepLoan(
    request: BorrowRequest,
    now: ChannelDetails,
    before: Loan | undefined,
  ): Promise<Result<Loan, Problem>> {
    const { book, clock } = this.#options;
    const key = loanKey(request);
    if (now.notifyUrl === request.notifyUrl && now.otherUrls === undefined) return fail(alreadyHereProblem());
    const kept = book.get(key);
    const isAnothers = kept !== undefined && kept.id !== before?.id;
    if (isAnothers || !this.#caretaker.begin(key)) return fail(alreadyBorrowedProblem());
    const loan = { ...this.#loanOf(request, now), ...(before === undefined ? {} : { id: before.id }) };
    try {
      const isOurs = (): boolean => this.#caretaker.made(key);
      if (await withPatience(clock, book.keep(loan, now.token, isOurs), patienceForPeople)) return succeed(loan);
      this.#caretaker.release(key);
      return fail(alreadyBorrowedProblem());
    } catch (error) {
      this.#caretaker.release(key);
      return fail(toProblem(error));
    }
  }

  async #giveBack(loan: Loan, resolution: Resolution | undefined): Promise<Result<GivenBack, Problem>> {
    const { book, claims, logger } = this.#options;
    let acting: Claim | undefined;
    try {
      if (book.find(loan) === undefined) return this.#findNone(loan);
      if (this.#isOver(loan)) return await this.#settle(loan, [], Infinity);
      acting = claims.take(`borrow.act/${loanKey(loan)}`, actingTime);
      if (acting === undefined) return fail(busyProblem());
      // Another may have given it back just before.
      const kept = book.find(loan);
      if (kept === undefined) return this.#findNone(loan);
      this.#setStatus(loan, { kind: "returning" });
      const given = await this.#carryOut(kept, resolution);
      // What another ended meanwhile, as where a person deleted the channel, is not stuck.
      return given.ok || book.find(loan) !== undefined ? given : this.#findNone(loan);
    } catch (error) {
      return this.#getStuck(loan, toProblem(error));
    } finally {
      if (acting !== undefined) steadyClaim(acting, logger).dispose();
    }
  }

  #findNone(loan: Loan): Result<GivenBack, Problem> {
    this.#statuses.delete(loanName(loan));
    return fail(noLoanProblem());
  }

  async #carryOut(lent: Loan, resolution: Resolution | undefined): Promise<Result<GivenBack, Problem>> {
    const { subscriptions, book, clock } = this.#options;
    const { connectionId, channelId } = lent;
    const askedAt = clock.now();
    const found = await subscriptions.read(connectionId, channelId);
    if (!found.ok) return this.#getStuck(lent, found.error);
    // What another window noted meanwhile counts.
    const loan = book.find(lent);
    if (loan === undefined) return this.#findNone(lent);
    const tokens = resolution === "leave" ? {} : await book.tokensOf(loan, this.#isClosing ? "known" : "vault");
    const step = planGiveBack(loan, tokens, found.value, subscriptions.nowAt(connectionId), resolution);
    if (step.kind === "ask") return this.#ask(loan, step.found, askedAt);
    if (resolution === "leave") return this.#settle(loan, [], askedAt);
    if (step.kind !== "restore") return this.#pointBack(loan, tokens, resolution);
    book.revise(loan, { restoring: step.details.events });
    // A person may be deleting it in another window.
    const isWanted = (): boolean => book.find(loan) !== undefined;
    const written = await subscriptions.restore(connectionId, step.details, isWanted);
    return written.ok
      ? this.#settleWritten(loan, written.value.warnings, askedAt)
      : this.#getStuck(loan, written.error);
  }

  /**
   * Decides once more when it is the channel's turn: what was found before may have been changed meanwhile, also by whoever
   * was just borrowing it.
   */
  async #pointBack(
    lent: Loan,
    tokens: LoanTokens,
    resolution: Resolution | undefined,
  ): Promise<Result<GivenBack, Problem>> {
    const { subscriptions, book, clock } = this.#options;
    const { connectionId, channelId } = lent;
    const last: { loan: Loan | undefined; step: GiveBackStep | undefined } = { loan: lent, step: undefined };
    const askedAt = clock.now();
    const written = await subscriptions.change(connectionId, channelId, now => {
      // Another window may have ended it meanwhile, and the channel been borrowed again.
      last.loan = book.find(lent);
      last.step = last.loan && planGiveBack(lent, tokens, now, subscriptions.nowAt(connectionId), resolution);
      return last.step?.kind === "change" ? last.step.towards(now) : undefined;
    });
    const { loan, step } = last;
    if (loan === undefined) return this.#findNone(lent);
    if (step?.kind === "ask") return this.#ask(loan, step.found, askedAt);
    if (!written.ok) return this.#getStuck(loan, written.error);
    const { warnings, after } = written.value;
    const amiss = warnings.length > 0 ? warnings : unrestored(loan, after);
    return step?.kind === "change" ? this.#settleWritten(loan, amiss, askedAt) : this.#settle(loan, amiss, askedAt);
  }

  /**
   * A list may be of before the loan was made. So the channel is looked at once more, in its turn, in which nobody makes
   * the loan or gives it back: what is found then decides. Never rejects; the next list has it again.
   */
  async #confirmTakenBack(loan: Loan): Promise<void> {
    const name = loanName(loan);
    const askedAt = this.#options.clock.now();
    const isAgain = Math.abs(askedAt - (this.#lookedFor.get(name) ?? 0)) < confirmAgain;
    if (isAgain || this.#running.has(name)) return;
    this.#lookedFor.set(name, askedAt);
    try {
      await this.#options.subscriptions.change(loan.connectionId, loan.channelId, async now => {
        await this.#endWhereBack(loan, now, askedAt);
        return undefined;
      });
    } catch (error) {
      this.#warn(error);
    }
  }

  async #endWhereBack(lent: Loan, now: ChannelDetails, askedAt: number): Promise<void> {
    const loan = this.#options.book.find(lent);
    const isBack = now.notifyUrl === lent.original.notifyUrl && !sendsHere(lent, now);
    if (loan !== undefined && isBack && !this.#isOver(loan)) await this.#settle(loan, unrestored(loan, now), askedAt);
  }

  /** The same of one that this window gave back just now, and did not find there. */
  async #settleWritten(loan: Loan, warnings: readonly Problem[], askedAt: number): Promise<Result<GivenBack, Problem>> {
    const wasLeftBehind = this.#leftBehind.has(loanName(loan));
    const settled = await this.#settle(loan, warnings, askedAt);
    const missedFor = this.#options.clock.now() - (loan.madeAt ?? loan.seenAt);
    if (wasLeftBehind) this.#returnedLate.fire({ loan, missedFor: Math.max(missedFor, 0) });
    return settled;
  }

  /**
   * Never rejects: the channel is back, whatever the disk says to that. Where what Zoho said at `askedAt` may not last, the
   * loan goes on being given back: it is looked at once more when the request to point it here can no longer be under way.
   */
  async #settle(loan: Loan, warnings: readonly Problem[], askedAt: number): Promise<Result<GivenBack, Problem>> {
    const { logger } = this.#options;
    logger.info(`borrow: ${loan.channelId} is back where it was`);
    for (const { message } of warnings) logger.warn(`borrow: ${loan.channelId}: ${message}`);
    if (isSettled(loan, askedAt)) await this.#end(loan);
    else this.#makeDue(loan);
    if (warnings.length > 0) this.#warned.fire({ loan, warnings });
    return succeed({ loan, warnings });
  }

  /** A channel that a person deleted is nobody's to give back. */
  async #endDeleted(channel: LapseOf): Promise<void> {
    const loan = this.#lastKnown(channel);
    if (loan !== undefined) await this.#end(loan);
  }

  /** As of the last look where the book cannot be read. */
  #lastKnown(channel: LapseOf): LoanTerms | undefined {
    try {
      return this.#options.book.get(loanKey(channel));
    } catch (error) {
      this.#warn(error);
      return this.#seen.get(loanKey(channel));
    }
  }

  /** From now on the loan is over; a book that does not forget it is told again with each look. */
  async #end(loan: LoanTerms): Promise<void> {
    const name = loanName(loan);
    this.#over.set(name, loan);
    this.#ending.add(name);
    this.#attempts.delete(name);
    this.#statuses.delete(name);
    this.#leftBehind.delete(name);
    try {
      await this.#options.book.drop(loan);
      this.#over.delete(name);
      this.#caretaker.release(loanKey(loan));
    } catch (error) {
      this.#warn(error);
    } finally {
      this.#ending.delete(name);
    }
    this.#announce();
  }

  #isOver(loan: LoanTerms): boolean {
    return this.#over.has(loanName(loan));
  }

  /** `askedAt`: when Zoho was asked, in milliseconds since 1970. */
  #ask(loan: Loan, found: Found, askedAt: number): Result<GivenBack, Problem> {
    const problem = changedProblem(loan, found);
    this.#options.logger.warn(`borrow: ${loan.channelId}: ${problem.message}`);
    this.#setStatus(loan, { kind: "undecided", found, problem });
    // A secret storage that takes its time keeps nobody from deciding.
    void this.#noteFound(loan, found, askedAt);
    return fail(problem);
  }

  /** The channel may be gone when somebody decides: then it is made again as it was found. Never rejects. */
  async #noteFound(loan: Loan, found: Found, askedAt: number): Promise<void> {
    const { book } = this.#options;
    try {
      if (found.kind === "deleted") book.revise(loan, { wasDeleted: true });
      else if (found.details !== undefined) await book.noteChanged(loan, found.details, askedAt);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** From now on it is due, so that it is tried again by itself, by this window or another. */
  #getStuck(loan: Loan, cause: Problem): Result<GivenBack, Problem> {
    const { clock, random, logger } = this.#options;
    this.#makeDue(loan);
    const name = loanName(loan);
    const attempt = (this.#attempts.get(name) ?? 0) + 1;
    this.#attempts.set(name, attempt);
    const problem = stuckProblem(loan, cause);
    logger.warn(`borrow: ${loan.channelId}: ${describeCauses(cause)}`);
    const retryAt = clock.now() + backoffDelay(attempt, retries, random);
    this.#setStatus(loan, { kind: "stuck", problem, retryAt });
    return fail(problem);
  }

  #makeDue(loan: Loan): void {
    this.#revise(loan, { until: Math.min(loan.until ?? Infinity, this.#options.clock.now()) });
  }

  /** Never throws: the disk may refuse. */
  #revise(loan: Loan, facts: LoanFacts): void {
    try {
      this.#options.book.revise(loan, facts);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** A person who must decide is not asked again and again, nor Zoho where it failed just now. */
  #fallDue(loan: Loan, why: DueReason): void {
    if (this.#isOver(loan) || !this.#isToBeTried(loan)) return;
    if (why === "left-behind") this.#leftBehind.add(loanName(loan));
    const done = why === "expiry" ? this.#followExpiry(loan) : this.giveBack(loan);
    done.catch((error: unknown) => this.#warn(error));
  }

  #isToBeTried(loan: Loan): boolean {
    const status = this.statusOf(loan);
    const now = this.#options.clock.now();
    if (status.kind === "returning") return !this.#running.has(loanName(loan)) && isSettled(loan, now);
    if (status.kind !== "stuck") return status.kind === "out";
    const left = status.retryAt - now;
    // No wait is longer: the clock was set back since.
    return left <= 0 || left > retries.longest;
  }

  /** Zoho is about to end the channel, unless it was renewed while it was here. */
  async #followExpiry(loan: Loan): Promise<void> {
    const found = await this.#options.subscriptions.read(loan.connectionId, loan.channelId);
    const expiresAt = found.ok ? (found.value?.expiresAt ?? 0) : 0;
    if (expiresAt > loan.expiresAt) this.#caretaker.prolong(loan, expiresAt);
    else await this.giveBack(loan);
  }

  /** Statuses of loans that another window has settled go. */
  #lookAround(): void {
    for (const [name, loan] of [...this.#over]) if (!this.#ending.has(name)) void this.#end(loan);
    const names = new Set(this.loans.map(loanName));
    const gone = [...this.#statuses.keys()].filter(name => !names.has(name) && !this.#running.has(name));
    for (const name of gone) this.#statuses.delete(name);
    for (const name of [...this.#lookedFor.keys()]) if (!names.has(name)) this.#lookedFor.delete(name);
    this.#announce();
    this.#prepareToClose();
  }

  /** Whichever window is the last to close has to know by then what giving back needs. */
  #prepareToClose(): void {
    const { book, readyAccess } = this.#options;
    void book.readAhead();
    for (const connectionId of new Set(this.loans.map(loan => loan.connectionId))) {
      readyAccess(connectionId).catch((error: unknown) => this.#warn(error));
    }
  }

  #setStatus(loan: Loan, status: LoanStatus): void {
    this.#statuses.set(loanName(loan), status);
    this.#announce();
  }

  #warn(error: unknown): void {
    this.#options.logger.warn(`borrow: ${describeCauses(error)}`);
  }

  #announce(): void {
    try {
      this.#seen = new Map(this.loans.map(({ seenAt: _, ...terms }) => [loanKey(terms), terms]));
    } catch (error) {
      this.#options.logger.warn(`borrow: what is borrowed cannot be read now: ${describeCauses(error)}`);
    }
    this.#changed.fire();
  }
}

/** Whether a loan waits for a person: to decide, or to put right what keeps it from being given back. */
export function needsPerson(status: LoanStatus): status is LoanStatus & { readonly kind: "stuck" | "undecided" } {
  return status.kind === "stuck" || status.kind === "undecided";
}

/** What is missing of a channel that was to be made again: nobody heard what became of that, nor who made it. */
function unrestored({ restoring = [] }: Loan, found: ChannelDetails | undefined): readonly Problem[] {
  const missing = found === undefined ? [] : modulesWithout(restoring, found.events);
  return missing.length === 0 ? [] : [backWithoutProblem(missing)];
}
