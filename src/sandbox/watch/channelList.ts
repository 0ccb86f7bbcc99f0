import { assertNever } from "../../base/assertNever.ts";
import { type Result, succeed } from "../../base/result.ts";
import type { SandboxBehaviour } from "../behaviour.ts";
import { refusals } from "../crm/apiError.ts";
import { type CrmCall, type Page, pageOf } from "../crm/crmCall.ts";
import { organizationTime } from "../crm/organization.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";
import { type Channel, type ModuleSubscription, eventNames } from "./channel.ts";
import { isChannelId } from "./channelId.ts";
import { type ResourceContext, channelResource } from "./channelResource.ts";
import type { Channels } from "./channels.ts";
import { conditionsOf } from "./fieldCondition.ts";

export interface ChannelListContext extends ResourceContext {
  readonly channels: Channels;
}

/** What a channel has about one module. */
interface Entry {
  readonly channel: Channel;
  readonly subscription: ModuleSubscription;
}

/** Answers GET on the watch API: the user's channels, one item for each module of each. */
export function listChannels(context: ChannelListContext, call: CrmCall): Answer {
  const { current } = context.behaviour;
  const channelId = call.request.query.get("channel_id");
  if (channelId !== null && !isChannelId(channelId)) {
    return inErrorForm(refusals.invalidParameter("channel_id", { expected_data_type: "long" }), current);
  }
  const page = pageOfEntries(entriesOf(context, call), call.request.query, current.listPaging);
  if (!page.ok) return inErrorForm(page.error, current);
  if (page.value.items.length === 0) return empty(204);
  const watch = page.value.items.map(entry => describeEntry(context, entry, call));
  return json(200, { watch, ...shownInfo(page.value.info, current.listInfo) });
}

function entriesOf({ channels, behaviour }: ChannelListContext, { request, user }: CrmCall): readonly Entry[] {
  const channelId = request.query.get("channel_id");
  const module = request.query.get("module");
  return channels
    .ofUser(user.id)
    .filter(channel => behaviour.current.listExpiredChannels || !channels.isExpired(channel))
    .filter(channel => channelId === null || channel.channelId === channelId)
    .flatMap(channel => channel.subscriptions.map(subscription => ({ channel, subscription })))
    .filter(({ subscription }) => module === null || subscription.module === module);
}

function pageOfEntries(
  entries: readonly Entry[],
  query: URLSearchParams,
  paging: SandboxBehaviour["listPaging"],
): Result<Page<Entry>, Answer> {
  switch (paging) {
    case "honoured":
      return pageOf(entries, query);
    case "ignored":
      return pageOf(entries, new URLSearchParams());
    case "everything":
      return succeed({
        items: entries,
        info: { page: 1, per_page: 200, count: entries.length, more_records: false },
      });
    default:
      return assertNever(paging);
  }
}

function shownInfo(info: JsonObject, form: SandboxBehaviour["listInfo"]): JsonObject {
  switch (form) {
    case "object":
      return { info };
    case "null":
      return { info: null };
    case "missing":
      return {};
    default:
      return assertNever(form);
  }
}

function describeEntry(context: ChannelListContext, { channel, subscription }: Entry, call: CrmCall): JsonObject {
  const { channels, behaviour } = context;
  const isHalfDead = behaviour.current.expiredChannelDetails === "null" && channels.isExpired(channel);
  return {
    notify_on_related_action: channel.notifyOnRelatedAction,
    channel_expiry: isHalfDead ? null : organizationTime(channel.expiresAt),
    return_affected_field_values: channel.returnAffectedFieldValues,
    ...channelResource(context, channel.channelId, subscription.module, call.version),
    resource_name: isHalfDead ? null : subscription.module,
    notify_url: channel.notifyUrl,
    fields: null,
    notification_condition: conditionsOf(channel.notificationCondition, subscription.module),
    events: eventNames(subscription),
    token: channel.token,
  };
}

function inErrorForm(refusal: Answer, { listErrorForm }: SandboxBehaviour): Answer {
  return listErrorForm === "flat" ? refusal : { ...refusal, body: `{"watch":[${refusal.body}]}` };
}
