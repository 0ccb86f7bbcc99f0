import * as vscode from "vscode";
import type { Problem } from "../../base/problem.ts";

/** What went through, but not as it was asked for. */
export function showWarnings(warnings: readonly Problem[]): void {
  if (warnings.length === 0) return;
  void vscode.window.showWarningMessage(warnings.map(({ message }) => message).join(" "));
}
