import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { ForwardingState } from "../../protocol/inspector.ts";
import { commandIds } from "../names.ts";

/** Where events are sent on to, a line each. */
export function forwardingSentences({ kind, targets, held, behind }: ForwardingState): string[] {
  const t = vscode.l10n.t;
  return [
    ...(kind === "paused"
      ? [t("Forwarding is stopped. New events are held.")]
      : targets.map(target => t("Forwarding: {0}", target))),
    ...(held === 0 ? [] : [t("{0} events wait to be sent.", held)]),
    ...(behind === 0 ? [] : [t("{0} newer events of the same records wait behind them.", behind)]),
  ];
}

/** What to do about forwarding now. */
export function forwardingLink({ kind }: ForwardingState): vscode.Command {
  const t = vscode.l10n.t;
  switch (kind) {
    case "off":
      return { title: t("Forward events"), command: commandIds.forwardEvents };
    case "on":
      return { title: t("Stop forwarding"), command: commandIds.stopForwarding };
    case "paused":
      return { title: t("Resume forwarding"), command: commandIds.resumeForwarding };
    default:
      return assertNever(kind);
  }
}
