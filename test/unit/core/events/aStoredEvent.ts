import { readEvent, type ReadEvent } from "../../../../src/core/events/readEvent.ts";
import type { StoredRecovery, StoredRequest } from "../../../../src/core/events/storedEvent.ts";
import { encodeRecoveredPayload } from "../../../../src/core/events/recoveredPayload.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { capturedPost } from "../../../support/eventBodies.ts";

const place = { id: 1, sequence: 1, receivedAt: 1_000, storedAt: 1_000 };

/** A request as the history has it. */
export function aStoredRequest(
  body: string | Uint8Array,
  request: Partial<CapturedRequest> = {},
  stored: Partial<StoredRequest> = {},
): StoredRequest {
  return { kind: "request", ...place, source: "delivered", payload: capturedPost(body, request), ...stored };
}

/** The same, read. */
export function aReadRequest(...parts: Parameters<typeof aStoredRequest>): ReadEvent {
  return readEvent(aStoredRequest(...parts));
}

/** A change that was found in the CRM, as the history has it. */
export const aStoredRecovery: StoredRecovery = {
  kind: "recovered",
  ...place,
  source: "recovered",
  operation: "edit",
  recordId: "1",
  changedAt: 900,
  subject: { channelId: "7", module: "Deals" },
  payload: encodeRecoveredPayload({ changedBy: "Ann", record: { id: "1", Amount: "12345678901234567890" } }),
};

/** A gap, read. */
export const aReadGap: ReadEvent = {
  kind: "gap",
  event: { kind: "gap", ...place, source: "gap", count: 2, reason: "retention" },
};
