import * as vscode from "vscode";
import type { Choice } from "../multiStep.ts";

/** A line at the end of a list of choices that says how many more Zoho sent; it cannot be chosen. */
export function unreadableNote<T>(count: number, value: T): Choice<T>[] {
  if (count === 0) return [];
  const label = vscode.l10n.t("Zoho sent something unreadable: {0} not shown", count);
  return [{ label, kind: vscode.QuickPickItemKind.Separator, value }];
}
