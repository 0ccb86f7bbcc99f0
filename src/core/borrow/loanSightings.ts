import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { ChannelDetails } from "../subscriptions/channelDetails.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import { changesSince } from "./giveBack.ts";
import type { Loan } from "./loan.ts";
import type { LoanBook } from "./loanBook.ts";

export interface LoanSightingsOptions {
  readonly subscriptions: Pick<SubscriptionService, "lastListed" | "onDidChange">;
  readonly book: Pick<LoanBook, "find" | "noteChanged" | "tokensOf">;
  readonly loans: () => readonly Loan[];
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
    this.#store.add(options.subscriptions.onDidChange(({ connectionId }) => void this.#look(connectionId)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Never rejects: what could not be noted is seen again with the next reading. */
  async #look(connectionId: string): Promise<void> {
    try {
      for (const loan of this.#options.loans()) if (loan.connectionId === connectionId) await this.#note(loan);
    } catch (error) {
      this.#options.logger.warn(`borrow: ${describeCauses(error)}`);
    }
  }

  async #note(loan: Loan): Promise<void> {
    const { book, subscriptions } = this.#options;
    const seen = subscriptions.lastListed(loan.connectionId, loan.channelId);
    if (seen === undefined) return;
    const isChanged = loan.changed !== undefined || (await this.#differs(loan, seen));
    if (isChanged) await book.noteChanged(loan, seen);
  }

  async #differs(loan: Loan, seen: ChannelDetails): Promise<boolean> {
    const { token, changed } = await this.#options.book.tokensOf(loan);
    const before = changed ?? token;
    const original = before === undefined ? loan.original : { ...loan.original, token: before };
    return changesSince(original, seen).length > 0;
  }
}
