import * as l10n from "@vscode/l10n";
import { day, hour, minute } from "../../base/clock.ts";
import type { Subscription, SubscriptionList, UnreadableSubscription } from "../../zoho/subscription.ts";

/** A Zoho notification channel: the subscriptions of one channel id, which live and die together. */
export interface Channel {
  /** A 64-bit number as its digits. */
  readonly channelId: string;
  readonly connectionId: string;
  /** One for each module, at least one, ordered by module. */
  readonly subscriptions: readonly Subscription[];
  /** The earliest of the subscriptions' expiries, in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly notifyUrl: string;
  readonly token?: string;
  /** True where this editor made it. */
  readonly createdHere: boolean;
  /** What Zoho lists of the channel that cannot be read. A channel that has some must not be written: part of it is not known. */
  readonly unreadable?: readonly UnreadableSubscription[];
}

/** What was read of a connection's channels. */
export interface ChannelReading {
  readonly channels: readonly Channel[];
  /** What cannot be read and belongs to none of the channels. */
  readonly unreadable: readonly UnreadableSubscription[];
  /** False where there may be more than was read. */
  readonly complete: boolean;
  /** So many entries Zoho gives and no others, where that is why the reading is not complete. */
  readonly cutAt?: number;
}

/** True where all that Zoho lists of the channel can be read, and so may be written. */
export function isReadable({ unreadable = [] }: Channel): boolean {
  return unreadable.length === 0;
}

/** True where nothing of the channel is alive any more. */
export function isOver({ subscriptions }: Pick<Channel, "subscriptions">, now: number): boolean {
  return subscriptions.every(({ expiresAt }) => expiresAt <= now);
}

export type ExpiryHealth = "healthy" | "soon" | "expired";

/** How a channel stands: "soon" from `soonMs` milliseconds before its end. */
export function expiryHealth(expiresAt: number, now: number, soonMs: number): ExpiryHealth {
  if (expiresAt <= now) return "expired";
  return expiresAt - now <= soonMs ? "soon" : "healthy";
}

/** The time that is left as the two largest units that matter, such as "6d 23h", "2h", "59m" or "under 1m". */
export function remainingWords(ms: number): string {
  if (ms <= 0) return l10n.t("expired");
  if (ms < minute) return l10n.t("under 1m");
  if (ms < hour) return l10n.t("{0}m", Math.floor(ms / minute));
  return ms < day ? hoursAndMinutes(ms) : daysAndHours(ms);
}

/** The same of a time that somebody wishes for: the moment that has passed since is no less of it. */
export function wishedWords(ms: number): string {
  return remainingWords(Math.ceil(ms / minute) * minute);
}

function hoursAndMinutes(ms: number): string {
  const [hours, minutes] = [Math.floor(ms / hour), Math.floor((ms % hour) / minute)];
  return minutes === 0 ? l10n.t("{0}h", hours) : l10n.t("{0}h {1}m", hours, minutes);
}

function daysAndHours(ms: number): string {
  const [days, hours] = [Math.floor(ms / day), Math.floor((ms % day) / hour)];
  return hours === 0 ? l10n.t("{0}d", days) : l10n.t("{0}d {1}h", days, hours);
}

/** True where the channel's deliveries arrive at one of `ingestUrls`; a query or a longer path still leads there. */
export function pointsHere(channel: Pick<Channel, "notifyUrl">, ingestUrls: readonly string[]): boolean {
  if (!URL.canParse(channel.notifyUrl)) return false;
  const target = new URL(channel.notifyUrl);
  return ingestUrls.some(ingestUrl => URL.canParse(ingestUrl) && leadsTo(target, new URL(ingestUrl)));
}

function leadsTo(target: URL, ingest: URL): boolean {
  const path = ingest.pathname.replace(/\/$/, "");
  return target.origin === ingest.origin && (target.pathname === path || target.pathname.startsWith(`${path}/`));
}

/** Sorts what Zoho lists per (channel, module) into channels, in the order in which they first appear. */
export function groupIntoChannels(
  connectionId: string,
  list: SubscriptionList,
  createdHere: (channelId: string) => boolean,
): ChannelReading {
  const byChannel = Map.groupBy(list.subscriptions, subscription => subscription.channelId);
  const channels = [...byChannel].map(([channelId, members]) => {
    const channel = makeChannel(connectionId, channelId, members, createdHere(channelId));
    const unreadable = list.unreadable.filter(each => each.channelId === channelId);
    return unreadable.length === 0 ? channel : { ...channel, unreadable };
  });
  const strays = list.unreadable.filter(({ channelId }) => channelId === undefined || !byChannel.has(channelId));
  const { complete, cutAt } = list;
  return { channels, unreadable: strays, complete, ...(cutAt === undefined ? {} : { cutAt }) };
}

/** A channel of `subscriptions`, which must all be of that channel and at least one. */
export function makeChannel(
  connectionId: string,
  channelId: string,
  subscriptions: readonly Subscription[],
  createdHere: boolean,
): Channel {
  const token = subscriptions.find(subscription => subscription.token !== undefined)?.token;
  return {
    channelId,
    connectionId,
    subscriptions: subscriptions.toSorted((a, b) => a.module.localeCompare(b.module)),
    expiresAt: Math.min(...subscriptions.map(subscription => subscription.expiresAt)),
    notifyUrl: subscriptions[0]?.notifyUrl ?? "",
    ...(token === undefined ? {} : { token }),
    createdHere,
  };
}
