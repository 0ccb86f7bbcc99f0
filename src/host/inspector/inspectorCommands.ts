import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { formatNames } from "../../core/filter/formatFilter.ts";
import { byName } from "../../core/filter/eventFilter.ts";
import type { EventHistory } from "../../core/history/eventHistory.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import { pointsHere } from "../../core/subscriptions/channel.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { commandIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { hostOf } from "../subscriptions/subscriptionItems.ts";
import { type ChannelNode, type ModuleNode, asNode } from "../subscriptions/subscriptionNodes.ts";
import { eventIdsOf } from "./chosenEvents.ts";
import type { InspectorEditors } from "./inspectorEditors.ts";
import type { InspectorView } from "./inspectorView.ts";

export interface InspectorCommandsOptions {
  readonly history: Pick<EventHistory, "pin" | "unpin" | "delete" | "clear" | "select">;
  readonly model: Pick<InspectorModel, "setFilter" | "selectedIds">;
  readonly tunnel: Pick<Tunnel, "addresses">;
  readonly view: InspectorView;
  readonly editors: InspectorEditors;
}

/** The commands about events. Those about some of them take `{ eventIds }`, or else what is chosen in the inspector. */
export class InspectorCommands {
  readonly #history: InspectorCommandsOptions["history"];
  readonly #model: InspectorCommandsOptions["model"];
  readonly #tunnel: InspectorCommandsOptions["tunnel"];
  readonly #view: InspectorView;
  readonly #editors: InspectorEditors;

  constructor({ history, model, tunnel, view, editors }: InspectorCommandsOptions) {
    this.#history = history;
    this.#model = model;
    this.#tunnel = tunnel;
    this.#view = view;
    this.#editors = editors;
  }

  async open(): Promise<void> {
    await this.#view.show();
  }

  openInEditor(): void {
    this.#editors.open();
  }

  /** Puts the keyboard into the filter of the inspector where it is, or else of the one in the panel. */
  async filter(): Promise<void> {
    if (!this.#editors.focusFilter()) await this.#view.focusFilter();
  }

  pin(...args: unknown[]): void {
    this.#history.pin(eventIdsOf(args, this.#model));
  }

  unpin(...args: unknown[]): void {
    this.#history.unpin(eventIdsOf(args, this.#model));
  }

  async delete(...args: unknown[]): Promise<void> {
    const ids = eventIdsOf(args, this.#model);
    const question =
      ids.length === 1
        ? vscode.l10n.t("Delete this event?")
        : vscode.l10n.t("Delete {0} events?", ids.length.toLocaleString(vscode.env.language));
    await confirm(
      question,
      ids.length === 1
        ? vscode.l10n.t("It is removed from this machine, in every window, and cannot be brought back.")
        : vscode.l10n.t("They are removed from this machine, in every window, and cannot be brought back."),
      vscode.l10n.t("Delete"),
    );
    this.#history.delete(ids);
  }

  /** Shows the events of the channel, or of the one module of it, that the tree item stands for. */
  async showEvents(...args: unknown[]): Promise<void> {
    const node = asNode(args[0]);
    if (node?.kind !== "channel" && node?.kind !== "module") throw new CancelledError();
    const { channelId } = node.channel;
    const names =
      node.kind === "module" ? { channel: channelId, module: node.subscription.module } : { channel: channelId };
    this.#model.setFilter(formatNames(names));
    await this.#view.show();
    const isHere = pointsHere(node.channel, this.#tunnel.addresses);
    if (!isHere && this.#history.select([byName("channel", channelId)]).count === 0) await offerToBorrow(node);
  }

  async clear(): Promise<void> {
    await confirm(
      vscode.l10n.t("Clear all events?"),
      vscode.l10n.t("They are removed from this machine, in every window, and cannot be brought back."),
      vscode.l10n.t("Clear"),
    );
    this.#history.clear();
  }
}

/** An empty list does not say why it is empty: what is sent elsewhere is not shown here. */
async function offerToBorrow(node: ChannelNode | ModuleNode): Promise<void> {
  const borrow = vscode.l10n.t("Borrow Subscription…");
  const message = vscode.l10n.t(
    "There are no events of this subscription here: it sends to {0}. Borrow it to see them.",
    hostOf(node.channel.notifyUrl),
  );
  const pressed = await vscode.window.showInformationMessage(message, borrow);
  if (pressed === borrow) await vscode.commands.executeCommand(commandIds.borrowSubscription, node);
}
