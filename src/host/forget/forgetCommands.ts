import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import type { Connection, SecretVault } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type FailedErasure, keepErasures, relaysOf } from "../../core/tunnel/channelErasures.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { forgetData } from "../../core/uninstall/forgetData.ts";
import { confirm } from "../questions.ts";

export interface ForgetCommandsDependencies {
  readonly connections: ConnectionStore;
  /** Gives back what is borrowed, revokes the sign-in, and forgets it. */
  readonly end: (connection: Connection) => Promise<void>;
  readonly publicAddress: Pick<PublicAddress, "close">;
  readonly tunnel: Pick<Tunnel, "giveUpAll">;
  /** Where what is left to be deleted at relays is written down once everything else is forgotten. */
  readonly vault: SecretVault;
  /** Lets go of every file and socket of this window. */
  readonly letGo: () => void;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Erasing all that the extension keeps. */
export class ForgetCommands {
  readonly #deps: ForgetCommandsDependencies;

  constructor(deps: ForgetCommandsDependencies) {
    this.#deps = deps;
  }

  /** Signs out, ends relay and sandbox, removes all data and secrets, and reloads the window, which begins anew. */
  async forget(): Promise<void> {
    await confirm(
      vscode.l10n.t("Forget everything?"),
      vscode.l10n.t(
        "Every sign-in is revoked and forgotten. Events, relay keys, and the data of the local relay and sandbox are removed from this machine and cannot be brought back. Your channels on other relays are deleted there. Subscriptions stay at Zoho until they expire; delete them first if they should end now. Close other windows before. Settings stay.",
      ),
      vscode.l10n.t("Forget Everything"),
    );
    const left = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Forgetting everything…") },
      async () => this.#forget(),
    );
    if (left.length > 0) await tellOf(left);
    await vscode.commands.executeCommand("workbench.action.reloadWindow");
  }

  /** Gives the channels that are still to be deleted at their relays. */
  async #forget(): Promise<readonly FailedErasure[]> {
    const { connections, publicAddress, tunnel, vault, letGo, dataFolder, clock } = this.#deps;
    publicAddress.close();
    for (const connection of connections.list()) await this.#end(connection);
    const left = (await this.#orLog(async () => tunnel.giveUpAll())) ?? [];
    // Nothing can be logged from here on: the log goes, too.
    letGo();
    await forgetData(dataFolder, clock);
    if (left.length > 0) {
      await keepErasures(
        vault,
        left.map(({ erasure }) => erasure),
      );
    }
    return left;
  }

  /** What Zoho cannot be told now, or the vault not take now, keeps nobody from forgetting it: the key goes with the data. */
  async #end(connection: Connection): Promise<void> {
    await this.#orLog(async () => this.#deps.end(connection));
    await this.#orLog(async () => this.#deps.connections.remove(connection.id));
  }

  async #orLog<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#deps.logger.warn(`forget everything: ${describeCauses(error)}`);
      return undefined;
    }
  }
}

async function tellOf(left: readonly FailedErasure[]): Promise<void> {
  await vscode.window.showWarningMessage(
    vscode.l10n.t("Everything here is forgotten, except the keys of channels that couldn't be deleted yet."),
    {
      modal: true,
      detail: vscode.l10n.t(
        "The relay at {0} couldn't delete its channel. The key for it is kept, and deletion is tried again until the relay confirms it.",
        relaysOf(left).join(", "),
      ),
    },
  );
}
