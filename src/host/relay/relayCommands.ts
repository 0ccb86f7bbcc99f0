import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import type { AddressState, PublicAddress } from "../../core/address/publicAddress.ts";
import { answerSentence } from "../../core/relay/answerWords.ts";
import type { SenderAnswer } from "../../core/tunnel/senderAnswer.ts";
import { type FailedErasure, relaysOf } from "../../core/tunnel/channelErasures.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { commandIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { stateWords } from "./statusBar.ts";

/** The commands about the relay. */
export class RelayCommands {
  readonly #tunnel: Tunnel;
  readonly #publicAddress: PublicAddress;
  readonly #answer: SenderAnswer;
  readonly #clock: Clock;

  constructor(tunnel: Tunnel, publicAddress: PublicAddress, answer: SenderAnswer, clock: Clock) {
    this.#tunnel = tunnel;
    this.#publicAddress = publicAddress;
    this.#answer = answer;
    this.#clock = clock;
  }

  /** What the status bar item opens: the state, and what can be done about it. */
  async show(): Promise<void> {
    const state = stateWords(this.#tunnel.state, this.#clock.now());
    const refused = this.#tunnel.state.kind === "refused" ? this.#tunnel.state.problem : undefined;
    const actions = [
      // What leads on comes first.
      ...(refused?.remedy === "join-relay"
        ? [action("$(key)", vscode.l10n.t("Join the Relay…"), commandIds.joinRelay)]
        : []),
      action("$(list-flat)", vscode.l10n.t("Show Event Inspector"), commandIds.openInspector),
      action("$(copy)", vscode.l10n.t("Copy Relay Address"), commandIds.copyRelayAddress),
      this.#answerAction(),
      action("$(globe)", vscode.l10n.t("Get a Public Address…"), commandIds.getPublicAddress),
      ...(isOpen(this.#publicAddress.state)
        ? [action("$(circle-slash)", vscode.l10n.t("Close the Public Address"), commandIds.stopPublicAddress)]
        : []),
      action("$(pulse)", vscode.l10n.t("Diagnose"), commandIds.diagnose),
      action("$(sync)", vscode.l10n.t("Reconnect Now"), commandIds.reconnectRelay),
      action("$(key)", vscode.l10n.t("Join a Relay…"), commandIds.joinRelay),
      action("$(person-add)", vscode.l10n.t("Share This Relay Address…"), commandIds.shareRelayChannel),
      action("$(person)", vscode.l10n.t("Stop Sharing This Relay Address…"), commandIds.stopSharingRelayChannel),
      action("$(lock)", vscode.l10n.t("Replace Relay Keys…"), commandIds.replaceRelayKeys),
      action("$(new-file)", vscode.l10n.t("Make a New Relay Address…"), commandIds.newRelayChannel),
      action("$(gear)", vscode.l10n.t("Change Relay Settings"), commandIds.openSettings),
      action("$(output)", vscode.l10n.t("Show Log"), commandIds.openLog),
    ];
    const picked = await vscode.window.showQuickPick(actions, {
      title: vscode.l10n.t("Relay"),
      placeHolder: state.long,
    });
    if (picked !== undefined) await vscode.commands.executeCommand(picked.command, ...picked.arguments);
  }

  #answerAction(): ActionItem {
    const item = action("$(reply)", vscode.l10n.t("Set Relay Answer…"), commandIds.setRelayAnswer);
    const { known } = this.#answer;
    return known === undefined ? item : { ...item, description: answerSentence(known) };
  }

  reconnect(): void {
    this.#tunnel.start();
    this.#tunnel.retryNow();
  }

  async copyAddress(): Promise<void> {
    const address = orThrow(await this.#tunnel.waitForAddress());
    await vscode.env.clipboard.writeText(address);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Relay address copied"), 3000);
  }

  /** A new channel cuts off every subscription that carries the old address, so it asks first. */
  async newChannel(): Promise<void> {
    await confirm(
      vscode.l10n.t("Make a new relay address?"),
      vscode.l10n.t(
        "Subscriptions that carry the present address no longer reach this editor until they are created again. The present channel is deleted at its relay. Events kept here stay.",
      ),
      vscode.l10n.t("Make New Address"),
    );
    const left = await this.#tunnel.renewChannel();
    if (left.length > 0) void this.#tellOf(left);
  }

  async #tellOf(left: readonly FailedErasure[]): Promise<void> {
    await vscode.window.showWarningMessage(
      vscode.l10n.t(
        "You have a new relay address. The old channel at {0} couldn't be deleted yet. Deletion is tried again until the relay confirms it.",
        relaysOf(left).join(", "),
      ),
    );
  }
}

function isOpen({ kind }: AddressState): boolean {
  return kind === "open" || kind === "opening";
}

interface ActionItem extends vscode.QuickPickItem {
  readonly command: string;
  readonly arguments: readonly unknown[];
}

function action(icon: string, label: string, command: string, ...args: unknown[]): ActionItem {
  return { label: `${icon} ${label}`, command, arguments: args };
}
