import type { Arrivals } from "../address/arrivals.ts";
import type { Connection } from "../connections/connection.ts";
import type { SubscriptionsState } from "../subscriptions/channelList.ts";
import { reportSubscriptions } from "./subscriptionReport.ts";
import { parseToolInput } from "./toolInputs.ts";
import { untrustedAnswer, visibleJson } from "./untrusted.ts";

export interface SubscriptionToolsOptions {
  readonly connections: { list(): readonly Connection[] };
  readonly subscriptions: {
    refresh(): Promise<void>;
    stateOf(connectionId: string): SubscriptionsState;
    nowAt(connectionId: string): number;
  };
  readonly arrivals: () => Arrivals;
  /** A subscription that ends within this time, in milliseconds, ends soon. */
  readonly expiringSoon: () => number;
  /** A word that was never used before. */
  readonly makeBoundary: () => string;
}

/** The tool with which a language model sees what is subscribed. It changes nothing. */
export class SubscriptionTools {
  readonly #options: SubscriptionToolsOptions;

  constructor(options: SubscriptionToolsOptions) {
    this.#options = options;
  }

  /** All connections with their subscriptions, as last read, or read anew where that is asked for or was not done yet. */
  async listSubscriptions(raw: unknown): Promise<string> {
    const { refresh } = parseToolInput("listSubscriptions", raw);
    const { connections, subscriptions } = this.#options;
    const isUnread = connections.list().some(({ id }) => subscriptions.stateOf(id).kind === "loading");
    if (refresh || isUnread) await subscriptions.refresh();
    const report = reportSubscriptions(connections.list(), {
      stateOf: id => subscriptions.stateOf(id),
      arrivals: this.#options.arrivals(),
      nowAt: id => subscriptions.nowAt(id),
      expiringSoon: this.#options.expiringSoon(),
    });
    return untrustedAnswer(visibleJson({ connections: report.length }), report, this.#options.makeBoundary());
  }
}
