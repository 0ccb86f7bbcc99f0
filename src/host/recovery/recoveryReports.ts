import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { type KnownSecrets, Redaction } from "../../core/events/redaction.ts";
import type { RecoveryReport } from "../../core/recovery/recoveryReport.ts";
import { reportDocument } from "../../core/recovery/reportText.ts";
import { recoveryReportScheme } from "../names.ts";

/** Shows in full what became of looking for missed changes, and what cannot be recovered, as a read-only document. */
export class RecoveryReports implements vscode.TextDocumentContentProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #shown = new Map<string, string>();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());

  readonly onDidChange = this.#changed.event;

  readonly #secrets: KnownSecrets;

  constructor(secrets: KnownSecrets) {
    this.#secrets = secrets;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(recoveryReportScheme, this));
  }

  async show(report: RecoveryReport): Promise<void> {
    const name = vscode.l10n.t("Missed changes of channel {0}", report.channelId);
    const uri = vscode.Uri.from({ scheme: recoveryReportScheme, path: `/${name}.md` });
    this.#shown.set(uri.toString(), new Redaction(this.#secrets()).marked(reportDocument(report)));
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#shown.get(uri.toString()) ?? vscode.l10n.t("This report is no longer kept.");
  }

  dispose(): void {
    this.#store.dispose();
  }
}
