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

/** A loan that is not on the disk would not be given back after a crash. */
export function notKeptProblem(): Problem {
  return {
    code: "LOAN_NOT_KEPT",
    message: l10n.t(
      "Borrowing is off because the file that the windows share cannot be opened. The editor keeps trying; the log has the cause.",
    ),
    remedy: "open-log",
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
  const message = l10n.t(
    "The subscription borrowed from {0} could not be given back and still sends here; it is tried again. {1}",
    lenderOf(loan),
    cause.message,
  );
  return { ...cause, message, cause };
}

/** It was given back, and is not as it should be; `warnings` say how. */
export function amissProblem(loan: Loan, warnings: readonly Problem[]): Problem {
  const message = l10n.t(
    "The subscription borrowed from {0} was given back, but isn't as it was. {1}",
    lenderOf(loan),
    warnings.map(({ message }) => message).join(" "),
  );
  return { code: "BACK_AMISS", message, remedy: "none" };
}

/** It is there again, but not with all that it had: Zoho left that out, or whoever made it. */
export function backWithoutProblem(modules: readonly string[]): Problem {
  return { code: "BACK_WITHOUT", message: l10n.t("It is back without {0}.", modules.join(", ")), remedy: "none" };
}

/** The channel was changed while it was borrowed, by whomever: the person at this editor may edit it too. */
export function changedProblem(loan: Loan, found: Found): Problem {
  return { code: "CHANGED_MEANWHILE", message: changedSentence(lenderOf(loan), found), remedy: "none" };
}

function changedSentence(lender: string, found: Found): string {
  switch (found.kind) {
    case "deleted":
      return l10n.t(
        "The subscription borrowed from {0} was deleted while it was borrowed. Create it again as it was, or leave it?",
        lender,
      );
    case "moved":
      return l10n.t(
        "The subscription borrowed from {0} was pointed at {1} while it was borrowed. Put back what was, or leave it?",
        lender,
        hostOf(found.notifyUrl),
      );
    case "changed":
      return l10n.t(
        "The subscription borrowed from {0} was changed while it was borrowed ({1}). " +
          "Keep that and give back the address, or put everything back as it was?",
        lender,
        found.differences.map(differenceWords).join("; "),
      );
    default:
      return assertNever(found);
  }
}

function lenderOf({ original }: Loan): string {
  return hostOf(original.notifyUrl);
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
