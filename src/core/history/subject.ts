import { utf8DecodeStrict } from "../../base/bytes.ts";
import { decodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import { parseNotification } from "../../zoho/notification.ts";
import type { NotificationSubject } from "./storedEvent.ts";

/** Which Zoho channel and module a captured request notifies of; undefined when it is not a notification. */
export function subjectOf(payload: Uint8Array): NotificationSubject | undefined {
  const request = decodeCapturedRequest(payload);
  const body = request.ok ? utf8DecodeStrict(request.value.body) : undefined;
  if (body === undefined) return undefined;
  const notification = parseNotification(body);
  if (!notification.ok) return undefined;
  const { channelId, module } = notification.value;
  return { channelId, module };
}
