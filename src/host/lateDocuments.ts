import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../base/lifecycle.ts";

/** What writes read-only documents, by the scheme of their addresses. Each registers itself. */
export type DocumentWriters = Readonly<Record<string, vscode.TextDocumentContentProvider>>;

/**
 * Stands in for what writes read-only documents until it is loaded: VS Code asks for those that were open before it asks
 * for any command.
 */
export function registerLateDocuments(schemes: readonly string[], load: () => Promise<DocumentWriters>): Disposable {
  const store = new DisposableStore();
  for (const scheme of schemes) {
    const standIn: Disposable = store.add(
      vscode.workspace.registerTextDocumentContentProvider(scheme, {
        provideTextDocumentContent: async (uri, token) => {
          const writer = (await load())[scheme];
          store.delete(standIn);
          return writer?.provideTextDocumentContent(uri, token);
        },
      }),
    );
  }
  return store;
}

/** Stands in for what writes lenses above documents until the first of those is shown; it registers itself. */
export function registerLateLenses(
  selector: vscode.DocumentSelector,
  load: () => Promise<vscode.CodeLensProvider>,
): Disposable {
  const store = new DisposableStore();
  const standIn: Disposable = store.add(
    vscode.languages.registerCodeLensProvider(selector, {
      provideCodeLenses: async (document, token) => {
        const provider = await load();
        store.delete(standIn);
        return provider.provideCodeLenses(document, token);
      },
    }),
  );
  return store;
}
