import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { CancelledError, type Problem, ProblemError } from "../../base/problem.ts";
import { type FormerAddressesSource, formerAddresses } from "../../core/address/formerAddresses.ts";
import type { AddressState, PublicAddress } from "../../core/address/publicAddress.ts";
import { answerSentence } from "../../core/relay/answerWords.ts";
import { isForWantOfCreateKey } from "../../core/relay/relayChannel.ts";
import type { SenderAnswer } from "../../core/tunnel/senderAnswer.ts";
import { type FailedErasure, relaysOf } from "../../core/tunnel/channelErasures.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { OfferedError } from "../commandBoundary.ts";
import { commandIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { settings } from "../settings.ts";
import { relayMenu } from "./relayMenu.ts";
import { stateWords } from "./stateWords.ts";

export interface RelayCommandsDependencies extends FormerAddressesSource {
  readonly tunnel: Tunnel;
  readonly publicAddress: PublicAddress;
  readonly answer: SenderAnswer;
  readonly clock: Clock;
}

/** The commands about the relay. */
export class RelayCommands {
  readonly #deps: RelayCommandsDependencies;

  constructor(deps: RelayCommandsDependencies) {
    this.#deps = deps;
  }

  /** What the status bar item opens: the state, and what can be done about it. */
  async show(): Promise<void> {
    const { tunnel, publicAddress, answer, clock } = this.#deps;
    const items = relayMenu({
      state: tunnel.state,
      channel: tunnel.channel,
      isOwnRelay: settings.relayUrl() === undefined,
      isPublicAddressOpen: isOpen(publicAddress.state),
      answer: answer.known === undefined ? undefined : answerSentence(answer.known),
      former: formerAddresses(this.#deps),
    });
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t("Relay"),
      placeHolder: stateWords(tunnel.state, clock.now()).long,
      matchOnDescription: true,
    });
    if (picked?.command === undefined) return;
    await vscode.commands.executeCommand(picked.command, ...(picked.arguments ?? []));
  }

  reconnect(): void {
    this.#deps.tunnel.start();
    this.#deps.tunnel.retryNow();
  }

  async copyAddress(): Promise<void> {
    const address = orThrow(await this.#deps.tunnel.waitForAddress());
    await vscode.env.clipboard.writeText(address);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Relay address copied"), 3000);
  }

  /** Makes a new address at the relay in use, or goes back to one of the editor's own from one that was shared with it. */
  async newChannel(): Promise<void> {
    const isGuest = this.#deps.tunnel.channel?.isGuest === true;
    const deletesFormer = isGuest ? await confirmLeaving() : await askForNewAddress();
    const title = vscode.l10n.t("Making a new relay address…");
    const location = vscode.ProgressLocation.Window;
    const renewed = await vscode.window.withProgress({ location, title }, async () =>
      this.#deps.tunnel.renewChannel({ deletesFormer }),
    );
    if (!renewed.ok) throw notMade(renewed.error);
    const done = isGuest
      ? vscode.l10n.t("You use your own relay address")
      : vscode.l10n.t("You have a new relay address");
    vscode.window.setStatusBarMessage(done, 5000);
    if (renewed.value.length > 0) void this.#tellOf(renewed.value);
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

/** Whether the address before is to be deleted at once. */
async function askForNewAddress(): Promise<boolean> {
  const make = vscode.l10n.t("Make New Address");
  const makeAndDelete = vscode.l10n.t("Make New Address and Delete This One");
  const detail = [
    vscode.l10n.t(
      "What is sent to the current address still arrives here, and you can send its subscriptions to the new one. Once nothing is sent to it anymore, it's deleted at its relay. Events kept here stay.",
    ),
    vscode.l10n.t(
      "If the current address leaked, delete it now. Events that still wait there are lost, and so are those of its subscriptions until they send to the new address.",
    ),
  ];
  const question = vscode.l10n.t("Make a new relay address?");
  const options = { modal: true, detail: detail.join("\n\n") };
  const answer = await vscode.window.showWarningMessage(question, options, make, makeAndDelete);
  if (answer === undefined) throw new CancelledError();
  return answer === makeAndDelete;
}

/** Its owner goes on with it, so nothing is deleted. */
async function confirmLeaving(): Promise<false> {
  await confirm(
    vscode.l10n.t("Leave the relay address that a colleague shares with you?"),
    vscode.l10n.t(
      "You get an address of your own at this relay, or the one you had there before. Subscriptions that send to the shared address go on reaching your colleague, and no longer reach you. Events kept here stay.",
    ),
    vscode.l10n.t("Use My Own Address"),
  );
  return false;
}

/** Where the relay gives no other address, this machine's always does. */
function notMade(problem: Problem): ProblemError {
  const message = vscode.l10n.t("No new relay address was made, and nothing else has changed. {0}", problem.message);
  const told = { ...problem, message };
  if (!isForWantOfCreateKey(problem)) return new ProblemError(told);
  const useOwn = async (): Promise<unknown> => vscode.commands.executeCommand(commandIds.useOwnRelay);
  return new OfferedError(told, vscode.l10n.t("Use This Machine's Relay…"), useOwn);
}

function isOpen({ kind }: AddressState): boolean {
  return kind === "open" || kind === "opening";
}
