import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { isUsed } from "../../core/address/formerPath.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { embeddedName } from "../../core/tunnel/embeddedName.ts";
import type { FormerChannel, FormerChannels } from "../../core/tunnel/formerChannels.ts";
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

/** After a move to another relay: offers to bring the subscriptions along, and then to delete what is left behind. */
export class FormerRelayNotices implements Disposable {
  readonly #deps: FormerRelayNoticesDependencies;
  readonly #store = new DisposableStore();
  /** What was asked in this window: it is asked once, and again where it did not work. */
  readonly #asked = new Set<string>();

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
      for (const channel of this.#deps.former.list()) this.#offerFor(channel);
    } catch (error) {
      this.#deps.logger.warn(`former relay: ${describeCauses(error)}`);
    }
  }

  #offerFor(channel: FormerChannel): void {
    const { bringAlong, tunnel } = this.#deps;
    const door = bringAlong.door([channel.ingestPath]);
    if (door === undefined || tunnel.state.kind !== "live") return;
    const stale = bringAlong.leftBehind(door);
    const { relay, ingestPath, daysAway } = channel;
    if (stale.length > 0) this.#once(`bring ${ingestPath}`, async () => bringAlong.offer(placeOf(relay), ingestPath));
    else if (this.#isOutOfUse(channel)) this.#once(`delete ${ingestPath}`, async () => this.#askToDelete(channel));
    else if (daysAway !== undefined) {
      this.#once(`forget ${ingestPath}`, async () => this.#askToForget(channel, daysAway));
    }
  }

  /** Only where all subscriptions of all connections could be read. */
  #isOutOfUse({ ingestPath, isDrained }: FormerChannel): boolean {
    const { connections, subscriptions } = this.#deps;
    if (!isDrained || !connections.isLoaded) return false;
    return connections.list().every(({ id }) => isUsed(ingestPath, subscriptions.stateOf(id)) === false);
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
  async #askToDelete({ relay, channel }: FormerChannel): Promise<void> {
    const remove = vscode.l10n.t("Delete Channel");
    const message = vscode.l10n.t(
      "No subscription sends to your former address at {0} anymore, and everything that arrived there is here. Delete it? Keep it if a workflow webhook still uses it.",
      placeOf(relay),
    );
    if ((await vscode.window.showInformationMessage(message, remove)) !== remove) return;
    orThrow(await this.#deps.former.delete(channel));
  }

  /** Whether a relay is gone for good only a person can know. */
  async #askToForget({ relay, channel }: FormerChannel, daysAway: number): Promise<void> {
    const forget = vscode.l10n.t("Forget Address");
    const message = vscode.l10n.t(
      "Your former address at {0} hasn't been reachable for {1} days. If you forget it, events still waiting there and anything sent to it later can never be read, even if the relay comes back.",
      placeOf(relay),
      daysAway,
    );
    if ((await vscode.window.showWarningMessage(message, forget)) === forget) await this.#deps.former.forget(channel);
  }
}

/** The relay in a sentence. */
function placeOf(relay: string): string {
  return relay === embeddedName ? vscode.l10n.t("this machine's relay") : relay;
}
