import { type Channel, pointsHere } from "../subscriptions/channel.ts";
import { leadsToPath } from "./readdress.ts";

/** By which addresses deliveries arrive here. */
export interface Arrivals {
  /** The URLs in use that lead here. */
  readonly addresses: readonly string[];
  /** The ingest paths of former relay channels that are still read. */
  readonly formerPaths: readonly string[];
}

/** Whether what the channel sends arrives here, by whichever address. */
export function arrivesHere(channel: Pick<Channel, "notifyUrl">, arrivals: Arrivals): boolean {
  return pointsHere(channel, arrivals.addresses) || leadsToFormer(channel, arrivals.formerPaths);
}

/** Whether the channel sends to one of these former addresses. */
export function leadsToFormer({ notifyUrl }: Pick<Channel, "notifyUrl">, formerPaths: readonly string[]): boolean {
  return formerPaths.some(path => leadsToPath(notifyUrl, path));
}
