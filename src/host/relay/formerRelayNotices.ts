import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type FormerAddress, formerAddresses } from "../../core/address/formerAddresses.ts";
import { placeOf } from "../../core/address/formerWords.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { FormerChannels } from "../../core/tunnel/formerChannels.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import type { BringAlong } from "../address/bringAlong.ts";
import { runGuarded } from "../commandBoundary.ts";
import { orThrow } from "../results.ts";

export interface FormerRelayNoticesDependencies {
  readonly former: FormerChannels;
  readonly tunnel: Tunnel;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly bringAlong: BringAlong;
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
  /** The channels that are being deleted. */
  readonly #deleting = new Set<string>();

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
    const { bringAlong, tunnel } = this.#deps;
    const { relay, ingestPath, isUnused, isGone, isReplaced, isDrained, daysAway } = address;
    const door = tunnel.state.kind === "live" ? bringAlong.door([ingestPath]) : undefined;
    if (door !== undefined && bringAlong.leftBehind(door).length > 0) {
      const question = `bring ${ingestPath} to ${door.address}`;
      this.#once(question, async () => bringAlong.offer(placeOf(relay), ingestPath));
    } else if (isUnused && isReplaced && isGone) void this.#deps.former.forget(address.channel);
    else if (isUnused && isReplaced && isDrained) void this.#delete(address);
    else if (isUnused && isDrained) this.#once(`delete ${ingestPath}`, async () => this.#askToDelete(address));
    else if (daysAway !== undefined) {
      this.#once(`forget ${ingestPath}`, async () => this.#askToForget(address, daysAway));
    }
  }

  /** What does not work is tried again with the next news; the first failure is shown. */
  async #delete({ channel, relay }: FormerAddress): Promise<void> {
    if (this.#deleting.has(channel)) return;
    this.#deleting.add(channel);
    const deleted = await this.#deps.former.delete(channel);
    this.#deleting.delete(channel);
    if (deleted.ok) {
      const done = vscode.l10n.t(
        "Your former address at {0} is deleted: nothing was sent to it anymore.",
        placeOf(relay),
      );
      vscode.window.setStatusBarMessage(done, 8000);
    } else this.#tellOnce(channel, deleted.error);
  }

  #tellOnce(channel: string, problem: Problem): void {
    this.#deps.logger.warn(`former relay: ${describeCauses(problem)}`);
    this.#once(`failed ${channel}`, async () => {
      const message = vscode.l10n.t("Your former address isn't deleted yet. That is tried again. {0}", problem.message);
      await vscode.window.showWarningMessage(message);
    });
  }

  #once(question: string, ask: () => Promise<void>): void {
    if (this.#asked.has(question)) return;
    this.#asked.add(question);
    const asking = async (): Promise<void> => {
      try {
        await ask();
      } catch (error) {
        this.#asked.delete(question);
        throw error;
      }
    };
    void runGuarded("former relay", asking, this.#deps.logger);
  }

  /** Webhooks of workflows may carry the address, too, and cannot be read from here: so the person decides. */
  async #askToDelete({ relay, channel }: FormerAddress): Promise<void> {
    const remove = vscode.l10n.t("Delete Channel");
    const message = vscode.l10n.t(
      "No subscription sends to your former address at {0} anymore, and everything that arrived there is here. Delete it? Keep it if a workflow webhook still uses it.",
      placeOf(relay),
    );
    if ((await vscode.window.showInformationMessage(message, remove)) !== remove) return;
    orThrow(await this.#deps.former.delete(channel));
  }

  /** Whether a relay is gone for good only a person can know. */
  async #askToForget({ relay, channel }: FormerAddress, daysAway: number): Promise<void> {
    const forget = vscode.l10n.t("Forget Address");
    const message = vscode.l10n.t(
      "Your former address at {0} hasn't been reachable for {1} days. If you forget it, events still waiting there and anything sent to it later can never be read, even if the relay comes back.",
      placeOf(relay),
      daysAway,
    );
    if ((await vscode.window.showWarningMessage(message, forget)) === forget) await this.#deps.former.forget(channel);
  }
}
