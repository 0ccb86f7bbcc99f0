import { setImmediate } from "node:timers/promises";
import { hour } from "../../base/clock.ts";
import type { Notification } from "../../zoho/notification.ts";
import { type EventFilter, byName } from "../filter/eventFilter.ts";
import type { NotificationSubject, StoredEvent } from "../events/storedEvent.ts";
import { notificationOf, readEvent } from "../events/readEvent.ts";
import { type TokenVerifier, isGenuine, verificationOf } from "../events/verification.ts";
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

/** What tells which changes arrived. */
export interface DeliverySources {
  readonly history: DeliveredHistory;
  /** Anybody can post to the address: only who knows the channel's token is Zoho. */
  readonly tokens: TokenVerifier;
}

/** So many entries are read at a time. */
const pageLength = 200;

/** After so many milliseconds of work the extension host sees to other things: some entries take much longer than others. */
const longestStretch = 20;

/**
 * More than a notification has, in bytes, and that where something between Zoho and the relay compressed it: strangers
 * send a little that becomes very much.
 */
const largestUndone = 256 * 1024;

/** Deliveries may come out of order; one that is later than others by more than this is taken for lost. */
const disorder = 12 * hour;

/**
 * The deliveries of one module of a channel since `since` (milliseconds since 1970, by the CRM's clock). Read from the
 * newest back, until a whole page is older than any disorder explains.
 */
export async function deliveredSince(
  { history, tokens }: DeliverySources,
  { channelId, module }: NotificationSubject,
  since: number,
): Promise<DeliveredChange[]> {
  const found: DeliveredChange[] = [];
  const events = history.select([byName("channel", channelId), byName("module", module)]);
  const breathe = breather();
  for (const page of pagesBack(events)) {
    const changes: DeliveredChange[] = [];
    for (const event of page) {
      changes.push(...changesOf(event, tokens));
      await breathe();
    }
    found.push(...changes.filter(({ serverTime }) => serverTime >= since));
    if (changes.length > 0 && changes.every(({ serverTime }) => serverTime < since - disorder)) break;
  }
  return found;
}

/** When the newest delivery of a channel was received; milliseconds since 1970. Read from the newest entry back. */
export async function lastDelivery(
  { history, tokens }: DeliverySources,
  channelId: string,
): Promise<number | undefined> {
  const breathe = breather();
  for (const page of pagesBack(history.select([byName("channel", channelId)]))) {
    for (const event of page.toReversed()) {
      if (deliveryOf(event, tokens) !== undefined) return event.receivedAt;
      await breathe();
    }
  }
  return undefined;
}

/** From the newest page back, each in order of arrival. */
function* pagesBack(events: DeliveredEvents): Generator<readonly StoredEvent[]> {
  for (let end = events.count; end > 0; end -= pageLength) {
    const offset = Math.max(0, end - pageLength);
    yield events.page(offset, end - offset);
  }
}

function changesOf(event: StoredEvent, tokens: TokenVerifier): DeliveredChange[] {
  const notification = deliveryOf(event, tokens);
  if (notification === undefined) return [];
  const { operation, recordIds, serverTime = event.receivedAt } = notification;
  return recordIds.map(recordId => ({ recordId, operation, serverTime }));
}

/** The notification, where Zoho sent it: not what was made on this machine, and not what anybody else posted. */
function deliveryOf(event: StoredEvent, tokens: TokenVerifier): Notification | undefined {
  if (event.source !== "delivered") return undefined;
  const read = readEvent(event, largestUndone);
  const notification = notificationOf(read);
  return isGenuine(verificationOf(read, tokens), notification?.operation) ? notification : undefined;
}

/** Waits where there was no breath for long. */
function breather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < longestStretch) return;
    await setImmediate();
    since = performance.now();
  };
}
