import { assertNever } from "../../base/assertNever.ts";
import type { RowContent, Verification } from "../../protocol/inspector.ts";

/** What to make of a row, in full sentences: why a notification is or is not verified, or what else the request is. */
export function explain(content: RowContent): string {
  switch (content.kind) {
    case "notification":
      return explainVerification(content.verification, content.channelId);
    case "other":
      if (content.probe === true) return probeSentence;
      return (
        "This request is not a Zoho CRM notification: those are JSON with the fields server_time, channel_id, ids " +
        "and operation."
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

function explainVerification(verification: Verification, channelId: string): string {
  switch (verification) {
    case "verified":
      return `The token is the one set for channel ${channelId}, so the event came from that subscription.`;
    case "mismatch":
      return (
        `The token is not the one set for channel ${channelId}. Either someone else sent this request, or the token ` +
        "was changed elsewhere: refresh the subscriptions to learn it."
      );
    case "absent":
      return (
        `The event carries no token, so nothing proves that it came from channel ${channelId}. Zoho leaves the token ` +
        "out of some deletions, and of channels that were renewed without it."
      );
    case "unknown":
      return (
        `No token is known for channel ${channelId}: the subscription belongs to an account that is not signed in ` +
        "here, has no token, or was deleted."
      );
    default:
      return assertNever(verification);
  }
}

function explainGap(count: number, reason: "retention" | "reset"): string {
  if (reason === "reset") return resetSentence;
  const gone = count === 1 ? "1 event is gone" : `${count.toLocaleString("en")} events are gone`;
  return `${gone}: the relay no longer kept ${count === 1 ? "it" : "them"} when this editor came to read.`;
}

function explainRecovery({ operation, channelId, origin }: RowContent & { kind: "recovered" }): string {
  const found = `No delivery of channel ${channelId} told of this change; it was found in the CRM itself.`;
  switch (operation) {
    case "create":
      return (
        `${found} The record is shown as it was when it was found: whether and how often it was edited before that ` +
        "cannot be known."
      );
    case "edit":
      return (
        `${found} The record is shown as it was when it was found: which fields this edit changed, their values ` +
        "before it, and edits before it cannot be known."
      );
    case "delete":
      return `${found} The fields of the record are gone with it. ${originSentences[origin ?? "unknown"]}`;
    default:
      return assertNever(operation);
  }
}

const originSentences = {
  within: "It had also been created in the time that was missed.",
  before: "It had been created before the time that was missed.",
  unknown: "Whether it had also been created in the time that was missed cannot be known.",
} as const;

const probeSentence =
  "This is a test event, not a change in the CRM: Diagnose posted it to the address for notifications to see whether it " +
  "arrives here.";

const resetSentence =
  "The relay's log was reset, or restored from an older copy. Events that it took between then and now may be missing " +
  "here: compare with the CRM where it matters.";
