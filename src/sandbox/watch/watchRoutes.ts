import type { SandboxBehaviour } from "../behaviour.ts";
import { type ApiError, type ItemResult, apiSuccess, itemsAnswer, refusals } from "../crm/apiError.ts";
import { type CrmCall, bodyItems } from "../crm/crmCall.ts";
import { type CrmRoute, crmRoute } from "../crm/crmRoutes.ts";
import { organizationTime } from "../crm/organization.ts";
import type { Answer } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Storage } from "../state/storage.ts";
import { type Channel, mergeSubscriptions, withoutSubscriptions } from "./channel.ts";
import { type ChannelListContext, listChannels } from "./channelList.ts";
import { channelResource } from "./channelResource.ts";
import { grantedExpiry } from "./expiry.ts";
import { type WatchItem, readWatchItem } from "./watchItem.ts";
import { alreadyUsed, limitReached, notSubscribed } from "./watchErrors.ts";

export interface WatchRoutesContext extends ChannelListContext {
  readonly clock: MovableClock;
  readonly storage: Storage;
}

const itemsPerCall = 50;
/** Characters of the parameter that names the channels to drop. */
const longestIds = 512;
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
      call => listChannels(context, call),
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

type Apply = (item: WatchItem, index: number) => ItemResult;

class WatchApi {
  readonly #context: WatchRoutesContext;

  constructor(context: WatchRoutesContext) {
    this.#context = context;
  }

  subscribe(call: CrmCall): Answer {
    return this.#eachItem(call, 201, true, (item, index) => {
      const existing = this.#context.channels.live(call.user.id, item.channelId);
      if (existing === undefined && this.#isFull(call)) return refused(limitReached());
      const { subscribeToExistingChannel: policy } = this.#behaviour;
      if (existing !== undefined && policy === "refuse") return refused(alreadyUsed(index));
      const channel = this.#newChannel(item, call);
      const kept = policy === "merge" ? (existing?.subscriptions ?? []) : [];
      return this.#keep(
        { ...channel, subscriptions: mergeSubscriptions(kept, channel.subscriptions) },
        call,
        subscribed,
      );
    });
  }

  replace(call: CrmCall): Answer {
    return this.#eachItem(call, 200, true, item =>
      this.#ifLive(item, call, () => this.#keep(this.#newChannel(item, call), call, subscribed)),
    );
  }

  change(call: CrmCall): Answer {
    return this.#eachItem(call, 200, this.#behaviour.patchRequires === "all", item =>
      this.#ifLive(item, call, channel =>
        item.deleteEvents ? this.#removeEvents(channel, item, call) : this.#patch(channel, item, call),
      ),
    );
  }

  /** Answers ids one by one in their order, one named twice too: the second time it is gone. */
  unsubscribe(call: CrmCall): Answer {
    const given = call.request.query.get("channel_ids") ?? "";
    const ids = given.split(",").filter(id => id !== "");
    if (ids.length === 0) return refusals.parameterMissing("channel_ids");
    if (given.length > longestIds) return refusals.invalidParameter("channel_ids", { maximum_length: longestIds });
    const results = this.#context.storage.transaction(() => ids.flatMap(id => this.#unsubscribeOne(id, call)));
    return this.#answer(results, ids.length, 200);
  }

  get #behaviour(): SandboxBehaviour {
    return this.#context.behaviour.current;
  }

  /** Applies items one by one in their order, so that a channel named twice is what the later item makes of it. */
  #eachItem(call: CrmCall, success: number, isWhole: boolean, apply: Apply): Answer {
    const items = bodyItems(call, "watch", itemsPerCall);
    if (!items.ok) return items.error;
    const { version, user } = call;
    const now = this.#context.clock.now();
    const rules = { version, now, isWhole, behaviour: this.#behaviour, catalog: this.#context.catalog, user };
    const results = this.#context.storage.transaction(() =>
      items.value.map((item, index): ItemResult => {
        const read = readWatchItem(item, { ...rules, index });
        return read.ok ? apply(read.value, index) : refused(read.error);
      }),
    );
    return this.#answer(results, results.length, success);
  }

  #answer(results: readonly ItemResult[], asked: number, success: number): Answer {
    const [only] = results;
    const isBare = asked === 1 && this.#behaviour.itemErrorForm === "flat";
    if (isBare && only?.ok === false) return refusals.body(only.error);
    return itemsAnswer("watch", results, success, this.#behaviour.mixedResultStatus);
  }

  #ifLive({ channelId }: WatchItem, call: CrmCall, action: (channel: Channel) => ItemResult): ItemResult {
    const channel = this.#context.channels.live(call.user.id, channelId);
    return channel === undefined ? refused(notSubscribed(channelId, this.#behaviour)) : action(channel);
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
      version: call.version,
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
    const keep = expiry === undefined && this.#behaviour.patchWithoutExpiry === "keep";
    return keep ? expiresAt : grantedExpiry(expiry, this.#context.clock.now(), version);
  }

  #removeEvents(channel: Channel, item: WatchItem, call: CrmCall): ItemResult {
    const dropped = item.subscriptions ?? [];
    const subscriptions = withoutSubscriptions(channel.subscriptions, dropped);
    if (subscriptions.length > 0) this.#context.channels.put({ ...channel, subscriptions });
    else this.#context.channels.delete(channel);
    const events = dropped.map(({ module }) => this.#resource(channel, module, call));
    return succeeded(eventsRemoved, { events });
  }

  /** One result for each module of the channel. */
  #unsubscribeOne(channelId: string, call: CrmCall): readonly ItemResult[] {
    const channel = this.#context.channels.live(call.user.id, channelId);
    if (channel !== undefined) {
      this.#context.channels.delete(channel);
      return channel.subscriptions.map(({ module }) =>
        succeeded(unsubscribed, channelResource(this.#context, channelId, module, call.version)),
      );
    }
    if (this.#behaviour.unsubscribeUnknownChannel === "success") {
      return [succeeded(unsubscribed, { channel_id: channelId })];
    }
    return [refused(notSubscribed(channelId, this.#behaviour))];
  }

  #keep(channel: Channel, call: CrmCall, message: string): ItemResult {
    this.#context.channels.put(channel);
    const channel_expiry = organizationTime(channel.expiresAt);
    const events = channel.subscriptions.map(({ module }) => ({
      channel_expiry,
      ...this.#resource(channel, module, call),
    }));
    return succeeded(message, { events });
  }

  #isFull({ user }: CrmCall): boolean {
    const { channelsPerUser } = this.#behaviour;
    if (channelsPerUser === undefined) return false;
    const live = this.#context.channels.ofUser(user.id).filter(channel => !this.#context.channels.isExpired(channel));
    return live.length >= channelsPerUser;
  }

  #resource({ channelId }: Channel, module: string, { version }: CrmCall): JsonObject {
    return { ...channelResource(this.#context, channelId, module, version), resource_name: module };
  }
}

function succeeded(message: string, details: JsonObject): ItemResult {
  return { ok: true, success: apiSuccess(message, details) };
}

function refused(error: ApiError): ItemResult {
  return { ok: false, error };
}
