import * as vscode from "vscode";
import type { EventDetail } from "../../protocol/inspector.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { formatEventDocument } from "../../core/inspector/eventDocument.ts";
import { eventDocumentScheme } from "../names.ts";

/** Shows one event as a read-only document: the plain-text way to what the inspector shows. */
export class EventDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #detailOf: (id: number) => EventDetail | undefined;

  constructor(detailOf: (id: number) => EventDetail | undefined) {
    this.#detailOf = detailOf;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(eventDocumentScheme, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const detail = this.#detailOf(Number(uri.query));
    return detail === undefined ? vscode.l10n.t("This event is no longer kept.") : formatEventDocument(detail);
  }

  async open(id: number): Promise<void> {
    const uri = vscode.Uri.from({ scheme: eventDocumentScheme, path: `event-${id}.txt`, query: String(id) });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#store.dispose();
  }
}
