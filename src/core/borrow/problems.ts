import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Problem } from "../../base/problem.ts";
import { differenceWords } from "../subscriptions/differences.ts";
import type { Found } from "./giveBack.ts";
import type { Loan } from "./loan.ts";

export function expiredProblem(): Problem {
  return {
    code: "NOT_SUBSCRIBED",
    message: l10n.t(
      "Zoho no longer has this subscription, so there is nothing to borrow. Refresh to see what is there.",
    ),
    remedy: "refresh",
  };
}

export function alreadyHereProblem(): Problem {
  return {
    code: "ALREADY_HERE",
    message: l10n.t("This subscription sends to this editor already."),
    remedy: "none",
  };
}

export function alreadyBorrowedProblem(): Problem {
  return {
    code: "ALREADY_BORROWED",
    message: l10n.t("This subscription is borrowed already. Give it back first."),
    remedy: "none",
  };
}

export function busyProblem(): Problem {
  return {
    code: "BORROW_BUSY",
    message: l10n.t("Another window is giving this subscription back right now."),
    remedy: "none",
  };
}

export function noLoanProblem(): Problem {
  return {
    code: "NOT_BORROWED",
    message: l10n.t("This subscription is not borrowed, or has been given back."),
    remedy: "refresh",
  };
}

/** It could not be given back; what stood in the way says what to do. */
export function stuckProblem(loan: Loan, cause: Problem): Problem {
  return {
    ...cause,
    message: `${what(loan)} could not be given back and still sends here; it is tried again. ${cause.message}`,
    cause,
  };
}

/** Somebody changed the channel while it was borrowed. */
export function changedProblem(loan: Loan, found: Found): Problem {
  return { code: "CHANGED_MEANWHILE", message: `${what(loan)} ${foundWords(found)}`, remedy: "none" };
}

function foundWords(found: Found): string {
  switch (found.kind) {
    case "deleted":
      return "was deleted by somebody while it was borrowed. Create it again as it was, or leave it?";
    case "moved":
      return `was pointed at ${hostOf(found.notifyUrl)} by somebody while it was borrowed. Put back what was, or leave it?`;
    case "changed":
      return (
        `was changed by somebody while it was borrowed (${found.differences.map(differenceWords).join("; ")}). ` +
        `Keep that and give back the address, or put everything back as it was?`
      );
    default:
      return assertNever(found);
  }
}

function what({ original }: Loan): string {
  return `The subscription borrowed from ${hostOf(original.notifyUrl)}`;
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
