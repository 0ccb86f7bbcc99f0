import { CancelledError, ProblemError } from "../../base/problem.ts";
import * as vscode from "vscode";
import type { EventDetail } from "../../protocol/inspector.ts";
import type { SubscriptionsTree } from "../subscriptions/subscriptionsTree.ts";
import { eventIdsIn } from "./chosenEvents.ts";

export interface SubscriptionRevealOptions {
  readonly detailOf: (id: number) => EventDetail | undefined;
  readonly tree: Pick<SubscriptionsTree, "revealChannel">;
  /** The events that are chosen in the inspector. */
  readonly selectedIds: () => readonly number[];
}

/** Goes from an event to the subscription that caused it. */
export class SubscriptionReveal {
  readonly #options: SubscriptionRevealOptions;

  constructor(options: SubscriptionRevealOptions) {
    this.#options = options;
  }

  /** Of the first of the events given, or of those that are chosen. */
  async reveal(...args: unknown[]): Promise<void> {
    const [id] = eventIdsIn(args[0]) ?? this.#options.selectedIds();
    if (id === undefined) throw new CancelledError();
    const subscription = this.#options.detailOf(id)?.subscription;
    const isShown = subscription !== undefined && (await this.#show(subscription));
    if (!isShown) throw new ProblemError(unknownProblem());
  }

  async #show({ connection, channelId }: NonNullable<EventDetail["subscription"]>): Promise<boolean> {
    return this.#options.tree.revealChannel(connection, channelId);
  }
}

function unknownProblem(): ProblemError["problem"] {
  return {
    code: "SUBSCRIPTION_UNKNOWN",
    message: vscode.l10n.t(
      "No signed-in account has the subscription of this event: it was deleted, has expired, or belongs to another account. Refresh the subscriptions to see what there is.",
    ),
    remedy: "refresh",
  };
}
