import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { given } from "../../base/given.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import type { EventContent, Verification } from "../../protocol/event.ts";
import type { Notification } from "../../zoho/notification.ts";
import type { BodyFault, DecodedBody } from "./decodedBody.ts";
import { firstOf, notificationNames } from "./notificationNames.ts";
import type { ReadEvent, RequestReading } from "./readEvent.ts";
import { largestReadForRow, readWebhook, webhookSummary } from "./webhook.ts";

/** So many records and fields are named in a row; the others are counted. */
const mostShown = 100;

/** What a row says of an event. */
export function contentOf(read: ReadEvent, verification: Verification): EventContent {
  switch (read.kind) {
    case "request":
      return contentOfRequest(read.request, read.reading, verification);
    case "recovered":
      return contentOfRecovery(read);
    case "gap":
      return { kind: "gap", count: read.event.count, reason: read.event.reason };
    case "undecodable":
      return { kind: "unreadable", problem: undecodableSentence(read.why) };
    default:
      return assertNever(read);
  }
}

function contentOfRequest(request: CapturedRequest, reading: RequestReading, verification: Verification): EventContent {
  switch (reading.kind) {
    case "notification":
      return contentOfNotification(reading.notification, verification);
    case "webhook":
      return { ...otherOf(request, reading.body), summary: summaryOf(request, reading.body) };
    case "probe":
      return { ...otherOf(request, reading.body), probe: true };
    case "unreadable":
      return { kind: "unreadable", problem: faultSentence(reading.fault) };
    default:
      return assertNever(reading);
  }
}

function contentOfNotification(notification: Notification, verification: Verification): EventContent {
  const { operation, module, channelId, ...lists } = notificationNames(notification);
  const [records, fields] = [firstOf(lists.records, mostShown), firstOf(lists.fields, mostShown)];
  const { unread } = notification;
  return {
    kind: "notification",
    ...given({ operation, module, channelId }),
    recordIds: [...records.names],
    ...(records.more === 0 ? {} : { moreRecords: records.more }),
    changedFields: [...fields.names],
    ...(fields.more === 0 ? {} : { moreFields: fields.more }),
    verification,
    ...(unread.length === 0 ? {} : { unread: [...unread] }),
  };
}

function otherOf({ method, path }: CapturedRequest, { contentType }: DecodedBody): EventContent & { kind: "other" } {
  return { kind: "other", method, path, contentType };
}

function summaryOf(request: CapturedRequest, body: DecodedBody): string {
  return webhookSummary(readWebhook(request, body, largestReadForRow));
}

function contentOfRecovery({ event, payload }: ReadEvent & { kind: "recovered" }): EventContent {
  const { operation, recordId, changedAt, subject } = event;
  const { changedBy, name, origin } = payload;
  return {
    kind: "recovered",
    operation,
    module: subject.module,
    recordId,
    channelId: subject.channelId,
    changedAt,
    ...given({ changedBy, name, origin }),
  };
}

/** What is wrong with a body, in a sentence. */
export function faultSentence(fault: BodyFault): string {
  switch (fault.kind) {
    case "json":
      return fault.position === undefined
        ? l10n.t("The body begins like JSON but is broken.")
        : l10n.t("The body begins like JSON but is broken at character {0}.", fault.position + 1);
    case "not-text":
      return l10n.t("The body claims to be JSON, but its bytes are not text.");
    case "coding-unknown":
      return l10n.t("The header Content-Encoding names {0}, which is not known here.", fault.name);
    case "coding-damaged":
      return l10n.t("The body is not the {0} that its header names, or only a part of it.", fault.name);
    case "too-large":
      return l10n.t("The body is too large to be read in full. Its bytes are kept as they came.");
    case "charset-unknown":
      return l10n.t("The header Content-Type names the charset {0}, which is not known here.", fault.name);
    case "multipart":
      return l10n.t("The form breaks the rules of multipart. What could be read of it is here.");
    default:
      return assertNever(fault);
  }
}

function undecodableSentence(why: (ReadEvent & { kind: "undecodable" })["why"]): string {
  switch (why) {
    case "stored-form":
      return l10n.t("The stored event is damaged and cannot be read; its bytes are shown as they are.");
    case "no-key":
      return l10n.t(
        "This event was sealed to a key that this editor does not have, so it cannot be read; its sealed bytes are " +
          "shown as they are. Another client of the channel may have set that key.",
      );
    case "damaged":
      return l10n.t(
        "This event's seal is broken: it was changed after the relay took it, or never sealed for this channel. Its " +
          "bytes are shown as they are.",
      );
    default:
      return assertNever(why);
  }
}
