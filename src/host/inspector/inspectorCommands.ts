import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { formatNames } from "../../core/filter/formatFilter.ts";
import type { EventHistory } from "../../core/history/eventHistory.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import { confirm } from "../questions.ts";
import { asNode } from "../subscriptions/subscriptionNodes.ts";
import { eventIdsOf } from "./chosenEvents.ts";
import type { InspectorEditors } from "./inspectorEditors.ts";
import type { InspectorView } from "./inspectorView.ts";

export interface InspectorCommandsOptions {
  readonly history: Pick<EventHistory, "pin" | "unpin" | "delete" | "clear">;
  readonly model: Pick<InspectorModel, "setFilter" | "selectedIds">;
  readonly view: InspectorView;
  readonly editors: InspectorEditors;
}

/** The commands about events. Those about some of them take `{ eventIds }`, or else what is chosen in the inspector. */
export class InspectorCommands {
  readonly #history: InspectorCommandsOptions["history"];
  readonly #model: InspectorCommandsOptions["model"];
  readonly #view: InspectorView;
  readonly #editors: InspectorEditors;

  constructor({ history, model, view, editors }: InspectorCommandsOptions) {
    this.#history = history;
    this.#model = model;
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
