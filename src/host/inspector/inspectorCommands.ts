import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { formatNames } from "../../core/filter/formatFilter.ts";
import type { EventHistory } from "../../core/history/eventHistory.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import { confirm } from "../questions.ts";
import { asNode } from "../subscriptions/subscriptionNodes.ts";
import type { InspectorView } from "./inspectorView.ts";

/** The commands about events. */
export class InspectorCommands {
  readonly #history: EventHistory;
  readonly #model: InspectorModel;
  readonly #view: InspectorView;

  constructor(history: EventHistory, model: InspectorModel, view: InspectorView) {
    this.#history = history;
    this.#model = model;
    this.#view = view;
  }

  async open(): Promise<void> {
    await this.#view.show();
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
