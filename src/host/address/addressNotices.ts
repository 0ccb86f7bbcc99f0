import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import { leftBehind, underAddress } from "../../core/address/readdress.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { runGuarded } from "../commandBoundary.ts";
import { contextKeys } from "../names.ts";
import { confirmProductionWrite } from "../questions.ts";
import { orThrow } from "../results.ts";

export interface AddressNoticesDependencies {
  readonly publicAddress: PublicAddress;
  readonly tunnel: Tunnel;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly logger: Logger;
}

interface LeftBehind {
  readonly connection: Connection;
  readonly channel: Channel;
}

/** Follows the public address: what shows it is told, and subscriptions that carry a former one can be brought along. */
export class AddressNotices implements Disposable {
  readonly #deps: AddressNoticesDependencies;
  readonly #store = new DisposableStore();
  /** The address for which the question was asked; it is asked once for each. */
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
    const { publicAddress, tunnel, logger } = this.#deps;
    const { state } = publicAddress;
    const { address } = tunnel;
    if (state.kind !== "open" || !state.here || address === undefined || this.#askedFor === address) return;
    const stale = this.#leftBehind();
    if (stale.length === 0) return;
    this.#askedFor = address;
    void runGuarded("public address", async () => this.#ask(stale, address), logger);
  }

  #leftBehind(): LeftBehind[] {
    const { connections, subscriptions, tunnel } = this.#deps;
    const path = tunnel.ingestPath;
    if (path === undefined) return [];
    return connections.list().flatMap(connection => {
      const state = subscriptions.stateOf(connection.id);
      const channels = state.kind === "loading" ? [] : state.channels;
      return leftBehind(channels, tunnel.addresses, path).map(channel => ({ connection, channel }));
    });
  }

  async #ask(stale: readonly LeftBehind[], address: string): Promise<void> {
    const update = vscode.l10n.t("Send Them Here");
    const message =
      stale.length === 1
        ? vscode.l10n.t("The public address has changed. One subscription still sends to the former one.")
        : vscode.l10n.t(
            "The public address has changed. {0} subscriptions still send to the former one.",
            stale.length,
          );
    if ((await vscode.window.showWarningMessage(message, update)) !== update) return;
    await confirmProductionWrite(
      stale.map(({ connection }) => connection),
      vscode.l10n.t("Change Address"),
    );
    for (const each of stale) await this.#bringAlong(each, address);
  }

  async #bringAlong({ connection, channel }: LeftBehind, address: string): Promise<void> {
    const { subscriptions, tunnel } = this.#deps;
    const path = tunnel.ingestPath ?? "";
    orThrow(
      await subscriptions.change(connection.id, channel.channelId, now => ({
        ...now,
        notifyUrl: underAddress(now.notifyUrl, address, path),
      })),
    );
  }
}
