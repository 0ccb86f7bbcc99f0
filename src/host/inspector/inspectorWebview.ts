import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Disposable } from "../../base/lifecycle.ts";
import type { AttachedPage, InspectorModel } from "../../core/inspector/inspectorModel.ts";

/** A page in its place, joined to the model until it, or the place, is disposed. */
export interface JoinedPage extends Disposable {
  readonly page: AttachedPage;
}

/** Makes the inspector's page in a webview. It holds no events of its own. */
export class InspectorWebviews {
  readonly #assets: vscode.Uri;
  readonly #model: InspectorModel;

  constructor(extensionUri: vscode.Uri, model: InspectorModel) {
    this.#assets = vscode.Uri.joinPath(extensionUri, "dist", "webview");
    this.#model = model;
  }

  /** What a webview of the page may do. */
  get options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [this.#assets] };
  }

  /** Gives the page its shell and joins it to the model. */
  join(webview: vscode.Webview): JoinedPage {
    webview.options = this.options;
    const page = this.#model.attach(message => void webview.postMessage(message));
    const listening = webview.onDidReceiveMessage((message: unknown) => page.receive(message));
    webview.html = pageHtml(webview, this.#assets);
    return {
      page,
      dispose: () => {
        listening.dispose();
        page.dispose();
      },
    };
  }
}

function pageHtml(webview: vscode.Webview, assets: vscode.Uri): string {
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
