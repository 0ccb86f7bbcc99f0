import * as vscode from "vscode";
import { CancelledError } from "../base/problem.ts";
import { type Connection, isProduction } from "../core/connections/connection.ts";
import { settings } from "./settings.ts";

/** Asks in a modal dialogue whether to go on; rejects with CancelledError on anything but yes. */
export async function confirm(question: string, detail: string, yes: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, yes);
  if (answer !== yes) throw new CancelledError();
}

/** Asks before a write to production organisations, once for all of them, unless the user turned that off. */
export async function confirmProductionWrite(connections: readonly Connection[], action: string): Promise<void> {
  const names = productionNames(connections);
  if (names.length === 0 || !settings.confirmProductionWrites()) return;
  const question = vscode.l10n.t("{0} in the production organisation {1}?", action, names.join(", "));
  const detail = vscode.l10n.t("This changes what a live CRM sends. You can turn this question off in the settings.");
  await confirm(question, detail, action);
}

/** The names of the production organisations among `connections`, without repetition. */
export function productionNames(connections: readonly Connection[]): string[] {
  return [...new Set(connections.filter(isProduction).map(({ organization }) => organization.name))];
}
