import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { given } from "../../base/given.ts";
import { utf8Decode, utf8DecodeStrict, utf8Encode } from "../../base/bytes.ts";
import { type CapturedRequest, decodeCapturedRequest, headerValue } from "../../protocol/capturedRequest.ts";
import type { EventContent } from "../../protocol/event.ts";
import type { EventDetail, EventRow } from "../../protocol/inspector.ts";
import { probeMarkerOf } from "../../protocol/probe.ts";
import type { UnreadableReason } from "../../protocol/sealing.ts";
import { type Notification, parseNotification } from "../../zoho/notification.ts";
import { type RecoveredPayload, decodeRecoveredPayload, recordText } from "../events/recoveredPayload.ts";
import type { StoredEvent, StoredRecovery, StoredRequest } from "../events/storedEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";
import { largestReadForRow, readWebhook, webhookSummary } from "../events/webhook.ts";
import { explain, warningAbout } from "./explanation.ts";

/** Of a larger body the inspector gets the first part only, in bytes: a page that stalls shows nothing at all. */
export const detailBodyLimit = 1024 * 1024;

/** The event as a row of the inspector's list. */
export function presentRow(event: StoredEvent, tokens: TokenVerifier): EventRow {
  return present(event, tokens).row;
}

/** The event as the inspector's detail pane shows it. */
export function presentDetail(event: StoredEvent, tokens: TokenVerifier): EventDetail {
  const { row, request, serverTime } = present(event, tokens);
  const warning = warningAbout(row.content);
  return {
    row,
    sequence: event.sequence,
    storedAt: event.storedAt,
    ...(event.kind === "request" && event.parentId !== undefined ? { parentId: event.parentId } : {}),
    ...(serverTime === undefined ? {} : { serverTime }),
    explanation: explain(row.content),
    ...(warning === undefined ? {} : { warning }),
    request: presentRequest(request),
    body: presentBody(request.body),
  };
}

/** What was sent, or what stands in its place: the record of what was recovered, the bytes of what cannot be read. */
export function bodyOf(event: StoredEvent): Uint8Array {
  return present(event, { verify: () => "unknown" }).request.body;
}

interface Presented {
  readonly row: EventRow;
  readonly request: CapturedRequest;
  readonly serverTime?: number | undefined;
}

const noRequest: CapturedRequest = { method: "", path: "", query: "", headers: [], body: new Uint8Array() };

function present(event: StoredEvent, tokens: TokenVerifier): Presented {
  if (event.kind === "gap") {
    const { count, reason } = event;
    return { row: rowOf(event, 0, { kind: "gap", count, reason }), request: noRequest };
  }
  if (event.kind === "recovered") return presentRecovery(event);
  if (event.unreadable !== undefined) return presentUndecodable(event, unreadableSentence(event.unreadable));
  const decoded = decodeCapturedRequest(event.payload);
  return decoded.ok ? presentCaptured(event, decoded.value, tokens) : presentUndecodable(event, damagedSentence());
}

function presentCaptured(event: StoredRequest, request: CapturedRequest, tokens: TokenVerifier): Presented {
  const bytes = request.body.byteLength;
  const parsed = parseNotification(utf8Decode(request.body));
  if (!parsed.ok) {
    if (utf8DecodeStrict(request.body) === undefined) {
      return { row: rowOf(event, bytes, contentOfBinary(request)), request };
    }
    const unreadable = parsed.error.kind === "unreadable";
    const content = unreadable ? { kind: parsed.error.kind, problem: parsed.error.message } : contentOfOther(request);
    return { row: rowOf(event, bytes, content), request };
  }
  const notification = parsed.value;
  const content = contentOfNotification(notification, tokens);
  return { row: rowOf(event, bytes, content), request, serverTime: notification.serverTime };
}

function damagedSentence(): string {
  return l10n.t("The stored event is damaged and cannot be read; its bytes are shown as they are.");
}

function unreadableSentence(reason: UnreadableReason): string {
  switch (reason) {
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
      return assertNever(reason);
  }
}

function presentRecovery(event: StoredRecovery): Presented {
  const payload = decodeRecoveredPayload(event.payload);
  if (payload === undefined) return presentUndecodable(event, damagedSentence());
  const body = utf8Encode(recordText(payload));
  const row = rowOf(event, body.byteLength, contentOfRecovery(event, payload));
  return { row, request: { ...noRequest, body }, serverTime: event.changedAt };
}

function contentOfRecovery(event: StoredRecovery, { changedBy, name, origin }: RecoveredPayload): EventContent {
  const { operation, recordId, changedAt, subject } = event;
  return {
    kind: "recovered",
    operation,
    module: subject.module,
    recordId,
    channelId: subject.channelId,
    changedAt,
    ...(changedBy === undefined ? {} : { changedBy }),
    ...(name === undefined ? {} : { name }),
    ...(origin === undefined ? {} : { origin }),
  };
}

function presentUndecodable(event: StoredRequest | StoredRecovery, problem: string): Presented {
  const row = rowOf(event, event.payload.byteLength, { kind: "unreadable", problem });
  return { row, request: { ...noRequest, body: event.payload } };
}

function rowOf(event: StoredEvent, bytes: number, content: EventContent): EventRow {
  const { id, receivedAt, source, pinned, handling } = event;
  return {
    ...{ id, receivedAt, bytes, content, source },
    ...(pinned === undefined ? {} : { pinned }),
    ...(handling === undefined ? {} : { handling }),
  };
}

function contentOfNotification(notification: Notification, tokens: TokenVerifier): EventContent {
  const { operation, module, channelId, unread } = notification;
  return {
    kind: "notification",
    ...given({ operation, module, channelId }),
    recordIds: [...notification.recordIds],
    changedFields: [...new Set(notification.changes.flatMap(change => change.fields))],
    verification: verificationOf(notification, tokens),
    ...(unread.length === 0 ? {} : { unread: [...unread] }),
  };
}

function contentOfBinary(request: CapturedRequest): EventContent {
  if (!/[/+]json\b/i.test(contentTypeOf(request))) return contentOfOther(request);
  return { kind: "unreadable", problem: l10n.t("The body claims to be JSON, but its bytes are not UTF-8 text.") };
}

function contentOfOther(request: CapturedRequest): EventContent {
  const { method, path } = request;
  const other = { kind: "other", method, path, contentType: contentTypeOf(request) } as const;
  if (probeMarkerOf(request) !== undefined) return { ...other, probe: true };
  return { ...other, summary: webhookSummary(readWebhook(request, largestReadForRow)) };
}

function contentTypeOf(request: CapturedRequest): string {
  return headerValue(request, "content-type") ?? "";
}

function presentRequest(request: CapturedRequest): EventDetail["request"] {
  const { method, path, query } = request;
  return { method, path, query, headers: request.headers.map(([name, value]) => [name, value]) };
}

function presentBody(body: Uint8Array): EventDetail["body"] {
  const truncated = body.byteLength > detailBodyLimit;
  const shown = truncated ? body.subarray(0, detailBodyLimit) : body;
  if (utf8DecodeStrict(body) === undefined) return { base64: Buffer.from(shown).toString("base64"), truncated };
  return { text: truncated ? withoutSplitCharacter(utf8Decode(shown)) : utf8Decode(shown), truncated };
}

/** A cut through the bytes of one character leaves replacement characters at the end. */
function withoutSplitCharacter(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}
