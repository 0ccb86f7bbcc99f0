import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { EventContent, Operation, Verification, Webhook } from "../../protocol/event.ts";

/** What to make of a row, in full sentences: why a notification is or is not verified, or what else the request is. */
export function explain(content: EventContent): string {
  switch (content.kind) {
    case "notification":
      return verificationSentence(content);
    case "other":
      if (content.probe === true) return probeSentence();
      return l10n.t(
        "This request is not a Zoho CRM notification: those are JSON with the fields server_time, channel_id, ids " +
          "and operation.",
      );
    case "unreadable":
      return content.problem;
    case "recovered":
      return explainRecovery(content);
    case "gap":
      return explainGap(content.count, content.reason);
    default:
      return assertNever(content);
  }
}

/** What to make of a request that is no notification, in full sentences. */
export function explainWebhook({ plausible }: Webhook): string {
  return plausible
    ? l10n.t(
        "This request is no notification of a subscription. It may be a workflow webhook: a workflow rule sends what its author chose, unsigned, so nothing proves where it came from.",
      )
    : l10n.t(
        "This request is no notification of a subscription, and its headers are those of a browser or a tool rather than of a workflow rule.",
      );
}

function verificationSentence({ verification, channelId }: EventContent & { kind: "notification" }): string {
  return channelId === undefined ? channellessSentence() : explainVerification(verification, channelId);
}

function channellessSentence(): string {
  return l10n.t("The event names no channel, so nothing proves that it came from a subscription.");
}

/** What of a row could not be read, in a sentence; undefined where all of it could. */
export function warningAbout(content: EventContent): string | undefined {
  const { unread = [] } = content.kind === "notification" ? content : {};
  if (unread.length === 0) return undefined;
  const names = unread.map(name => l10n.t("“{0}”", name)).join(", ");
  return unread.length === 1
    ? l10n.t("Part {0} is missing or has a form that this version does not know; the rest was read.", names)
    : l10n.t("Parts {0} are missing or have a form that this version does not know; the rest was read.", names);
}

function explainVerification(verification: Verification, channelId: string): string {
  switch (verification) {
    case "verified":
      return l10n.t("The token is the one set for channel {0}, so the event came from that subscription.", channelId);
    case "mismatch":
      return l10n.t(
        "The token is not the one set for channel {0}. Either someone else sent this request, or the token " +
          "was changed elsewhere: refresh the subscriptions to learn it.",
        channelId,
      );
    case "absent":
      return l10n.t(
        "The event carries no token, so nothing proves that it came from channel {0}. Zoho leaves the token " +
          "out of some deletions, and of channels that were renewed without it.",
        channelId,
      );
    case "unknown":
      return l10n.t(
        "No token is known for channel {0}: the subscription belongs to an account that is not signed in " +
          "here, has no token, or was deleted.",
        channelId,
      );
    default:
      return assertNever(verification);
  }
}

function explainGap(count: number, reason: "retention" | "reset"): string {
  if (reason === "reset") return resetSentence();
  return count === 1
    ? l10n.t("1 event is gone: the relay no longer kept it when this editor came to read.")
    : l10n.t(
        "{0} events are gone: the relay no longer kept them when this editor came to read.",
        count.toLocaleString("en"),
      );
}

function explainRecovery({ operation, channelId, origin }: EventContent & { kind: "recovered" }): string {
  const found = l10n.t("No delivery of channel {0} told of this change; it was found in the CRM itself.", channelId);
  return `${found} ${limitsOf(operation, origin ?? "unknown")}`;
}

function limitsOf(operation: Operation, origin: "within" | "before" | "unknown"): string {
  switch (operation) {
    case "create":
      return l10n.t(
        "The record is shown as it was when it was found: whether and how often it was edited before that cannot be known.",
      );
    case "edit":
      return l10n.t(
        "The record is shown as it was when it was found: which fields this edit changed, their values before it, " +
          "and edits before it cannot be known.",
      );
    case "delete":
      return `${l10n.t("The fields of the record are gone with it.")} ${originSentence(origin)}`;
    default:
      return assertNever(operation);
  }
}

function originSentence(origin: "within" | "before" | "unknown"): string {
  switch (origin) {
    case "within":
      return l10n.t("It had also been created in the time that was missed.");
    case "before":
      return l10n.t("It had been created before the time that was missed.");
    case "unknown":
      return l10n.t("Whether it had also been created in the time that was missed cannot be known.");
    default:
      return assertNever(origin);
  }
}

function probeSentence(): string {
  return l10n.t(
    "This is a test event, not a change in the CRM: Diagnose posted it to the address for notifications to see whether " +
      "it arrives here.",
  );
}

function resetSentence(): string {
  return l10n.t(
    "The relay's log was reset, or restored from an older copy. Events that it took between then and now may be " +
      "missing here: compare with the CRM where it matters.",
  );
}
