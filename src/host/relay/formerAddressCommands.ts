import * as vscode from "vscode";
import { leadsToFormer } from "../../core/address/arrivals.ts";
import { CancelledError, type Problem, ProblemError } from "../../base/problem.ts";
import { type FormerAddress, type FormerAddressesSource, formerAddresses } from "../../core/address/formerAddresses.ts";
import { placeOf, sendersWords } from "../../core/address/formerWords.ts";
import type { FormerChannels } from "../../core/tunnel/formerChannels.ts";
import type { BringAlong } from "../address/bringAlong.ts";
import { OfferedError } from "../commandBoundary.ts";
import { back, pickOne, unnumbered } from "../multiStep.ts";
import { viewIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { channelsMeant, type SubscriptionNode } from "../subscriptions/subscriptionNodes.ts";

export interface FormerAddressCommandsDependencies extends FormerAddressesSource {
  readonly former: FormerChannels;
  readonly bringAlong: BringAlong;
  readonly view: { readonly selection: readonly SubscriptionNode[] };
}

/** What can be done about addresses that this editor used before: sending their subscriptions here, and deleting them. */
export class FormerAddressCommands {
  readonly #deps: FormerAddressCommandsDependencies;

  constructor(deps: FormerAddressCommandsDependencies) {
    this.#deps = deps;
  }

  /** Sends the subscriptions of these rows to the current address, as far as they lead to a former one. */
  async sendRowsHere(...args: unknown[]): Promise<void> {
    const formerPaths = this.#deps.former.all().map(({ ingestPath }) => ingestPath);
    const meant = channelsMeant(args, this.#deps.view.selection);
    const nodes = meant.filter(({ channel }) => leadsToFormer(channel, formerPaths));
    if (nodes.length === 0) throw new ProblemError(nothingToSend());
    await this.#withProgress(async () => this.#deps.bringAlong.sendHere(nodes, formerPaths));
  }

  /** Sends here whatever this editor's subscriptions send to one of its former addresses, or to the one named. */
  async sendHere(channel?: unknown): Promise<void> {
    const { bringAlong } = this.#deps;
    const meant = formerAddresses(this.#deps).filter(each => channel === undefined || each.channel === channel);
    const formerPaths = meant.map(({ ingestPath }) => ingestPath);
    const door = bringAlong.door(formerPaths);
    const stale = door === undefined ? [] : bringAlong.leftBehind(door);
    if (stale.length === 0) throw new ProblemError(nothingToSend());
    await this.#withProgress(async () => bringAlong.sendHere(stale, formerPaths));
  }

  /** Deletes a former address at its relay: the one named, or the one that the person chooses. */
  async delete(channel?: unknown): Promise<void> {
    const address = await this.#choose(channel);
    await confirm(
      vscode.l10n.t("Delete your former address at {0}?", placeOf(address.relay)),
      deletionDetail(address),
      vscode.l10n.t("Delete"),
    );
    const deleted = await this.#withProgress(async () => this.#deps.former.delete(address.channel));
    if (!deleted.ok) throw this.#notDeleted(address, deleted.error);
    if (!deleted.value) throw new ProblemError(noLongerFormer());
    vscode.window.setStatusBarMessage(vscode.l10n.t("Former address deleted"), 5000);
  }

  async #choose(channel: unknown): Promise<FormerAddress> {
    const addresses = formerAddresses(this.#deps);
    const meant = addresses.find(each => each.channel === channel);
    if (meant !== undefined) return meant;
    if (addresses.length === 0) throw new ProblemError(noFormerAddress());
    const picked = await pickOne({
      place: unnumbered(vscode.l10n.t("Delete a Former Relay Address"), false),
      placeholder: vscode.l10n.t("Which one?"),
      choices: addresses.map(value => ({ label: placeOf(value.relay), description: sendersWords(value), value })),
    });
    if (picked === back) throw new CancelledError();
    return picked;
  }

  /** Where nothing more can be had from there, it can at least be forgotten. */
  #notDeleted({ channel, relay }: FormerAddress, problem: Problem): ProblemError {
    if (problem.code !== "RELAY_NOT_DRAINED") return new ProblemError(problem);
    return new OfferedError(problem, vscode.l10n.t("Forget Address…"), async () => {
      await confirmForgetting(relay);
      await this.#deps.former.forget(channel);
    });
  }

  async #withProgress<T>(task: () => Promise<T>): Promise<T> {
    return vscode.window.withProgress({ location: { viewId: viewIds.subscriptions } }, task);
  }
}

function deletionDetail({ senders }: FormerAddress): string {
  const sentences = [
    vscode.l10n.t("What still waits there is read first."),
    ...(senders === 0
      ? []
      : [vscode.l10n.t("Subscriptions that still send to it: {0}. Their events are lost from then on.", senders)]),
    vscode.l10n.t("Keep it if a workflow webhook still uses it."),
  ];
  return sentences.join(" ");
}

async function confirmForgetting(relay: string): Promise<void> {
  await confirm(
    vscode.l10n.t("Forget your former address at {0}?", placeOf(relay)),
    vscode.l10n.t(
      "Events still waiting there and anything sent to it later can never be read, even if the relay comes back. What the relay has of it stays there.",
    ),
    vscode.l10n.t("Forget Address"),
  );
}

function nothingToSend(): Problem {
  const message = vscode.l10n.t("No subscription sends to a former address of yours.");
  return { code: "NOTHING_LEFT_BEHIND", message, remedy: "refresh" };
}

/** Questions may stay open for days. */
function noLongerFormer(): Problem {
  const message = vscode.l10n.t(
    "This isn't one of your former addresses anymore, so nothing was deleted. It's in use again, or another window deleted it.",
  );
  return { code: "NO_LONGER_FORMER", message, remedy: "none" };
}

function noFormerAddress(): Problem {
  const message = vscode.l10n.t("You have no former relay addresses.");
  return { code: "NO_FORMER_ADDRESS", message, remedy: "none" };
}
