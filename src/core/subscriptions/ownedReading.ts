import { minute } from "../../base/clock.ts";
import {
  type GrantedSubscription,
  type SubscribeRequest,
  type Subscription,
  moduleOf,
} from "../../zoho/subscription.ts";
import { type Channel, type ChannelReading, isReadable } from "./channel.ts";
import { toSubscriptions } from "./grants.ts";
import { withListedToken } from "./ownedTokens.ts";
import type { OwnedChannel } from "./ownership.ts";

/** How much the ends of one grant may differ: Zoho drops fractions of a second. */
const sameEnd = minute;

/**
 * What is remembered of a channel of ours after the server was read. What is not listed of it keeps its details where its
 * time had come (`isOver`), and wherever the reading does not prove that it is gone; else somebody deleted it.
 */
export function afterReading(
  owned: OwnedChannel,
  reading: ChannelReading,
  isOver: (lastKnown: readonly Subscription[]) => boolean,
): OwnedChannel {
  const listed = reading.channels.find(({ channelId }) => channelId === owned.channelId);
  const isWhole = hasAllOf(reading, owned.channelId);
  if (listed === undefined) return isWhole ? afterAbsence(owned, isOver) : owned;
  const isOthers = wasProlonged(owned.lastKnown ?? [], listed.subscriptions);
  const refused = (owned.refused ?? []).filter(module =>
    isStillRefused(module, listed.subscriptions, each => !isOthers && isOver(each)),
  );
  // What an earlier reading has shown in full is all there is, until there are signs of more.
  const isPart = !isWhole && (owned.isPart === true || owned.over === true || !isReadable(listed));
  const stays = isWhole ? refused : (owned.lastKnown ?? []);
  return {
    ...withListedToken(owned, listed.token),
    lastKnown: [...listed.subscriptions, ...stays.filter(each => !hasModuleOf(listed, each))],
    refused: someOrNone(refused),
    over: undefined,
    missed: undefined,
    unread: undefined,
    isPart: isPart || undefined,
  };
}

/** A channel as it was asked to live longer, and until when Zoho granted that, by module. */
export interface Renewal {
  readonly channel: Pick<Channel, "channelId" | "subscriptions">;
  readonly granted: ReadonlyMap<string, { readonly expiresAt: number }>;
}

/**
 * What is remembered after a renewal that granted some modules and not others. The answer is what is known: should the
 * editor close before the next reading, what ends then is not taken for deleted.
 */
export function afterRenewal(owned: OwnedChannel, { channel, granted }: Renewal): OwnedChannel {
  const { subscriptions } = channel;
  const others = (owned.refused ?? []).filter(each => !hasModuleOf(channel, each));
  const refused = subscriptions.filter(({ module }) => !granted.has(module));
  const unsent = (owned.lastKnown ?? []).filter(each => !hasModuleOf(channel, each));
  const sent = subscriptions.map(each => ({
    ...each,
    expiresAt: granted.get(each.module)?.expiresAt ?? each.expiresAt,
  }));
  return { ...owned, lastKnown: [...sent, ...unsent], refused: someOrNone([...others, ...refused]), over: undefined };
}

/**
 * The modules of a channel after a request that changed it: those that were granted are as they were asked for, and what
 * else was asked for is as it was before. `granted` is undefined where Zoho names none.
 */
export function afterWriting(
  lastKnown: readonly Subscription[],
  request: SubscribeRequest,
  granted: readonly GrantedSubscription[] | undefined,
): readonly Subscription[] {
  const asked = new Set(request.events.map(moduleOf));
  const before = lastKnown.filter(each => hasEventOf(each, asked));
  const done = granted ?? before.map(({ channelId, module, expiresAt }) => ({ channelId, module, expiresAt }));
  const written = toSubscriptions(done, request).filter(({ events }) => events.length > 0);
  return [...written, ...before.filter(each => !hasModuleOf({ subscriptions: written }, each))];
}

function hasEventOf({ events }: Subscription, modules: ReadonlySet<string>): boolean {
  return events.some(event => modules.has(moduleOf(event)));
}

function afterAbsence(owned: OwnedChannel, isOver: (lastKnown: readonly Subscription[]) => boolean): OwnedChannel {
  return isOver(owned.lastKnown ?? []) ? owned : missing(owned);
}

/**
 * What the server's list does not have. One that was never read back may have been made while the list was on its way:
 * it is over once the next list does not have it either.
 */
function missing(owned: OwnedChannel): OwnedChannel {
  const wasThere = owned.missed === true || (owned.lastKnown !== undefined && owned.unread !== true);
  if (!wasThere) return { ...owned, missed: true };
  return { ...owned, lastKnown: undefined, refused: undefined, unread: undefined, over: true };
}

/** True where all of a channel of ours is remembered, and is among what was read. */
export function hasAllRemembered(channel: Pick<Channel, "subscriptions">, owned: OwnedChannel | undefined): boolean {
  return owned?.isPart !== true && owned?.lastKnown?.every(each => hasModuleOf(channel, each)) === true;
}

/** True where all that Zoho has of a channel was read: a list that moved, or a nameless entry, may hide some or all of it. */
export function hasAllOf({ channels, complete, unreadable }: ChannelReading, channelId: string): boolean {
  const isOdd = channels.some(each => each.channelId === channelId && !isReadable(each));
  return complete && !isOdd && unreadable.every(each => each.channelId !== undefined && each.channelId !== channelId);
}

/**
 * Whether somebody else renewed the channel since: a module of it ends later than is known. What is gone of it by then may
 * have ended, or been taken away by them.
 */
function wasProlonged(lastKnown: readonly Subscription[], listed: readonly Subscription[]): boolean {
  const ends = new Map(lastKnown.map(({ module, expiresAt }) => [module, expiresAt]));
  return listed.some(({ module, expiresAt }) => expiresAt > (ends.get(module) ?? Infinity) + sameEnd);
}

/** It was renewed after all where its end moved; somebody took it away where it is gone before its end. */
function isStillRefused(
  refused: Subscription,
  listed: readonly Subscription[],
  isOver: (lastKnown: readonly Subscription[]) => boolean,
): boolean {
  const now = listed.find(({ module }) => module === refused.module);
  return now === undefined ? isOver([refused]) : now.expiresAt <= refused.expiresAt + sameEnd;
}

function hasModuleOf({ subscriptions }: Pick<Channel, "subscriptions">, { module }: Subscription): boolean {
  return subscriptions.some(each => each.module === module);
}

function someOrNone<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
