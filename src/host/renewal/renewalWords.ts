import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { RenewalMode, RenewalStatus } from "../../core/renewal/renewalStatus.ts";
import { remainingWords } from "../../core/subscriptions/channel.ts";
import { instantInFull } from "../instantWords.ts";

/** A row as it is shown, where room is short, and as it is read out. */
export interface RowWords {
  readonly shown: string;
  readonly spoken: string;
}

/**
 * A channel's row: where it points, its expiry, and its renewal where that is not as it should be. A row is cut at the edge,
 * so the last may be out of sight; when it is renewed next is in the tooltip.
 */
export function rowWithRenewal(
  expiry: string,
  target: string,
  status: RenewalStatus | undefined,
  now: number,
): RowWords {
  const renewal = renewalInRow(status, now);
  const spoken = [target, expiry, ...(renewal === undefined ? [] : [renewal])].join(" · ");
  const goesWell = status?.kind === "planned" && status.lastProblem === undefined && status.nextAttemptAt > now;
  return { shown: goesWell ? `${target} · ${expiry}` : spoken, spoken };
}

/** What a channel's row says of its renewal; undefined where nothing is to be expected. */
function renewalInRow(status: RenewalStatus | undefined, now: number): string | undefined {
  switch (status?.kind) {
    case undefined:
    case "not-ours":
    case "off":
    case "long-over":
      return undefined;
    case "stopped":
      return vscode.l10n.t("not renewed");
    case "ask":
      return status.askAt <= now ? vscode.l10n.t("asks to be renewed") : undefined;
    case "renewing":
      return vscode.l10n.t("renewing…");
    case "cannot":
      return vscode.l10n.t("cannot be renewed");
    case "planned":
      return plannedInRow(status.nextAttemptAt - now, status.lastProblem !== undefined);
    default:
      return assertNever(status);
  }
}

function plannedInRow(left: number, failed: boolean): string {
  if (left <= 0) return vscode.l10n.t("due for renewal");
  const words = remainingWords(left);
  return failed ? vscode.l10n.t("tries again in {0}", words) : vscode.l10n.t("renews in {0}", words);
}

/** The same in full, for the tooltip. */
export function renewalInFull(status: RenewalStatus | undefined): string {
  switch (status?.kind) {
    case undefined:
      return vscode.l10n.t("Not known yet");
    case "not-ours":
      return vscode.l10n.t("Not renewed automatically: created elsewhere. Adopt it to renew it from here.");
    case "off":
      return vscode.l10n.t("Not renewed automatically: automatic renewal is off for this connection.");
    case "long-over":
      return vscode.l10n.t("Not renewed automatically: it expired long ago. Create it again to have it back.");
    case "stopped":
      return vscode.l10n.t("Not renewed automatically: you turned that off for this subscription.");
    case "ask":
      return vscode.l10n.t("You are asked on {0}", instantInFull(status.askAt));
    case "renewing":
      return vscode.l10n.t("Renewing now");
    case "cannot":
      return vscode.l10n.t(
        "Cannot be renewed. {0} Next attempt on {1}",
        status.problem.message,
        instantInFull(status.nextAttemptAt),
      );
    case "planned":
      return plannedInFull(status);
    default:
      return assertNever(status);
  }
}

function plannedInFull({ nextAttemptAt, renewedAt, lastProblem }: Extract<RenewalStatus, { kind: "planned" }>): string {
  const next = vscode.l10n.t("Renews automatically on {0}", instantInFull(nextAttemptAt));
  const last = renewedAt === undefined ? [] : [vscode.l10n.t("last renewed on {0}", instantInFull(renewedAt))];
  const problem = lastProblem === undefined ? [] : [vscode.l10n.t("the last attempt failed: {0}", lastProblem.message)];
  return [next, ...last, ...problem].join("; ");
}

/** What the menu of a channel may offer: words of its context value. */
export function renewalContext(status: RenewalStatus | undefined): string {
  switch (status?.kind) {
    case undefined:
    case "off":
    case "long-over":
      return "";
    case "not-ours":
      return " adoptable";
    case "stopped":
      return " stopped";
    case "ask":
    case "renewing":
    case "cannot":
    case "planned":
      return " kept";
    default:
      return assertNever(status);
  }
}

/** A mode as a choice. */
export function modeWords(mode: RenewalMode): { readonly label: string; readonly detail: string } {
  switch (mode) {
    case "on":
      return {
        label: vscode.l10n.t("On"),
        detail: vscode.l10n.t(
          "This editor's subscriptions are renewed ahead of their end, or created again if expired.",
        ),
      };
    case "ask":
      return { label: vscode.l10n.t("Ask"), detail: vscode.l10n.t("You are asked when subscriptions are due.") };
    case "off":
      return { label: vscode.l10n.t("Off"), detail: vscode.l10n.t("Subscriptions end unless you renew them.") };
    default:
      return assertNever(mode);
  }
}
