import { type Channel, isOver, pointsHere } from "../subscriptions/channel.ts";
import type { ChannelDetails } from "../subscriptions/channelDetails.ts";

/** Where deliveries reach this editor. */
export interface Door {
  /** The URL that new subscriptions get. */
  readonly address: string;
  /** All URLs that lead here. */
  readonly addresses: readonly string[];
  /** The path of this editor's relay channel, such as `/in/abc`. */
  readonly ingestPath: string;
  /** The paths of channels at relays that this editor has left. */
  readonly formerPaths?: readonly string[];
}

/** What holds at the moment for the channels of one connection. */
export interface ChannelMoment {
  /** Zoho's time, in milliseconds since 1970. */
  readonly now: number;
  /** True for a channel that is lent to this editor: what gives it back has to find it where it was pointed at. */
  readonly isLent: (channel: Channel) => boolean;
}

/**
 * The channels among `channels` that this editor made for its relay channel and that carry an address under which it is
 * no longer reached, or is not to be for long: those of a tunnel that is gone, or of a relay that it has left. Not those that have expired or are lent.
 */
export function leftBehind(
  channels: readonly Channel[],
  door: Door,
  { now, isLent }: ChannelMoment,
): readonly Channel[] {
  return channels.filter(
    channel =>
      channel.createdHere &&
      !isOver(channel, now) &&
      !pointsHere(channel, door.addresses) &&
      tailBehind(channel.notifyUrl, door) !== undefined &&
      !isLent(channel),
  );
}

/** `now` under this editor's address; as it is, where it no longer sends to `former`, the notify URL it was found with. */
export function broughtAlong(now: ChannelDetails, former: string, door: Door): ChannelDetails {
  if (now.notifyUrl !== former) return now;
  return { ...now, notifyUrl: door.address + (tailBehind(former, door) ?? "") };
}

/** Whether `notifyUrl` leads to the channel with this ingest path, at whatever relay or tunnel. */
export function leadsToPath(notifyUrl: string, ingestPath: string): boolean {
  return tailOf(notifyUrl, ingestPath) !== undefined;
}

function tailBehind(notifyUrl: string, { ingestPath, formerPaths = [] }: Door): string | undefined {
  const tails = [ingestPath, ...formerPaths].map(path => tailOf(notifyUrl, path));
  return tails.find(tail => tail !== undefined);
}

/** What follows the ingest path in a URL that has it; undefined in others. */
function tailOf(notifyUrl: string, ingestPath: string): string | undefined {
  if (!URL.canParse(notifyUrl)) return undefined;
  const { pathname, search } = new URL(notifyUrl);
  const at = pathname.indexOf(ingestPath);
  const tail = pathname.slice(at + ingestPath.length);
  return at === -1 || (tail !== "" && !tail.startsWith("/")) ? undefined : tail + search;
}
