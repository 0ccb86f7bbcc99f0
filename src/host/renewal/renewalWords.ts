import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { RenewalMode, RenewalStatus } from "../../core/renewal/renewalStatus.ts";
import { remainingWords } from "../../core/subscriptions/channel.ts";

/** A row as it is shown, where room is short, and as it is read out. */
export interface RowWords {
  readonly shown: string;
  readonly spoken: string;
}

/** A channel's row: its expiry, its renewal and where it points; a row is cut at the edge, so the last may be out of sight. */
export function rowWithRenewal(
  expiry: string,
  target: string,
  status: RenewalStatus | undefined,
  now: number,
): RowWords {
  const renewal = renewalInRow(status, now);
  const spoken = [expiry, ...(renewal === undefined ? [] : [renewal]), target].join(" · ");
  const goesWell = status?.kind === "planned" && status.lastProblem === undefined && status.nextAttemptAt > now;
  if (!goesWell) return { shown: spoken, spoken };
  return { shown: `${expiry} ↻ ${remainingWords(status.nextAttemptAt - now)} · ${target}`, spoken };
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
      return vscode.l10n.t("not known yet");
    case "not-ours":
      return vscode.l10n.t("no: made by somebody else. Adopt it to keep it alive from here.");
    case "off":
      return vscode.l10n.t("no: automatic renewal is off for this connection.");
    case "long-over":
      return vscode.l10n.t("no: it expired long ago. Create it again to have it back.");
    case "stopped":
      return vscode.l10n.t("no: you let it end.");
    case "ask":
      return vscode.l10n.t("you are asked on {0}", absolute(status.askAt));
    case "renewing":
      return vscode.l10n.t("under way");
    case "cannot":
      return vscode.l10n.t(
        "cannot be done. {0} Next attempt on {1}",
        status.problem.message,
        absolute(status.nextAttemptAt),
      );
    case "planned":
      return plannedInFull(status);
    default:
      return assertNever(status);
  }
}

function plannedInFull({ nextAttemptAt, renewedAt, lastProblem }: Extract<RenewalStatus, { kind: "planned" }>): string {
  const next = vscode.l10n.t("by itself on {0}", absolute(nextAttemptAt));
  const last = renewedAt === undefined ? [] : [vscode.l10n.t("last renewed on {0}", absolute(renewedAt))];
  const problem = lastProblem === undefined ? [] : [vscode.l10n.t("the last attempt failed: {0}", lastProblem.message)];
  return [next, ...last, ...problem].join("; ");
}

function absolute(instant: number): string {
  return new Date(instant).toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
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
        detail: vscode.l10n.t("This editor's subscriptions are renewed ahead of their end, or made again if expired."),
      };
    case "ask":
      return { label: vscode.l10n.t("Ask"), detail: vscode.l10n.t("You are asked when subscriptions are due.") };
    case "off":
      return { label: vscode.l10n.t("Off"), detail: vscode.l10n.t("Subscriptions end unless you renew them.") };
    default:
      return assertNever(mode);
  }
}
