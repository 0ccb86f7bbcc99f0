import type { RemoveEventsRequest, RenewRequest, SubscribeRequest } from "../../zoho/subscription.ts";
import { type ChannelChange, changeBetween } from "./channelChange.ts";
import { type ChannelDetails, toRequest } from "./channelDetails.ts";

/** The one request that turns a channel into another without losing anything of it. */
export type ChangePlan =
  | { readonly kind: "nothing" }
  /** Takes events away and touches nothing else, not even the expiry. */
  | { readonly kind: "remove-events"; readonly request: RemoveEventsRequest }
  /** Changes what it names, and keeps what Zoho has beside it. */
  | { readonly kind: "patch"; readonly request: RenewRequest }
  /** Replaces the whole, which alone takes something away for certain. */
  | { readonly kind: "put"; readonly request: SubscribeRequest };

/**
 * Chooses the request. PATCH demands the address, forgets events and token unless they are sent, and may set the expiry
 * to an hour, so these four always go along; PUT forgets whatever is not sent, so everything that GET told goes along. Whether PATCH takes
 * away events that it does not name, or merges conditions, is not known: taking away is done by what is made for it.
 */
export function planChange(before: ChannelDetails, after: ChannelDetails): ChangePlan {
  const change = changeBetween(before, after);
  const changed = Object.keys(change);
  if (changed.length === 0) return { kind: "nothing" };
  if (changed.length === 1 && change.removeEvents !== undefined) return removal(before, change.removeEvents);
  return takesAway(change, before)
    ? { kind: "put", request: toRequest(after) }
    : { kind: "patch", request: patch(change, after) };
}

function removal({ channelId, notifyUrl, token }: ChannelDetails, events: readonly string[]): ChangePlan {
  return { kind: "remove-events", request: { channelId, events, notifyUrl, token } };
}

function takesAway({ removeEvents, token, conditions }: ChannelChange, before: ChannelDetails): boolean {
  const replacesCondition = conditions !== undefined && before.conditions.length > 0;
  return removeEvents !== undefined || token === null || replacesCondition;
}

function patch(change: ChannelChange, after: ChannelDetails): RenewRequest {
  const { channelId, events, token, expiresAt, notifyUrl, conditions } = after;
  const { notifyOnRelatedAction, returnAffectedFieldValues } = change;
  return {
    ...{ channelId, events, token, expiresAt, notifyUrl },
    ...(notifyOnRelatedAction === undefined ? {} : { notifyOnRelatedAction }),
    ...(returnAffectedFieldValues === undefined ? {} : { returnAffectedFieldValues }),
    ...(change.conditions === undefined ? {} : { notificationCondition: conditions }),
  };
}
