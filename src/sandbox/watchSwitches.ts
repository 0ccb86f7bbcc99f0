import * as v from "valibot";

/** What is not known about the watch API, or differs between its versions and Zoho's documents. */
export const watchSwitches = {
  /** What PATCH demands: everything that the documents mark as required, or the channel's id alone as observed earlier. */
  patchRequires: v.optional(v.picklist(["all", "channel-id"]), "all"),
  /** Status when some items of a request succeeded and some failed: 207 in newer specifications, 202 in older ones. */
  mixedResultStatus: v.optional(v.picklist([207, 202]), 207),
  /** Whether the error of a request's only item comes in a list, as live answers do, or bare, as in Zoho's examples. */
  itemErrorForm: v.optional(v.picklist(["wrapped", "flat"]), "wrapped"),
  /** Whether NOT_SUBSCRIBED names the channel that it is about; live answers to DELETE do not. */
  notSubscribedDetails: v.optional(v.picklist(["empty", "channel-id"]), "empty"),
  /** What DELETE answers about a channel that does not exist. */
  unsubscribeUnknownChannel: v.optional(v.picklist(["not-subscribed", "success"]), "not-subscribed"),
  /** What POST on a channel id that exists does to its events, or whether it is refused. */
  subscribeToExistingChannel: v.optional(v.picklist(["replace", "merge", "refuse"]), "replace"),
  /** What PATCH does to the expiry when it names none. */
  patchWithoutExpiry: v.optional(v.picklist(["keep", "one-hour"]), "keep"),
  /** Whether a condition may name modules and fields with ids of another organisation beside their names. */
  foreignConditionIds: v.optional(v.picklist(["refuse", "accept"]), "refuse"),
  /** Which version `resource_uri` names: 2, as live answers and deliveries do, or the one that was called. */
  resourceUriVersion: v.optional(v.picklist(["v2", "requested"]), "v2"),
  /** What GET makes of `page`: that page, always the first one, or all channels at once. */
  listPaging: v.optional(v.picklist(["honoured", "ignored", "everything"]), "honoured"),
  /** Whether GET says which page it is, and whether there are more. */
  listInfo: v.optional(v.picklist(["object", "null", "missing"]), "object"),
  /** Whether the error of a GET comes bare or in a list of one. */
  listErrorForm: v.optional(v.picklist(["flat", "wrapped"]), "flat"),
  /** Whether GET still lists channels whose time is over. */
  listExpiredChannels: v.optional(v.boolean(), false),
  /** Whether a listed channel whose time is over still has its expiry and its module. */
  expiredChannelDetails: v.optional(v.picklist(["whole", "null"]), "whole"),
  /** Which addresses a subscription may point to. */
  notifyUrls: v.optional(v.picklist(["any", "public-https"]), "any"),
  /** How many channels a user may have; undefined for no limit. */
  channelsPerUser: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
} as const;
