import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { viewIds } from "../names.ts";

/** The inspector in the panel: gives the page its shell and joins it to the model. Holds no events of its own. */
export class InspectorView implements vscode.WebviewViewProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #extensionUri: vscode.Uri;
  readonly #model: InspectorModel;

  constructor(extensionUri: vscode.Uri, model: InspectorModel) {
    this.#extensionUri = extensionUri;
    this.#model = model;
    this.#store.add(vscode.window.registerWebviewViewProvider(viewIds.inspector, this));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const assets = vscode.Uri.joinPath(this.#extensionUri, "dist", "webview");
    view.webview.options = { enableScripts: true, localResourceRoots: [assets] };
    const attached = this.#store.add(this.#model.attach(message => void view.webview.postMessage(message)));
    const listening = this.#store.add(
      view.webview.onDidReceiveMessage((message: unknown) => attached.receive(message)),
    );
    view.onDidDispose(() => {
      this.#store.delete(listening);
      this.#store.delete(attached);
    });
    view.webview.html = inspectorHtml(view.webview, assets);
  }

  /** Opens the panel on the inspector and puts the keyboard there. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${viewIds.inspector}.focus`);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function inspectorHtml(webview: vscode.Webview, assets: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const asset = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(assets, name)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
  // Nothing that a translation may hold ends the element.
  const strings = JSON.stringify(vscode.l10n.bundle ?? {}).replaceAll("<", "\\u003c");
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
  <head>
    <meta charset="UTF-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <link rel="stylesheet" href="${asset("inspector.css")}" />
    <title>${vscode.l10n.t("Zoho CRM Events")}</title>
  </head>
  <body>
    <div id="inspector"></div>
    <script type="application/json" id="l10n">${strings}</script>
    <script nonce="${nonce}" src="${asset("inspector.js")}"></script>
  </body>
</html>`;
}
