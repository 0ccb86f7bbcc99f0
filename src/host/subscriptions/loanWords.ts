import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { LateReturn, ShownLoan } from "../../core/borrow/borrowing.ts";
import type { LoanTerms } from "../../core/borrow/loan.ts";
import { remainingWords } from "../../core/subscriptions/channel.ts";
import { withoutRepetition } from "../../core/subscriptions/channelDetails.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import { instantInFull, timeOfDay } from "../instantWords.ts";

/** What the row of a borrowed channel says instead of where its events go. */
export function loanInRow({ loan, status, dueAt }: ShownLoan): string {
  const owner = ownerOf(loan);
  switch (status.kind) {
    case "out":
      return loan.until === undefined
        ? vscode.l10n.t("borrowed · back to {0}", owner)
        : vscode.l10n.t("borrowed until {0} · back to {1}", timeOfDay(dueAt), owner);
    case "returning":
      return vscode.l10n.t("giving back to {0}…", owner);
    case "stuck":
      return vscode.l10n.t("not given back yet · {0}", owner);
    case "undecided":
      return vscode.l10n.t("changed while borrowed · {0}", owner);
    default:
      return assertNever(status);
  }
}

/** What the tooltip adds to it. */
export function loanInFull({ loan, status, dueAt }: ShownLoan): string {
  if (status.kind === "stuck") {
    return vscode.l10n.t("{0} Next try at {1}.", status.problem.message, timeOfDay(status.retryAt));
  }
  if (status.kind === "undecided") return status.problem.message;
  const when =
    loan.until === undefined
      ? vscode.l10n.t("until you give it back, or shortly before it expires")
      : vscode.l10n.t("until {0}", instantInFull(dueAt));
  return vscode.l10n.t("{0}; then it goes back to {1}", when, loan.original.notifyUrl);
}

export function loanIcon({ status }: ShownLoan): vscode.ThemeIcon {
  return status.kind === "stuck" || status.kind === "undecided"
    ? new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"))
    : new vscode.ThemeIcon("arrow-swap", new vscode.ThemeColor("charts.blue"));
}

/** What a window says that opened and gave back what was left behind. */
export function lateReturnWords({ loan, missedFor }: LateReturn): string {
  const modules = withoutRepetition(loan.original.events.map(moduleOf)).join(", ");
  return vscode.l10n.t(
    "The subscription to {0} was still borrowed when the editor closed: {1} has it back now, after {2} without its events.",
    modules,
    ownerOf(loan),
    remainingWords(Math.max(missedFor, 1)),
  );
}

/** Where the channel of a loan sends when it is not here. */
export function ownerOf({ original }: LoanTerms): string {
  return URL.canParse(original.notifyUrl) ? new URL(original.notifyUrl).host : original.notifyUrl;
}
