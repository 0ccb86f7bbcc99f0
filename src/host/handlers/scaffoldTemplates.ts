import * as vscode from "vscode";

/** Reads templates of handlers: those in TypeScript as they are written, those in JavaScript as the build made them. */
export function templateReader(extensionUri: vscode.Uri): (path: string) => Promise<string> {
  return async path => {
    const folder = path.endsWith(".ts") ? ["media", "scaffold"] : ["dist", "scaffold"];
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, ...folder, path));
    return new TextDecoder().decode(bytes);
  };
}
