import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { eventLabel, fileNameOf } from "../../core/events/label.ts";
import type { StoredEvent } from "../../core/events/storedEvent.ts";
import { formatEventDocument } from "../../core/inspector/eventDocument.ts";
import type { TokenVerifier } from "../../core/events/verification.ts";
import { presentRow } from "../../core/inspector/presentRow.ts";
import { eventDocumentScheme } from "../names.ts";

/** Editors that one command opens at most. */
const mostOpened = 10;

/** Shows one event as a read-only document: the plain-text way to what the inspector shows. */
export class EventDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #history: { get(id: number): StoredEvent | undefined };
  readonly #tokens: TokenVerifier;

  constructor(history: { get(id: number): StoredEvent | undefined }, tokens: TokenVerifier) {
    this.#history = history;
    this.#tokens = tokens;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(eventDocumentScheme, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const event = this.#history.get(Number(uri.query));
    return event === undefined
      ? vscode.l10n.t("This event is no longer kept.")
      : formatEventDocument(event, this.#tokens).text;
  }

  /** Opens each, to stay; only one of them for the look of it. */
  async openFor(ids: readonly number[]): Promise<void> {
    const [id, ...others] = ids;
    if (id !== undefined && others.length === 0) return this.open(id);
    for (const each of ids.slice(0, mostOpened)) await this.#show(each, false);
  }

  async open(id: number): Promise<void> {
    await this.#show(id, true);
  }

  async #show(id: number, preview: boolean): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.#uriOf(id));
    await vscode.window.showTextDocument(document, { preview });
  }

  /** The end of the path gives the document its language. */
  #uriOf(id: number): vscode.Uri {
    const event = this.#history.get(id);
    if (event === undefined) return vscode.Uri.from({ scheme: eventDocumentScheme, path: "event", query: String(id) });
    const { language } = formatEventDocument(event, this.#tokens);
    const name = fileNameOf(eventLabel(presentRow(event, this.#tokens).content));
    return vscode.Uri.from({ scheme: eventDocumentScheme, path: `${name}.${language}`, query: String(id) });
  }

  dispose(): void {
    this.#store.dispose();
  }
}
