import * as v from "valibot";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { Gathered, NumberedPage } from "./overlappingPages.ts";
import { pageInfoSchema } from "./pageInfo.ts";
import { present } from "./present.ts";
import type { ZohoProblem } from "./problem.ts";
import { type ItemRead, type OddItem, errorInstead, readItem, sorted } from "./readItems.ts";
import type { Subscription, SubscriptionList, UnreadableSubscription } from "./subscription.ts";
import { uniteRows } from "./unitedRows.ts";
import { flagSchema, idSchema, looseText, optionalPart, optionalText, readJson, timeSchema } from "./wire.ts";

/** An entry of `GET /actions/watch`. */
export type ListedSubscription = ItemRead<Subscription>;

/** A module and an operation, such as "Leads.create". */
const eventSchema = v.pipe(v.string(), v.regex(/^.+\.[^.]+$/));

/**
 * What a change has to send again must be readable to the last event: a list of events of which one is odd is odd, and
 * so is a text in place of a list, as no document says how such a text is to be taken apart. The same goes for conditions.
 */
const listedSchema = v.pipe(
  v.object({
    channel_id: idSchema,
    resource_name: v.pipe(v.string(), v.nonEmpty()),
    channel_expiry: timeSchema,
    notify_url: v.string(),
    events: v.pipe(v.array(eventSchema), v.minLength(1)),
    token: optionalText,
    resource_id: optionalPart(idSchema),
    resource_uri: looseText,
    notify_on_related_action: flagSchema,
    return_affected_field_values: flagSchema,
    notification_condition: v.nullish(v.array(v.unknown())),
    // Always null: what it would mean, a request has no place for.
    fields: v.nullish(v.never()),
  }),
  v.transform((item): Subscription => ({
    channelId: item.channel_id,
    module: item.resource_name,
    events: item.events,
    expiresAt: item.channel_expiry,
    notifyUrl: item.notify_url,
    notifyOnRelatedAction: item.notify_on_related_action ?? true,
    returnAffectedFieldValues: item.return_affected_field_values ?? false,
    ...present("token", item.token),
    ...present("resourceId", item.resource_id),
    ...present("resourceUri", item.resource_uri),
    ...present("notificationCondition", item.notification_condition ?? undefined),
  })),
);

const pageSchema = v.object({ watch: v.nullable(v.array(v.unknown())), info: pageInfoSchema });

/** Reads a page of `GET /actions/watch`; 204 is how Zoho says "none". */
export function readSubscriptionPage(
  answer: HttpAnswer,
  clock: Clock,
): Result<NumberedPage<ListedSubscription>, ZohoProblem> {
  if (answer.status === 204) return succeed({ items: [], more: false });
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(pageSchema, body.value) : undefined;
  if (answer.status !== 200 || parsed?.success !== true) return fail(problemOfAnswer(answer, clock));
  const { watch, info } = parsed.output;
  const items = (watch ?? []).map(item => readItem(item, listedSchema));
  const error = errorInstead(answer, sorted(items), clock);
  return error === undefined ? succeed({ items, more: info.more_records }) : fail(error);
}

/**
 * What an entry is known by among all of a list: all that it says. There should be one for each (channel, module), and
 * where there are two that differ, neither may hide the other.
 */
export function keyOfListed(listed: ListedSubscription): string {
  return JSON.stringify("item" in listed ? listed.item : listed.odd.value);
}

/** Which entries of the list are wanted. A server may not know how to choose: then it gives others too. */
export interface ListFilter {
  readonly channelId?: string;
  readonly module?: string;
}

/** The entries that were asked for, those that can be read apart from the others. */
export function toSubscriptionList(
  { items, complete, cutAt }: Gathered<ListedSubscription>,
  { channelId, module }: ListFilter,
): SubscriptionList {
  const isWanted = (told: { readonly channelId?: string; readonly module?: string }): boolean =>
    (channelId === undefined || told.channelId === undefined || told.channelId === channelId) &&
    (module === undefined || told.module === undefined || told.module === module);
  const { items: rows, odd } = sorted(items);
  const { subscriptions, contradictory } = uniteRows(rows, complete);
  const unreadable = [...contradictory, ...odd.map(toUnreadable)];
  return {
    subscriptions: subscriptions.filter(isWanted),
    unreadable: unreadable.filter(isWanted),
    complete,
    ...present("cutAt", cutAt),
  };
}

const toldSchema = v.object({ channel_id: optionalPart(idSchema), resource_name: looseText });

/** What can be told of an entry that cannot be read. */
function toUnreadable({ value, faults }: OddItem): UnreadableSubscription {
  const told = v.safeParse(toldSchema, value);
  if (!told.success) return { faults };
  return { ...present("channelId", told.output.channel_id), ...present("module", told.output.resource_name), faults };
}
