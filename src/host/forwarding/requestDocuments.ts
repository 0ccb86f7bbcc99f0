import { Buffer } from "node:buffer";
import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { AddressedRequest } from "../../core/forwarding/editedRequest.ts";
import { shownTarget } from "../../core/forwarding/forwardTarget.ts";
import { commandIds, requestDocumentScheme } from "../names.ts";

/** A request that is being edited: what it was made of. */
export interface EditedDocument {
  readonly document: vscode.TextDocument;
  /** The event that it was made from. */
  readonly parentId: number;
  readonly original: AddressedRequest;
}

type RequestWriter = (addressed: AddressedRequest, notes: readonly string[]) => string;

interface Entry {
  readonly parentId: number;
  readonly original: AddressedRequest;
  bytes: Uint8Array;
  changedAt: number;
}

/**
 * Requests that people edit before they send them: documents that live as long as the window, can be saved without being
 * asked for a file, and have a lens with the way to send them.
 */
export class RequestDocuments implements vscode.FileSystemProvider, vscode.CodeLensProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly #entries = new Map<string, Entry>();
  #count = 0;

  readonly onDidChangeFile = this.#changed.event;

  constructor() {
    this.#store.add(
      vscode.workspace.registerFileSystemProvider(requestDocumentScheme, this, { isCaseSensitive: true }),
    );
    this.#store.add(vscode.languages.registerCodeLensProvider({ scheme: requestDocumentScheme }, this));
  }

  /** Opens a request for editing, beside what is open, as the text that `write` makes of it and of notes to the person. */
  async open(original: AddressedRequest, parentId: number, write: RequestWriter): Promise<void> {
    this.#count += 1;
    const name = vscode.l10n.t("Event {0}", parentId);
    const path = this.#entries.has(`/${name}.http`) ? `/${name} (${this.#count}).http` : `/${name}.http`;
    const notes = [
      vscode.l10n.t("Change what you like, then send it. The event that it was made from stays as it is."),
    ];
    const bytes = Buffer.from(write(original, notes));
    this.#entries.set(path, { parentId, original, bytes, changedAt: Date.now() });
    const uri = vscode.Uri.from({ scheme: requestDocumentScheme, path });
    const document = await vscode.workspace.openTextDocument(uri);
    const languages = await vscode.languages.getLanguages();
    if (languages.includes("http")) await vscode.languages.setTextDocumentLanguage(document, "http");
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** What is known of the document that a command was called for, or of the one in front. */
  find(argument: unknown): EditedDocument | undefined {
    const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
    const entry = uri?.scheme === requestDocumentScheme ? this.#entries.get(uri.path) : undefined;
    const document = vscode.workspace.textDocuments.find(each => each.uri.toString() === uri?.toString());
    if (entry === undefined || document === undefined) return undefined;
    return { document, parentId: entry.parentId, original: entry.original };
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const entry = this.#entries.get(document.uri.path);
    if (entry === undefined) return [];
    const title = vscode.l10n.t("$(play) Send to {0}", shownTarget(new URL(entry.original.target)));
    const command = { title, command: commandIds.sendEditedRequest, arguments: [document.uri] };
    return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command)];
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { bytes, changedAt } = this.#entry(uri);
    return { type: vscode.FileType.File, ctime: changedAt, mtime: changedAt, size: bytes.byteLength };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#entry(uri).bytes;
  }

  writeFile(uri: vscode.Uri, bytes: Uint8Array): void {
    const entry = this.#entry(uri);
    entry.bytes = bytes;
    entry.changedAt = Date.now();
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  /** Nobody else changes these. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #entry(uri: vscode.Uri): Entry {
    const entry = this.#entries.get(uri.path);
    if (entry === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return entry;
  }
}
