import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { type SubscriptionNode, unreadableMeant } from "./subscriptionNodes.ts";

/** Ends a command that writes where it means a row of something unreadable, and says why. */
export function refuseUnreadable(args: readonly unknown[], selection: readonly SubscriptionNode[]): void {
  if (unreadableMeant(args, selection) === undefined) return;
  vscode.window.setStatusBarMessage(vscode.l10n.t("What can't be read isn't changed"), 5000);
  throw new CancelledError();
}
