import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { viewIds } from "../names.ts";
import type { InspectorWebviews, JoinedPage } from "./inspectorWebview.ts";

/** The inspector in the panel. */
export class InspectorView implements vscode.WebviewViewProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #webviews: InspectorWebviews;
  #joined: JoinedPage | undefined;
  /** The filter is to have the keyboard as soon as there is a page. */
  #isFilterAsked = false;

  constructor(webviews: InspectorWebviews) {
    this.#webviews = webviews;
    this.#store.add(vscode.window.registerWebviewViewProvider(viewIds.inspector, this));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const joined = this.#store.add(this.#webviews.join(view.webview));
    this.#joined = joined;
    view.onDidChangeVisibility(() => {
      if (!view.visible) joined.page.hide();
    });
    view.onDidDispose(() => {
      this.#store.delete(joined);
      if (this.#joined === joined) this.#joined = undefined;
    });
    if (this.#isFilterAsked) this.#focusFilterOf(joined);
  }

  /** Opens the panel on the inspector and puts the keyboard there. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${viewIds.inspector}.focus`);
  }

  /** Opens the panel on the inspector and puts the keyboard into its filter. */
  async focusFilter(): Promise<void> {
    this.#isFilterAsked = true;
    await this.show();
    if (this.#joined !== undefined) this.#focusFilterOf(this.#joined);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #focusFilterOf({ page }: JoinedPage): void {
    this.#isFilterAsked = false;
    page.focusFilter();
  }
}
