import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { type Problem, ProblemError } from "../../base/problem.ts";
import type { ZohoClients } from "../../core/connections/clients.ts";
import { callText, lastCallsAbout } from "../../core/subscriptions/callText.ts";
import type { RecordedCall } from "../../zoho/callRecorder.ts";
import { curlOf } from "../../zoho/curl.ts";
import { callDocumentScheme } from "../names.ts";
import type { NamedChannel } from "./subscriptionNodes.ts";

/** Shows the last change of a channel and the last reading, each with its answer, as a read-only document or as a command for a shell. */
export class CallDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #clients: Pick<ZohoClients, "callsOf">;

  readonly onDidChange = this.#changed.event;

  constructor(clients: Pick<ZohoClients, "callsOf">) {
    this.#clients = clients;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(callDocumentScheme, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const [connectionId = "", channelId = ""] = uri.query.split("\n");
    const calls = lastCallsAbout(this.#clients.callsOf(connectionId), channelId);
    return calls.length === 0 ? noCallProblem().message : calls.map(callText).join("\n");
  }

  async open(node: NamedChannel): Promise<void> {
    this.#callOf(node);
    const { connection, channel } = node;
    const query = `${connection.id}\n${channel.channelId}`;
    const uri = vscode.Uri.from({ scheme: callDocumentScheme, path: `channel-${channel.channelId}.http`, query });
    const document = await vscode.workspace.openTextDocument(uri);
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  async copyAsCurl(node: NamedChannel): Promise<void> {
    await vscode.env.clipboard.writeText(curlOf(this.#callOf(node)));
    vscode.window.setStatusBarMessage(vscode.l10n.t("Copied; tokens are left to variables of the shell"), 4000);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The last change, or where there was none the last reading. */
  #callOf({ connection, channel }: NamedChannel): RecordedCall {
    const [call] = lastCallsAbout(this.#clients.callsOf(connection.id), channel.channelId);
    if (call === undefined) throw new ProblemError(noCallProblem());
    return call;
  }
}

function noCallProblem(): Problem {
  return {
    code: "NO_CALL",
    message: vscode.l10n.t("This window has not asked Zoho about this subscription yet. Refresh, and try again."),
    remedy: "refresh",
  };
}
