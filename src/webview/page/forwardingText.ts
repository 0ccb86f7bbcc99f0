import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { ForwardingState } from "../../protocol/inspector.ts";
import { formatNumber } from "../text/format.ts";
import type { Badge } from "../text/rowText.ts";
import { visibleLine } from "../text/visibleText.ts";

/** Whether and where to events are sent on, in a few words. */
export function forwardingBadge({ kind, targets }: ForwardingState): Badge {
  switch (kind) {
    case "off":
      return { icon: "circle-slash", word: l10n.t("Not forwarding"), tone: "quiet" };
    case "paused":
      return { icon: "debug-pause", word: l10n.t("Forwarding paused"), tone: "warning" };
    case "on":
      return { icon: "arrow-right", word: targetsInWords(targets), tone: "good" };
    default:
      return assertNever(kind);
  }
}

function targetsInWords(targets: readonly string[]): string {
  const [only] = targets;
  if (only === undefined) return l10n.t("Forwarding");
  return targets.length === 1 ? visibleLine(only) : l10n.t("{0} targets", formatNumber(targets.length));
}

/** What the pointer is told of it. */
export function describeForwarding({ kind, targets }: ForwardingState): string {
  const list = targets.map(visibleLine).join("\n");
  switch (kind) {
    case "off":
      return l10n.t("Events are not sent to a local handler.");
    case "paused":
      return l10n.t("Sending to a local handler is paused:\n{0}", list);
    case "on":
      return l10n.t("Events are sent to:\n{0}", list);
    default:
      return assertNever(kind);
  }
}

/** What is asked about the events that came in while nobody was here. */
export function heldQuestion({ held, behind }: Pick<ForwardingState, "held" | "behind">): string {
  const question =
    held === 1
      ? l10n.t("1 event came in while you were away and was not sent to the handler.")
      : l10n.t("{0} events came in while you were away and were not sent to the handler.", formatNumber(held));
  if (behind === 0) return question;
  const waiting =
    behind === 1
      ? l10n.t("1 newer event of the same records waits behind it.")
      : l10n.t("{0} newer events of the same records wait behind them.", formatNumber(behind));
  return `${question} ${waiting}`;
}
