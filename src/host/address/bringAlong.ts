import * as vscode from "vscode";
import type { Problem } from "../../base/problem.ts";
import { type LeftBehind, bringAlong, leftBehindOf } from "../../core/address/channelsLeftBehind.ts";
import type { Door } from "../../core/address/readdress.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { confirmProductionWrite } from "../questions.ts";
import { throwFirst } from "../throwFirst.ts";

export interface BringAlongDependencies {
  readonly tunnel: Tunnel;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  /** True for a channel that is lent to this editor, and for all while that is not known. */
  readonly isLent: (connectionId: string, channelId: string) => boolean;
}

/** Points subscriptions that carry a former address of this editor's to the present one. */
export class BringAlong {
  readonly #deps: BringAlongDependencies;

  constructor(deps: BringAlongDependencies) {
    this.#deps = deps;
  }

  /** Where this editor is reached now; undefined before that is known. `formerPaths`: of relays that it has left. */
  door(formerPaths: readonly string[] = []): Door | undefined {
    const { address, addresses, ingestPath } = this.#deps.tunnel;
    if (address === undefined || ingestPath === undefined) return undefined;
    return { address, addresses, ingestPath, formerPaths };
  }

  /** Throws while it cannot be read which channels are lent. */
  leftBehind(door: Door): readonly LeftBehind[] {
    return this.#deps.connections.list().flatMap(connection => {
      const state = this.#deps.subscriptions.stateOf(connection.id);
      if (state.kind === "loading") return [];
      return leftBehindOf(connection, state.channels, door, this.#deps).map(channel => ({ connection, channel }));
    });
  }

  /** Offers to point those to the present address that send to one at `place`, which this editor has left. */
  async offer(place: string, formerPath: string): Promise<void> {
    const door = this.door([formerPath]);
    const stale = door === undefined ? [] : this.leftBehind(door);
    if (stale.length === 0) return;
    const isOne = stale.length === 1;
    const update = isOne ? vscode.l10n.t("Send It Here") : vscode.l10n.t("Send Them Here");
    const message = isOne
      ? vscode.l10n.t("One subscription still sends to your former address at {0}.", place)
      : vscode.l10n.t("{0} subscriptions still send to your former address at {1}.", stale.length, place);
    if ((await vscode.window.showInformationMessage(message, update)) !== update) return;
    await this.sendHere(stale, [formerPath]);
  }

  /** Points these to the present address, and says so. */
  async sendHere(stale: readonly LeftBehind[], formerPaths: readonly string[]): Promise<void> {
    throwFirst(await this.bring(stale, formerPaths));
    const done =
      stale.length === 1
        ? vscode.l10n.t("The subscription now sends here")
        : vscode.l10n.t("{0} subscriptions now send here", stale.length);
    vscode.window.setStatusBarMessage(done, 5000);
  }

  /** Asks where a production organisation is among them, then changes one after the other; gives what did not work. */
  async bring(stale: readonly LeftBehind[], formerPaths: readonly string[] = []): Promise<readonly Problem[]> {
    await confirmProductionWrite(
      stale.map(({ connection }) => connection),
      vscode.l10n.t("Change Address"),
    );
    const problems: Problem[] = [];
    const { subscriptions } = this.#deps;
    for (const each of stale) {
      const outcome = await bringAlong(each, { subscriptions, door: () => this.door(formerPaths) });
      if (!outcome.ok) problems.push(outcome.error);
    }
    return problems;
  }
}
