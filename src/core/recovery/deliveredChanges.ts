import { utf8Decode } from "../../base/bytes.ts";
import { hour } from "../../base/clock.ts";
import { decodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import { type Notification, parseNotification } from "../../zoho/notification.ts";
import { type EventFilter, byName } from "../filter/eventFilter.ts";
import type { NotificationSubject, StoredEvent } from "../history/storedEvent.ts";
import type { DeliveredChange } from "./missedChanges.ts";

/** What is asked of the history. */
export interface DeliveredHistory {
  select(filter: EventFilter): DeliveredEvents;
}

/** Entries in order of arrival. */
interface DeliveredEvents {
  readonly count: number;
  page(offset: number, limit: number): readonly StoredEvent[];
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
  { channelId, module }: NotificationSubject,
  since: number,
): Promise<DeliveredChange[]> {
  const found: DeliveredChange[] = [];
  const events = history.select([byName("channel", channelId), byName("module", module)]);
  for (let end = events.count; end > 0; end -= pageLength) {
    const offset = Math.max(0, end - pageLength);
    const changes = events.page(offset, end - offset).flatMap(changesOf);
    found.push(...changes.filter(({ serverTime }) => serverTime >= since));
    if (changes.length > 0 && changes.every(({ serverTime }) => serverTime < since - disorder)) break;
    await breath();
  }
  return found;
}

/** When the newest delivery of a channel was received; milliseconds since 1970. Looks through the newest entries only. */
export function lastDelivery(history: DeliveredHistory, channelId: string): number | undefined {
  const events = history.select([byName("channel", channelId)]);
  const offset = Math.max(0, events.count - pageLength);
  return events.page(offset, pageLength).findLast(({ kind }) => kind === "request")?.receivedAt;
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
  const text = request.ok ? utf8Decode(request.value.body) : undefined;
  const parsed = text === undefined ? undefined : parseNotification(text);
  return parsed?.ok === true ? parsed.value : undefined;
}

async function breath(): Promise<void> {
  await new Promise<void>(resolve => void setImmediate(resolve));
}
