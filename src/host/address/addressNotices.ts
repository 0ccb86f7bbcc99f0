import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { runGuarded } from "../commandBoundary.ts";
import { contextKeys } from "../names.ts";
import { throwFirst } from "../throwFirst.ts";
import type { BringAlong, LeftBehind } from "./bringAlong.ts";

export interface AddressNoticesDependencies {
  readonly publicAddress: PublicAddress;
  readonly tunnel: Tunnel;
  readonly subscriptions: SubscriptionService;
  readonly bringAlong: BringAlong;
  readonly logger: Logger;
}

/** Follows the public address: what shows it is told, and subscriptions that carry a former one can be brought along. */
export class AddressNotices implements Disposable {
  readonly #deps: AddressNoticesDependencies;
  readonly #store = new DisposableStore();
  /** The address for which the question was asked; it is asked once for each, and again where some could not be changed. */
  #askedFor: string | undefined;

  constructor(deps: AddressNoticesDependencies) {
    this.#deps = deps;
    const { publicAddress, subscriptions } = deps;
    this.#store.add(publicAddress.onDidChange(() => this.#follow()));
    this.#store.add(subscriptions.onDidChange(() => this.#offer()));
    this.#tellMenus();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #follow(): void {
    this.#tellMenus();
    this.#deps.tunnel.readdress();
    this.#offer();
  }

  #tellMenus(): void {
    const { kind } = this.#deps.publicAddress.state;
    void vscode.commands.executeCommand("setContext", contextKeys.publicAddress, kind);
  }

  #offer(): void {
    const { publicAddress, bringAlong, logger } = this.#deps;
    const { state } = publicAddress;
    const door = bringAlong.door();
    if (state.kind !== "open" || !state.here || door === undefined || this.#askedFor === door.address) return;
    const stale = this.#orLog(() => bringAlong.leftBehind(door));
    if (stale.length === 0) return;
    this.#askedFor = door.address;
    void runGuarded("public address", async () => this.#ask(stale), logger);
  }

  /** Nobody is asked while it cannot be read which channels are lent. */
  #orLog(find: () => readonly LeftBehind[]): readonly LeftBehind[] {
    try {
      return find();
    } catch (error) {
      this.#deps.logger.warn(`public address: ${describeCauses(error)}`);
      return [];
    }
  }

  async #ask(stale: readonly LeftBehind[]): Promise<void> {
    const update = vscode.l10n.t("Send Them Here");
    const message =
      stale.length === 1
        ? vscode.l10n.t("The public address has changed. One subscription still sends to the former one.")
        : vscode.l10n.t(
            "The public address has changed. {0} subscriptions still send to the former one.",
            stale.length,
          );
    if ((await vscode.window.showWarningMessage(message, update)) !== update) return;
    const problems = await this.#deps.bringAlong.bring(stale);
    if (problems.length > 0) this.#askedFor = undefined;
    throwFirst(problems);
  }
}
