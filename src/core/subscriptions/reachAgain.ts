import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, hour, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { isOffline } from "../../zoho/problem.ts";
import type { SubscriptionService, SubscriptionsState } from "./subscriptionService.ts";

export interface ReachAgainOptions {
  readonly subscriptions: Pick<SubscriptionService, "onDidChange" | "stateOf" | "refresh">;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A network that is back is noticed within a minute; a server that stays away is asked for no more than that. */
const untilReached: BackoffOptions = { first: 2 * second, longest: minute };

/** A list that moved is whole soon. One that never is must not use up the credits of the organization. */
const untilWhole: BackoffOptions = { first: 2 * second, longest: 6 * hour };

interface Wait {
  /** How often this connection was tried since it was last reached. */
  attempt: number;
  /** undefined while the try is under way. */
  timer: Disposable | undefined;
}

/**
 * Reads the channels of a connection again for as long as its server cannot be reached, so that nobody has to after the
 * network was gone, and for as long as the list moves while it is read. An error that a server answers ends it.
 */
export class ReachAgain implements Disposable {
  readonly #options: ReachAgainOptions;
  readonly #store = new DisposableStore();
  readonly #waits = new Map<string, Wait>();

  constructor(options: ReachAgainOptions) {
    this.#options = options;
    this.#store.add(options.subscriptions.onDidChange(({ connectionId }) => this.#follow(connectionId)));
  }

  /** There is reason to believe that the network is back: tries at once, and begins anew with short waits. */
  tryNow(): void {
    for (const [connectionId, wait] of this.#waits) {
      wait.attempt = 0;
      if (wait.timer !== undefined) this.#try(connectionId, wait);
    }
  }

  dispose(): void {
    this.#store.dispose();
    for (const { timer } of this.#waits.values()) timer?.dispose();
    this.#waits.clear();
  }

  #follow(connectionId: string): void {
    const state = this.#options.subscriptions.stateOf(connectionId);
    const wait = this.#waits.get(connectionId);
    if (!isWorthAnother(state)) {
      wait?.timer?.dispose();
      this.#waits.delete(connectionId);
    } else if (wait?.timer === undefined) {
      this.#wait(connectionId, (wait?.attempt ?? 0) + 1, state.kind === "failed" ? untilReached : untilWhole);
    }
  }

  #wait(connectionId: string, attempt: number, backoff: BackoffOptions): void {
    const { clock, random } = this.#options;
    const wait: Wait = { attempt, timer: undefined };
    wait.timer = clock.after(backoffDelay(attempt, backoff, random), () => this.#try(connectionId, wait));
    this.#waits.set(connectionId, wait);
  }

  #try(connectionId: string, wait: Wait): void {
    wait.timer?.dispose();
    wait.timer = undefined;
    void this.#options.subscriptions.refresh(connectionId);
  }
}

/** Where Zoho gives only a part of the list, to read again would bring no more. */
function isWorthAnother(state: SubscriptionsState): boolean {
  if (state.kind === "failed") return isOffline(state.problem);
  return state.kind === "loaded" && !state.complete && state.cutAt === undefined;
}
