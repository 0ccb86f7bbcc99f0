import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { AttachedPage } from "../../core/inspector/inspectorModel.ts";
import { panelTypes } from "../names.ts";
import type { InspectorWebviews } from "./inspectorWebview.ts";

/** The inspector in tabs of the editor: any number of them, which come back when the window is opened again. */
export class InspectorEditors implements vscode.WebviewPanelSerializer, Disposable {
  readonly #store = new DisposableStore();
  readonly #webviews: InspectorWebviews;
  readonly #pages = new Map<vscode.WebviewPanel, AttachedPage>();

  constructor(webviews: InspectorWebviews) {
    this.#webviews = webviews;
    this.#store.add(vscode.window.registerWebviewPanelSerializer(panelTypes.inspector, this));
  }

  /** Opens another tab beside what is open. */
  open(): void {
    const title = vscode.l10n.t("Zoho CRM Events");
    const column = vscode.ViewColumn.Active;
    this.#join(vscode.window.createWebviewPanel(panelTypes.inspector, title, column, this.#webviews.options));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#join(panel);
    return Promise.resolve();
  }

  /** Puts the keyboard into the filter of the tab that has it; false where none has. */
  focusFilter(): boolean {
    const active = [...this.#pages].find(([panel]) => panel.active);
    active?.[1].focusFilter();
    return active !== undefined;
  }

  dispose(): void {
    this.#store.dispose();
    this.#pages.clear();
  }

  #join(panel: vscode.WebviewPanel): void {
    const joined = this.#store.add(this.#webviews.join(panel.webview));
    this.#pages.set(panel, joined.page);
    panel.onDidChangeViewState(() => {
      if (!panel.visible) joined.page.hide();
    });
    panel.onDidDispose(() => {
      this.#pages.delete(panel);
      this.#store.delete(joined);
    });
  }
}
