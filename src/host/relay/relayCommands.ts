import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import type { AddressState, PublicAddress } from "../../core/address/publicAddress.ts";
import { answerSentence } from "../../core/relay/answerWords.ts";
import type { SenderAnswer } from "../../core/tunnel/senderAnswer.ts";
import { type FailedErasure, relaysOf } from "../../core/tunnel/channelErasures.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { relayMenu } from "./relayMenu.ts";
import { stateWords } from "./statusBar.ts";
import { waysOn } from "./waysOn.ts";

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
    const { state, channel } = this.#tunnel;
    const { known } = this.#answer;
    const items = relayMenu({
      waysOn: waysOn(state),
      channel,
      isPublicAddressOpen: isOpen(this.#publicAddress.state),
      answer: known === undefined ? undefined : answerSentence(known),
    });
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t("Relay"),
      placeHolder: stateWords(state, this.#clock.now()).long,
    });
    if (picked?.command !== undefined) await vscode.commands.executeCommand(picked.command);
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
    if (this.#tunnel.channel?.isGuest === true) await confirmLeaving();
    else await confirmNewAddress();
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

async function confirmNewAddress(): Promise<void> {
  await confirm(
    vscode.l10n.t("Make a new relay address?"),
    vscode.l10n.t(
      "Subscriptions that carry the present address no longer reach this editor until they are created again. The present channel is deleted at its relay. Events kept here stay.",
    ),
    vscode.l10n.t("Make New Address"),
  );
}

/** Its owner goes on with it, so nothing is deleted. */
async function confirmLeaving(): Promise<void> {
  await confirm(
    vscode.l10n.t("Leave the relay address that a colleague shares with you?"),
    vscode.l10n.t(
      "You get an address of your own at this relay, or the one you had there before. Subscriptions that send to the shared address go on reaching your colleague, and no longer reach you. Events kept here stay.",
    ),
    vscode.l10n.t("Use My Own Address"),
  );
}

function isOpen({ kind }: AddressState): boolean {
  return kind === "open" || kind === "opening";
}
