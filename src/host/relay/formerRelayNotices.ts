import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type FormerAddress, formerAddresses } from "../../core/address/formerAddresses.ts";
import { placeOf } from "../../core/address/formerWords.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { FormerChannels } from "../../core/tunnel/formerChannels.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import type { BringAlong } from "../address/bringAlong.ts";
import { runGuarded } from "../commandBoundary.ts";
import type { Asked, FormerRelayQuestions } from "./formerRelayQuestions.ts";

const again: Asked = "again";

export interface FormerRelayNoticesDependencies {
  readonly former: FormerChannels;
  readonly tunnel: Tunnel;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly bringAlong: BringAlong;
  /** Loaded once there is something to say. */
  readonly questions: () => Promise<FormerRelayQuestions>;
  readonly logger: Logger;
}

/**
 * After a move to another relay, or to another address at the same: offers to bring the subscriptions along, and then to
 * delete what is left behind. Who made another address at the same relay was told that the one before is deleted then, so
 * that is done without a question.
 */
export class FormerRelayNotices implements Disposable {
  readonly #deps: FormerRelayNoticesDependencies;
  readonly #store = new DisposableStore();
  /** What was asked in this window: it is asked once for each move, and again where it did not work. */
  readonly #asked = new Set<string>();
  /** The channels that are being deleted, or forgotten. */
  readonly #removing = new Set<string>();

  constructor(deps: FormerRelayNoticesDependencies) {
    this.#deps = deps;
    const { former, tunnel, subscriptions } = deps;
    this.#store.add(former.onDidChange(() => this.#offer()));
    this.#store.add(tunnel.onDidChangeState(({ kind }) => kind === "live" && this.#offer()));
    this.#store.add(subscriptions.onDidChange(() => this.#offer()));
    this.#store.add(vscode.window.onDidChangeWindowState(() => this.#offer()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** In the window that the person looks at: all windows know the same. */
  #offer(): void {
    if (!vscode.window.state.focused) return;
    try {
      for (const address of formerAddresses(this.#deps)) this.#offerFor(address);
    } catch (error) {
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
    }
  }

  #offerFor(address: FormerAddress): void {
    const { bringAlong, tunnel, questions } = this.#deps;
    const { relay, ingestPath, isUnused, isGone, isReplaced, isDrained, daysAway } = address;
    const door = tunnel.state.kind === "live" ? bringAlong.door([ingestPath]) : undefined;
    if (door !== undefined && bringAlong.leftBehind(door).length > 0) {
      const question = `bring ${ingestPath} to ${door.address}`;
      this.#once(question, async () => bringAlong.offer(placeOf(relay), ingestPath));
    } else if (isUnused && isReplaced && (isGone || isDrained)) void this.#remove(address);
    else if (isUnused && isDrained)
      this.#once(`delete ${ingestPath}`, async () => (await questions()).askToDelete(address));
    else if (daysAway !== undefined) {
      this.#once(`forget ${ingestPath}`, async () => (await questions()).askToForget(address, daysAway));
    }
  }

  /** What does not work is tried again with the next news; the first failure is shown. */
  async #remove({ channel, relay, isGone }: FormerAddress): Promise<void> {
    if (this.#removing.has(channel)) return;
    this.#removing.add(channel);
    const removed = await this.#forgetOrDelete(channel, isGone);
    this.#removing.delete(channel);
    if (!removed.ok) this.#tellOnce(channel, removed.error);
    else if (removed.value) this.#run(async () => (await this.#deps.questions()).tellDeleted(relay));
  }

  /** Whether this has deleted it at its relay. Never rejects: the secret storage may fail as the relay may. */
  async #forgetOrDelete(channel: string, isGone: boolean): Promise<Result<boolean, Problem>> {
    const { former } = this.#deps;
    try {
      if (!isGone) return await former.delete(channel);
      await former.forget(channel);
      return succeed(false);
    } catch (error) {
      return fail(toProblem(error));
    }
  }

  #tellOnce(channel: string, problem: Problem): void {
    this.#deps.logger.warn(`former relay: ${describeCauses(problem)}`);
    this.#once(`failed ${channel}`, async () => (await this.#deps.questions()).tellNotDeleted(problem));
  }

  /** Asked again also where the answer is `again`. */
  #once(question: string, ask: () => Promise<unknown>): void {
    if (this.#asked.has(question)) return;
    this.#asked.add(question);
    this.#run(async () => {
      let asked: unknown = again;
      try {
        asked = await ask();
      } finally {
        if (asked === again) this.#asked.delete(question);
      }
    });
  }

  #run(action: () => Promise<void>): void {
    void runGuarded("former relay", action, this.#deps.logger);
  }
}
