import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { CancelledError, type Problem, describeCauses } from "../../base/problem.ts";
import { ChannelsLeftBehind, type LeftBehind } from "../../core/address/channelsLeftBehind.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import type { Door } from "../../core/address/readdress.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { showProblem } from "../commandBoundary.ts";
import { contextKeys } from "../names.ts";
import { confirmProductionWrite } from "../questions.ts";
import { firstOf } from "../throwFirst.ts";

export interface AddressNoticesDependencies {
  readonly publicAddress: PublicAddress;
  readonly tunnel: Tunnel;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  /** True for a channel that is lent to this editor, and for all while that is not known. */
  readonly isLent: (connectionId: string, channelId: string) => boolean;
  readonly logger: Logger;
}

/** Follows the public address: what shows it is told, and subscriptions that carry a former one can be brought along. */
export class AddressNotices implements Disposable {
  readonly #deps: AddressNoticesDependencies;
  readonly #store = new DisposableStore();
  readonly #leftBehind: ChannelsLeftBehind;

  constructor(deps: AddressNoticesDependencies) {
    this.#deps = deps;
    const { publicAddress, connections, subscriptions, isLent, logger } = deps;
    this.#leftBehind = new ChannelsLeftBehind({
      ...{ connections, subscriptions, isLent, logger },
      door: () => this.#door(),
      ask: isWanted,
      tell: problems => void this.#tell(problems),
    });
    this.#store.add(publicAddress.onDidChange(() => this.#follow()));
    this.#store.add(subscriptions.onDidChange(() => void this.#leftBehind.offer()));
    this.#tellMenus();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #follow(): void {
    this.#tellMenus();
    this.#deps.tunnel.readdress();
    void this.#leftBehind.offer();
  }

  #tellMenus(): void {
    const { kind } = this.#deps.publicAddress.state;
    void vscode.commands.executeCommand("setContext", contextKeys.publicAddress, kind);
  }

  async #tell(problems: readonly Problem[]): Promise<void> {
    for (const problem of problems) this.#deps.logger.error(`public address: ${describeCauses(problem)}`);
    const first = firstOf(problems);
    if (first !== undefined) await showProblem(first, async () => this.#leftBehind.offer());
  }

  /** The window that holds the address is the one that asks. */
  #door(): Door | undefined {
    const { publicAddress, tunnel } = this.#deps;
    const { address, addresses, ingestPath } = tunnel;
    const isHere = publicAddress.state.kind === "open" && publicAddress.state.here;
    return !isHere || address === undefined || ingestPath === undefined
      ? undefined
      : { address, addresses, ingestPath };
  }
}

async function isWanted(channels: readonly LeftBehind[]): Promise<boolean> {
  const isOne = channels.length === 1;
  const update = isOne ? vscode.l10n.t("Send It Here") : vscode.l10n.t("Send Them Here");
  const message = isOne
    ? vscode.l10n.t("The public address has changed. One subscription still sends to the former one.")
    : vscode.l10n.t("The public address has changed. {0} subscriptions still send to the former one.", channels.length);
  if ((await vscode.window.showWarningMessage(message, update)) !== update) return false;
  const connections = channels.map(({ connection }) => connection);
  return isConfirmed(confirmProductionWrite(connections, vscode.l10n.t("Change Address")));
}

async function isConfirmed(confirmation: Promise<void>): Promise<boolean> {
  try {
    await confirmation;
    return true;
  } catch (error) {
    if (error instanceof CancelledError) return false;
    throw error;
  }
}
