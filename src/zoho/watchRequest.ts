import { type RemoveEventsRequest, type RenewRequest, type SubscribeRequest, moduleOf } from "./subscription.ts";
import { formatTime } from "./wire.ts";

/** The body of POST and PUT on `/actions/watch`: channels, each with the events of all its modules. */
export function subscribeBody(...requests: readonly SubscribeRequest[]): string {
  return watchBody(requests.map(subscribeItem));
}

function subscribeItem(request: SubscribeRequest): WatchItem {
  return {
    channel_id: request.channelId,
    events: inShort(request.events),
    notify_url: request.notifyUrl,
    channel_expiry: formatTime(request.expiresAt),
    token: request.token,
    notify_on_related_action: request.notifyOnRelatedAction,
    return_affected_field_values: request.returnAffectedFieldValues,
    notification_condition: request.notificationCondition,
  };
}

/** The body of the PATCH that prolongs channels, and changes what else the requests name. */
export function renewBody(...requests: readonly RenewRequest[]): string {
  return watchBody(requests.map(renewItem));
}

function renewItem(request: RenewRequest): WatchItem {
  return {
    channel_id: request.channelId,
    events: inShort(request.events),
    channel_expiry: formatTime(request.expiresAt),
    token: request.token,
    notify_url: request.notifyUrl,
    notify_on_related_action: request.notifyOnRelatedAction,
    return_affected_field_values: request.returnAffectedFieldValues,
    notification_condition: request.notificationCondition,
  };
}

/** The body of the PATCH that takes events from a channel. */
export function removeEventsBody(request: RemoveEventsRequest): string {
  return watchBody([
    {
      channel_id: request.channelId,
      events: inShort(request.events),
      notify_url: request.notifyUrl,
      token: request.token,
      _delete_events: true,
    },
  ]);
}

/** Zoho takes so many events for one channel (OpenAPI v8.0, notifications, `maxItems` of `events`). */
const mostEvents = 50;

const operations = ["create", "edit", "delete"];

/** Too many events, with `.all` for each module of which everything is watched; GET writes that out again. */
function inShort(events: readonly string[]): readonly string[] {
  if (events.length <= mostEvents) return events;
  const isWhole = (module: string): boolean => operations.every(each => events.includes(`${module}.${each}`));
  const short = events.map(event => (isWhole(moduleOf(event)) ? `${moduleOf(event)}.all` : event));
  return [...new Set(short)];
}

type WatchItem = Readonly<Record<string, unknown>>;

/** Ids go as strings, which Zoho takes; what is undefined is left out. */
function watchBody(items: readonly WatchItem[]): string {
  return JSON.stringify({ watch: items });
}
