import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { commandIds, diagnosisScheme } from "../names.ts";
import type { Mend } from "./mend.ts";

/** A diagnosis as it is shown. */
export interface ShownDiagnosis {
  /** For the tab. */
  readonly name: string;
  /** The same subject has the same key: a new run replaces what was shown. */
  readonly key: string;
  /** Markdown. */
  readonly report: string;
  /** What mends the first broken link, or the first warning where nothing is broken. */
  readonly mend: Mend | undefined;
  /** Diagnoses the same again. */
  readonly again: () => Promise<void>;
}

/** Above the second paragraph: the verdict. */
const verdictLine = 2;

/** Shows diagnoses as read-only documents, with what can be done about them above the verdict. */
export class DiagnosisDocuments implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #shown = new Map<string, ShownDiagnosis>();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #lensesChanged = this.#store.add(new vscode.EventEmitter<void>());

  readonly onDidChange = this.#changed.event;
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;

  constructor() {
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(diagnosisScheme, this));
    this.#store.add(vscode.languages.registerCodeLensProvider({ scheme: diagnosisScheme }, this));
  }

  /** Opens the diagnosis, or renews the document that shows the one before. */
  async show(shown: ShownDiagnosis): Promise<vscode.Uri> {
    const uri = vscode.Uri.from({ scheme: diagnosisScheme, path: `/${shown.name}.md`, query: shown.key });
    this.#shown.set(uri.toString(), shown);
    this.#changed.fire(uri);
    this.#lensesChanged.fire();
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
    return uri;
  }

  /** The diagnosis that a document shows; without one, that of the active editor. */
  get(uri: unknown): ShownDiagnosis | undefined {
    const meant = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
    return meant === undefined ? undefined : this.#shown.get(meant.toString());
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.get(uri)?.report ?? vscode.l10n.t("Run Diagnose again: this report is no longer kept.");
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const shown = this.get(document.uri);
    if (shown === undefined) return [];
    const range = new vscode.Range(verdictLine, 0, verdictLine, 0);
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(range, { title, command, arguments: [document.uri] });
    return [
      ...(shown.mend?.command === undefined
        ? []
        : [lens(`$(${shown.mend.icon}) ${shown.mend.title}`, commandIds.mendDiagnosed)]),
      lens(`$(refresh) ${vscode.l10n.t("Run Again")}`, commandIds.diagnoseAgain),
      lens(`$(copy) ${vscode.l10n.t("Copy Report")}`, commandIds.copyDiagnosis),
    ];
  }

  dispose(): void {
    this.#store.dispose();
  }
}
