import type { BehaviourSwitches } from "../behaviour.ts";
import { type ApiError, type ItemResult, apiError, apiSuccess, itemsAnswer, refusals } from "../crm/apiError.ts";
import { type CrmCall, bodyItems, pageOf } from "../crm/crmCall.ts";
import { type CrmRoute, crmRoute } from "../crm/crmRoutes.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import { organizationTime } from "../crm/organization.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Storage } from "../state/storage.ts";
import {
  type Channel,
  type ModuleSubscription,
  eventNames,
  mergeSubscriptions,
  withoutSubscriptions,
} from "./channel.ts";
import type { Channels } from "./channels.ts";
import { grantedExpiry } from "./expiry.ts";
import { type WatchItem, type WatchItemRules, readWatchItem } from "./watchItem.ts";

export interface WatchRoutesContext {
  readonly channels: Channels;
  readonly catalog: ModuleCatalog;
  readonly clock: MovableClock;
  readonly behaviour: BehaviourSwitches;
  readonly storage: Storage;
  readonly baseUrl: () => string;
}

const itemsPerCall = 50;
const subscribed = "Successfully subscribed for actions-watch of the given module";
const updated = "Successfully updated the subscribe details";
const eventsRemoved = "Successfully removed the subscribe details";
const unsubscribed = "Successfully un-subscribed from actions-watch";

/** The watch API: subscribe, list, replace, change, drop events, unsubscribe. */
export function watchRoutes(context: WatchRoutesContext): readonly CrmRoute[] {
  const watch = new WatchApi(context);
  const path = "actions/watch";
  return [
    crmRoute(
      "GET",
      path,
      () => ({ group: "notifications", operation: "READ" }),
      call => watch.list(call),
    ),
    crmRoute(
      "POST",
      path,
      () => ({ group: "notifications", operation: "CREATE" }),
      call => watch.subscribe(call),
    ),
    crmRoute(
      "PUT",
      path,
      () => ({ group: "notifications", operation: "UPDATE" }),
      call => watch.replace(call),
    ),
    crmRoute(
      "PATCH",
      path,
      () => ({ group: "notifications", operation: "UPDATE" }),
      call => watch.change(call),
    ),
    crmRoute(
      "DELETE",
      path,
      () => ({ group: "notifications", operation: "DELETE" }),
      call => watch.unsubscribe(call),
    ),
  ];
}

type Apply = (item: WatchItem, call: CrmCall) => ItemResult;

class WatchApi {
  readonly #context: WatchRoutesContext;

  constructor(context: WatchRoutesContext) {
    this.#context = context;
  }

  list(call: CrmCall): Answer {
    const { query } = call.request;
    const channelId = query.get("channel_id");
    const module = query.get("module");
    const entries = this.#context.channels
      .ofUser(call.user.id)
      .filter(
        channel => this.#context.behaviour.current.listExpiredChannels || !this.#context.channels.isExpired(channel),
      )
      .filter(channel => channelId === null || channel.channelId === channelId)
      .flatMap(channel => channel.subscriptions.map(subscription => ({ channel, subscription })))
      .filter(({ subscription }) => module === null || subscription.module === module);
    const page = pageOf(entries, query);
    if (!page.ok) return page.error;
    if (page.value.items.length === 0) return empty(204);
    const watch = page.value.items.map(({ channel, subscription }) => this.#describe(channel, subscription, call));
    return json(200, { watch, info: page.value.info });
  }

  subscribe(call: CrmCall): Answer {
    return this.#eachItem(call, 201, ["events", "notify_url"], item => {
      const existing = this.#context.channels.live(call.user.id, item.channelId);
      if (existing === undefined && this.#isFull(call)) return refused(limitReached());
      const merge = this.#context.behaviour.current.subscribeToExistingChannel === "merge";
      const channel = this.#newChannel(item, call);
      const kept = merge ? (existing?.subscriptions ?? []) : [];
      return this.#keep(
        { ...channel, subscriptions: mergeSubscriptions(kept, channel.subscriptions) },
        call,
        subscribed,
      );
    });
  }

  replace(call: CrmCall): Answer {
    return this.#eachItem(call, 200, ["events", "notify_url"], item =>
      this.#ifLive(item, call, () => this.#keep(this.#newChannel(item, call), call, subscribed)),
    );
  }

  change(call: CrmCall): Answer {
    return this.#eachItem(call, 200, [], item =>
      this.#ifLive(item, call, channel =>
        item.deleteEvents ? this.#removeEvents(channel, item, call) : this.#patch(channel, item, call),
      ),
    );
  }

  unsubscribe(call: CrmCall): Answer {
    const ids = (call.request.query.get("channel_ids") ?? "").split(",").filter(id => id !== "");
    if (ids.length === 0) return refusals.parameterMissing("channel_ids");
    if (ids.length > itemsPerCall) return refusals.invalidParameter("channel_ids", { maximum_length: itemsPerCall });
    const results = this.#context.storage.transaction(() => ids.map(id => this.#unsubscribeOne(id, call)));
    return itemsAnswer("watch", results, 200, this.#context.behaviour.current.mixedResultStatus);
  }

  #eachItem(call: CrmCall, success: number, required: WatchItemRules["required"], apply: Apply): Answer {
    const items = bodyItems(call, "watch", itemsPerCall);
    if (!items.ok) return items.error;
    const { version, user } = call;
    const now = this.#context.clock.now();
    const { catalog, behaviour } = this.#context;
    const { notifyUrls } = behaviour.current;
    const results = this.#context.storage.transaction(() =>
      items.value.map((item, index): ItemResult => {
        const read = readWatchItem(item, { index, version, now, required, notifyUrls, catalog, user });
        return read.ok ? apply(read.value, call) : refused(read.error);
      }),
    );
    return itemsAnswer("watch", results, success, this.#context.behaviour.current.mixedResultStatus);
  }

  #ifLive({ channelId }: WatchItem, call: CrmCall, action: (channel: Channel) => ItemResult): ItemResult {
    const channel = this.#context.channels.live(call.user.id, channelId);
    return channel === undefined ? refused(notSubscribed()) : action(channel);
  }

  #newChannel(item: WatchItem, call: CrmCall): Channel {
    return {
      channelId: item.channelId,
      userId: call.user.id,
      notifyUrl: item.notifyUrl ?? "",
      token: item.token ?? null,
      expiresAt: grantedExpiry(item.expiry, this.#context.clock.now(), call.version),
      subscriptions: [...(item.subscriptions ?? [])],
      notifyOnRelatedAction: item.notifyOnRelatedAction ?? true,
      returnAffectedFieldValues: item.returnAffectedFieldValues ?? false,
      notificationCondition: item.notificationCondition ?? null,
    };
  }

  /** The trap of live organisations: unless both events and token are sent again, the token is lost. */
  #patch(channel: Channel, item: WatchItem, call: CrmCall): ItemResult {
    const complete = item.subscriptions !== undefined && item.token !== undefined;
    const patched: Channel = {
      ...channel,
      notifyUrl: item.notifyUrl ?? channel.notifyUrl,
      token: complete ? (item.token ?? null) : null,
      expiresAt: this.#patchedExpiry(channel, item, call),
      subscriptions: [...(item.subscriptions ?? channel.subscriptions)],
      notifyOnRelatedAction: item.notifyOnRelatedAction ?? channel.notifyOnRelatedAction,
      returnAffectedFieldValues: item.returnAffectedFieldValues ?? channel.returnAffectedFieldValues,
      notificationCondition:
        item.notificationCondition === undefined ? channel.notificationCondition : item.notificationCondition,
    };
    return this.#keep(patched, call, updated);
  }

  #patchedExpiry({ expiresAt }: Channel, { expiry }: WatchItem, { version }: CrmCall): number {
    const keep = expiry === undefined && this.#context.behaviour.current.patchWithoutExpiry === "keep";
    return keep ? expiresAt : grantedExpiry(expiry, this.#context.clock.now(), version);
  }

  #removeEvents(channel: Channel, item: WatchItem, call: CrmCall): ItemResult {
    const dropped = item.subscriptions ?? [];
    const subscriptions = withoutSubscriptions(channel.subscriptions, dropped);
    if (subscriptions.length > 0) this.#context.channels.put({ ...channel, subscriptions });
    else this.#context.channels.delete(channel);
    const events = dropped.map(({ module }) => this.#resource(channel, module, call));
    return { ok: true, success: apiSuccess(eventsRemoved, { events }) };
  }

  #unsubscribeOne(channelId: string, call: CrmCall): ItemResult {
    const channel = this.#context.channels.live(call.user.id, channelId);
    if (channel !== undefined) {
      this.#context.channels.delete(channel);
      const details = this.#resource(channel, channel.subscriptions[0]?.module ?? "", call);
      return { ok: true, success: apiSuccess(unsubscribed, details) };
    }
    if (this.#context.behaviour.current.unsubscribeUnknownChannel === "not-subscribed") return refused(notSubscribed());
    return { ok: true, success: apiSuccess(unsubscribed, { channel_id: channelId }) };
  }

  #keep(channel: Channel, call: CrmCall, message: string): ItemResult {
    this.#context.channels.put(channel);
    const channel_expiry = organizationTime(channel.expiresAt);
    const events = channel.subscriptions.map(({ module }) => ({
      channel_expiry,
      ...this.#resource(channel, module, call),
    }));
    return { ok: true, success: apiSuccess(message, { events }) };
  }

  #isFull({ user }: CrmCall): boolean {
    const { channelsPerUser } = this.#context.behaviour.current;
    if (channelsPerUser === undefined) return false;
    const live = this.#context.channels.ofUser(user.id).filter(channel => !this.#context.channels.isExpired(channel));
    return live.length >= channelsPerUser;
  }

  #resource({ channelId }: Channel, module: string, { version }: CrmCall): JsonObject {
    return {
      resource_uri: `${this.#context.baseUrl()}/crm/v${version}/${module}`,
      resource_id: this.#context.catalog.named(module)?.id ?? null,
      resource_name: module,
      channel_id: channelId,
    };
  }

  #describe(channel: Channel, subscription: ModuleSubscription, call: CrmCall): JsonObject {
    return {
      notify_on_related_action: channel.notifyOnRelatedAction,
      channel_expiry: organizationTime(channel.expiresAt),
      return_affected_field_values: channel.returnAffectedFieldValues,
      ...this.#resource(channel, subscription.module, call),
      notify_url: channel.notifyUrl,
      fields: null,
      notification_condition: channel.notificationCondition,
      events: eventNames(subscription),
      token: channel.token,
    };
  }
}

function refused(error: ApiError): ItemResult {
  return { ok: false, error };
}

function notSubscribed(): ApiError {
  return apiError("NOT_SUBSCRIBED", "Not subscribed for actions-watch of the given channel", {
    api_name: "channel_id",
  });
}

function limitReached(): ApiError {
  return apiError("LIMIT_REACHED", "The maximum number of channels is reached");
}
