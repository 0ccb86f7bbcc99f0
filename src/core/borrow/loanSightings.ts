import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { type ChannelDetails, detailsOf } from "../subscriptions/channelDetails.ts";
import { hasAllOf } from "../subscriptions/ownedReading.ts";
import type { ServerReading } from "../subscriptions/serverChannels.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import { moduleOf } from "../../zoho/subscription.ts";
import { changesSince, sendsHere } from "./giveBack.ts";
import type { Loan } from "./loan.ts";
import type { LoanBook } from "./loanBook.ts";

export interface LoanSightingsOptions {
  readonly subscriptions: Pick<SubscriptionService, "onDidRead">;
  readonly book: Pick<LoanBook, "noteChanged" | "tokensOf">;
  readonly loans: () => readonly Loan[];
  /** A list has a channel at its former address. It may be of before the loan was made. */
  readonly onTakenBack: (loan: Loan) => void;
  readonly logger: Logger;
}

/**
 * Notes how borrowed channels are changed by somebody, whenever their connection's channels are read: should one end before
 * it goes back, it is made again as it last was.
 */
export class LoanSightings implements Disposable {
  readonly #options: LoanSightingsOptions;
  readonly #store = new DisposableStore();

  constructor(options: LoanSightingsOptions) {
    this.#options = options;
    this.#store.add(options.subscriptions.onDidRead(read => void this.#look(read)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Never rejects: what could not be noted is seen again with the next reading. No loan waits for another. */
  async #look(read: ServerReading): Promise<void> {
    return this.#orLog(async () => {
      const loans = this.#options.loans().filter(({ connectionId }) => connectionId === read.connectionId);
      await Promise.all(loans.map(async loan => this.#orLog(async () => this.#note(loan, read))));
    });
  }

  async #orLog(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.warn(`borrow: ${describeCauses(error)}`);
    }
  }

  /** At its former address its owner took it back: that is no change of what was lent. */
  async #note(loan: Loan, { reading, askedAt }: ServerReading): Promise<void> {
    if (!hasAllOf(reading, loan.channelId)) return;
    const listed = reading.channels.find(({ channelId }) => channelId === loan.channelId);
    const seen = detailsOf(listed?.subscriptions ?? []);
    if (seen === undefined) return;
    const isMoved = !sendsHere(loan, seen);
    if (isMoved && seen.notifyUrl === loan.original.notifyUrl) {
      this.#options.onTakenBack(loan);
      return;
    }
    if (!isMoved && lacksModule(seen, loan.changed ?? loan.original)) return;
    const isChanged = isMoved || loan.changed !== undefined || (await this.#differs(loan, seen));
    if (isChanged)
      await this.#options.book.noteChanged(loan, isMoved ? seen : { ...seen, notifyUrl: loan.borrowedUrl }, askedAt);
  }

  async #differs(loan: Loan, seen: ChannelDetails): Promise<boolean> {
    const { token, changed } = await this.#options.book.tokensOf(loan);
    const before = changed ?? token;
    const original = before === undefined ? loan.original : { ...loan.original, token: before };
    return changesSince(original, seen).length > 0;
  }
}

/**
 * A module that is gone may have come to its own end, which nobody decided on. Who moved the channel did decide, and is
 * asked about in any case.
 */
function lacksModule(seen: Pick<ChannelDetails, "events">, known: Pick<ChannelDetails, "events">): boolean {
  const modules = new Set(seen.events.map(moduleOf));
  return known.events.some(event => !modules.has(moduleOf(event)));
}
