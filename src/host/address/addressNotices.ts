import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import { type Door, broughtAlong, leftBehind } from "../../core/address/readdress.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { runGuarded } from "../commandBoundary.ts";
import { contextKeys } from "../names.ts";
import { confirmProductionWrite } from "../questions.ts";
import { throwFirst } from "../throwFirst.ts";

export interface AddressNoticesDependencies {
  readonly publicAddress: PublicAddress;
  readonly tunnel: Tunnel;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  /** True for a channel that is lent to this editor, and for all while that is not known. */
  readonly isLent: (connectionId: string, channelId: string) => boolean;
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
    const { publicAddress, logger } = this.#deps;
    const { state } = publicAddress;
    const door = this.#door();
    if (state.kind !== "open" || !state.here || door === undefined || this.#askedFor === door.address) return;
    const stale = this.#orLog(() => this.#leftBehind(door));
    if (stale.length === 0) return;
    this.#askedFor = door.address;
    void runGuarded("public address", async () => this.#ask(stale), logger);
  }

  #door(): Door | undefined {
    const { address, addresses, ingestPath } = this.#deps.tunnel;
    return address === undefined || ingestPath === undefined ? undefined : { address, addresses, ingestPath };
  }

  #leftBehind(door: Door): readonly LeftBehind[] {
    const { connections, subscriptions, isLent } = this.#deps;
    return connections.list().flatMap(connection => {
      const { id } = connection;
      const state = subscriptions.stateOf(id);
      if (state.kind === "loading") return [];
      const moment = {
        now: subscriptions.nowAt(id),
        isLent: ({ channelId }: Channel): boolean => isLent(id, channelId),
      };
      return leftBehind(state.channels, door, moment).map(channel => ({ connection, channel }));
    });
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
    await confirmProductionWrite(
      stale.map(({ connection }) => connection),
      vscode.l10n.t("Change Address"),
    );
    await this.#bringAllAlong(stale);
  }

  async #bringAllAlong(stale: readonly LeftBehind[]): Promise<void> {
    const problems: Problem[] = [];
    for (const each of stale) {
      const outcome = await this.#bringAlong(each);
      if (!outcome.ok) problems.push(outcome.error);
    }
    if (problems.length > 0) this.#askedFor = undefined;
    throwFirst(problems);
  }

  /** The question may have stood for long: what holds by now decides. */
  async #bringAlong({ connection, channel }: LeftBehind): Promise<Result<unknown, Problem>> {
    return this.#deps.subscriptions.change(connection.id, channel.channelId, now => {
      const door = this.#door();
      return door === undefined ? now : broughtAlong(now, channel.notifyUrl, door);
    });
  }
}
