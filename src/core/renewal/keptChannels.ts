import { day } from "../../base/clock.ts";
import type { UnreadableSubscription } from "../../zoho/subscription.ts";
import { type Channel, isOver, makeChannel } from "../subscriptions/channel.ts";
import { hasAllOf } from "../subscriptions/ownedReading.ts";
import { type ChannelOwnership, type OwnedChannel, isMadeHere } from "../subscriptions/ownership.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import { type RenewalPlan, planRenewal } from "./renewalPlan.ts";
import type { RenewalRecord, RenewalRecords } from "./renewalRecords.ts";

/** A channel that is to be kept alive, with what is remembered of it and when it is due. */
export interface KeptChannel {
  readonly channel: Channel;
  readonly record: RenewalRecord;
  readonly plan: RenewalPlan;
}

export interface KeptChannelsOptions {
  readonly service: Pick<SubscriptionService, "stateOf" | "nowAt">;
  readonly ownership: Pick<ChannelOwnership, "list">;
  readonly records: RenewalRecords;
  /** For how long a renewal asks: milliseconds. */
  readonly life: () => number;
  /** True for a channel that somebody else's address was borrowed from: who gives it back sees to it. */
  readonly isLent: (connectionId: string, channelId: string) => boolean;
}

/** What ended longer ago is not made again by itself: nobody seems to have missed it. */
const longestAbsence = 30 * day;

/** The channels of a connection that are ours to keep alive: made here or adopted, and not told to end. */
export class KeptChannels {
  readonly #options: KeptChannelsOptions;

  constructor(options: KeptChannelsOptions) {
    this.#options = options;
  }

  /** All that are kept, whether due or not. */
  of(connectionId: string): readonly KeptChannel[] {
    const { records, service, life } = this.#options;
    const earliest = service.nowAt(connectionId) - longestAbsence;
    return this.ours(connectionId)
      .map(channel => ({ channel, record: records.get(connectionId, channel.channelId) }))
      .filter(({ channel, record }) => !this.#isLeftAlone(channel, record) && !isOver(channel, earliest))
      .map(({ channel, record }) => ({ channel, record, plan: planRenewal(channel, record, life()) }));
  }

  /** Whether a channel, as it is now and as windows know of it now, is to be renewed along with others that are due. */
  isDue(channel: Channel): boolean {
    const { records, service, life } = this.#options;
    const record = records.latest(channel.connectionId, channel.channelId);
    if (this.#isLeftAlone(channel, record)) return false;
    return planRenewal(channel, record, life()).fromAt <= service.nowAt(channel.connectionId);
  }

  /** False where somebody said meanwhile, in whichever window, that this one is to end, or lent it to this editor. */
  isStillKept(channel: Channel): boolean {
    return !this.#isLeftAlone(channel, this.#options.records.latest(channel.connectionId, channel.channelId));
  }

  /** Those to renew now: none unless one is due, and then also those that nearly are. */
  due(connectionId: string): readonly KeptChannel[] {
    const kept = this.of(connectionId);
    const now = this.#options.service.nowAt(connectionId);
    return kept.some(({ plan }) => plan.dueAt <= now) ? kept.filter(({ plan }) => plan.fromAt <= now) : [];
  }

  /** Ours as the server last listed them; those that it may have without listing them, as they were kept. */
  ours(connectionId: string): readonly Channel[] {
    const owned = this.#owned(connectionId);
    const state = this.#options.service.stateOf(connectionId);
    if (state.kind === "loading") return [];
    const listed = state.channels.filter(({ channelId }) => owned.has(channelId));
    for (const { channelId } of listed) owned.delete(channelId);
    const isAbsent = ({ channelId }: OwnedChannel): boolean =>
      state.kind === "loaded" && (hasAllOf(state, channelId) || isUnreadable(state.unreadable, channelId));
    const unlisted = [...owned.values()].filter(each => !isAbsent(each));
    return [...listed, ...unlisted.flatMap(asLastKnown)];
  }

  #isLeftAlone({ connectionId, channelId }: Channel, { stopped }: RenewalRecord): boolean {
    return stopped === true || this.#options.isLent(connectionId, channelId);
  }

  #owned(connectionId: string): Map<string, OwnedChannel> {
    const owned = this.#options.ownership.list().filter(each => each.connectionId === connectionId);
    return new Map(owned.map(each => [each.channelId, each]));
  }
}

/** It is listed, but nothing of it can be read: it is neither renewed nor made again. */
function isUnreadable(unreadable: readonly UnreadableSubscription[], channelId: string): boolean {
  return unreadable.some(each => each.channelId === channelId);
}

function asLastKnown(owned: OwnedChannel): Channel[] {
  const { connectionId, channelId, lastKnown = [] } = owned;
  return lastKnown.length === 0 ? [] : [makeChannel(connectionId, channelId, lastKnown, isMadeHere(owned))];
}
