import type { RemoveEventsRequest, RenewRequest, SubscribeRequest } from "./subscription.ts";
import { formatTime } from "./wire.ts";

/** The body of POST and PUT on `/actions/watch`: one channel with the events of all its modules. */
export function subscribeBody(request: SubscribeRequest): string {
  return watchBody({
    channel_id: request.channelId,
    events: request.events,
    notify_url: request.notifyUrl,
    channel_expiry: formatTime(request.expiresAt),
    token: request.token,
    notify_on_related_action: request.notifyOnRelatedAction,
    return_affected_field_values: request.returnAffectedFieldValues,
    notification_condition: request.notificationCondition,
  });
}

/** The body of the PATCH that prolongs a channel. */
export function renewBody(request: RenewRequest): string {
  return watchBody({
    channel_id: request.channelId,
    events: request.events,
    channel_expiry: formatTime(request.expiresAt),
    token: request.token,
  });
}

/** The body of the PATCH that takes events from a channel. */
export function removeEventsBody(request: RemoveEventsRequest): string {
  return watchBody({
    channel_id: request.channelId,
    events: request.events,
    token: request.token,
    _delete_events: true,
  });
}

/** Ids go as strings, which Zoho takes; what is undefined is left out. */
function watchBody(item: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ watch: [item] });
}
