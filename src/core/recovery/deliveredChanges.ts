import { utf8DecodeStrict } from "../../base/bytes.ts";
import { hour } from "../../base/clock.ts";
import { decodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import type { InspectorFilter } from "../../protocol/inspector.ts";
import { type Notification, parseNotification } from "../../zoho/notification.ts";
import type { StoredEvent } from "../history/storedEvent.ts";
import type { DeliveredChange } from "./missedChanges.ts";

/** What is asked of the history. */
export interface DeliveredHistory {
  count(filter?: InspectorFilter): number;
  page(offset: number, limit: number, filter?: InspectorFilter): readonly StoredEvent[];
}

/** So many entries are read and parsed between two breaths of the extension host. */
const pageLength = 200;

/** Deliveries may come out of order; one that is later than others by more than this is taken for lost. */
const disorder = 12 * hour;

/**
 * The deliveries of one module of a channel since `since` (milliseconds since 1970, by the CRM's clock). Read from the
 * newest back, until a whole page is older than any disorder explains.
 */
export async function deliveredSince(
  history: DeliveredHistory,
  filter: InspectorFilter,
  since: number,
): Promise<DeliveredChange[]> {
  const found: DeliveredChange[] = [];
  for (let end = history.count(filter); end > 0; end -= pageLength) {
    const offset = Math.max(0, end - pageLength);
    const changes = history.page(offset, end - offset, filter).flatMap(changesOf);
    found.push(...changes.filter(({ serverTime }) => serverTime >= since));
    if (changes.length > 0 && changes.every(({ serverTime }) => serverTime < since - disorder)) break;
    await breath();
  }
  return found;
}

/** When the newest delivery of a channel was received; milliseconds since 1970. Looks through the newest entries only. */
export function lastDelivery(history: DeliveredHistory, channelId: string): number | undefined {
  const count = history.count({ channelId });
  const offset = Math.max(0, count - pageLength);
  return history.page(offset, count - offset, { channelId }).findLast(({ kind }) => kind === "request")?.receivedAt;
}

function changesOf(event: StoredEvent): DeliveredChange[] {
  const notification = notificationOf(event);
  if (notification === undefined) return [];
  const { operation, recordIds, serverTime = event.receivedAt } = notification;
  return recordIds.map(recordId => ({ recordId, operation, serverTime }));
}

function notificationOf(event: StoredEvent): Notification | undefined {
  if (event.kind !== "request" || event.unreadable !== undefined) return undefined;
  const request = decodeCapturedRequest(event.payload);
  const text = request.ok ? utf8DecodeStrict(request.value.body) : undefined;
  const parsed = text === undefined ? undefined : parseNotification(text);
  return parsed?.ok === true ? parsed.value : undefined;
}

async function breath(): Promise<void> {
  await new Promise<void>(resolve => void setImmediate(resolve));
}
