import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";

/** The folder of the workspace that something is written into; asks where there are several. */
export async function requireWorkspaceFolder(): Promise<vscode.WorkspaceFolder> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const [first] = folders;
  if (first === undefined) {
    const message = vscode.l10n.t("Open a folder first: that is where the files go.");
    throw new ProblemError({ code: "NO_WORKSPACE_FOLDER", message, remedy: "none" });
  }
  const picked = folders.length === 1 ? first : await vscode.window.showWorkspaceFolderPick();
  if (picked === undefined) throw new CancelledError();
  return picked;
}

/** The text of a file, with what an editor has not saved; undefined where there is none. */
export async function readText(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return undefined;
    throw error;
  }
}

/** Writes a file, and the folders that it is in. One that is open in an editor is changed there and saved. */
export async function writeText(uri: vscode.Uri, text: string): Promise<void> {
  const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
  if (open === undefined) {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, open.validateRange(new vscode.Range(0, 0, Number.MAX_SAFE_INTEGER, 0)), text);
  await vscode.workspace.applyEdit(edit);
  await open.save();
}

/** Names of what is in a folder; none where there is no such folder. */
export async function namesIn(folder: vscode.Uri): Promise<readonly string[]> {
  try {
    return (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return [];
    throw error;
  }
}
