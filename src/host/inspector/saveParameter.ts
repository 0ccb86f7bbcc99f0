import * as vscode from "vscode";
import { fileNameOf } from "../../core/events/label.ts";
import type { ParameterValue } from "../../core/events/webhook.ts";

/** Asks where to save a value that was sent in a form, such as an uploaded file, and writes it there. */
export async function saveParameter({ name, fileName, bytes }: ParameterValue): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file("/");
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t("Save Value"),
    defaultUri: vscode.Uri.joinPath(folder, suggestedName(fileName ?? name)),
  });
  if (file !== undefined) await vscode.workspace.fs.writeFile(file, bytes);
}

/** The name comes from anybody: no folder of it, and no characters that a system might refuse. */
function suggestedName(sent: string): string {
  const last = sent.split(/[\\/]/).at(-1) ?? "";
  const { stem = "", ending = "" } = /^(?<stem>.*?)(?<ending>\.[A-Za-z0-9]{1,10})?$/s.exec(last)?.groups ?? {};
  return `${fileNameOf(stem)}${ending}`;
}
