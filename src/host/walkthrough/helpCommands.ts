import * as vscode from "vscode";
import { commandIds } from "../names.ts";

/** The walkthrough's name, as VS Code wants it. */
const walkthrough = (extensionId: string): string => `${extensionId}#start`;

export async function showWalkthrough(extensionId: string): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", walkthrough(extensionId), false);
}

/** Opens the log beside the report of Diagnose: what a person needs who wants to know, or to ask somebody. */
export async function getHelp(log: vscode.LogOutputChannel): Promise<void> {
  log.show(true);
  await vscode.commands.executeCommand(commandIds.diagnose);
}

/**
 * The extension's settings, or those that `query` finds. Most hold for the machine, which is another page of the
 * settings where the editor runs elsewhere than its window.
 */
export async function openSettings(query: string): Promise<void> {
  const isElsewhere = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  const command = isElsewhere ? "workbench.action.openRemoteSettings" : "workbench.action.openSettings";
  await vscode.commands.executeCommand(command, { query });
}
