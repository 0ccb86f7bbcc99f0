import type { SubscriptionsState } from "../subscriptions/channelList.ts";
import { leadsToPath } from "./readdress.ts";

/**
 * Whether a subscription sends to the address with this ingest path; undefined while that is not known for all of a
 * connection's. One that has expired counts, as it can be renewed as it was.
 */
export function isUsed(ingestPath: string, state: SubscriptionsState): boolean | undefined {
  if (state.kind !== "loaded") return undefined;
  if (state.channels.some(({ notifyUrl }) => leadsToPath(notifyUrl, ingestPath))) return true;
  return state.complete && state.unreadable.length === 0 ? false : undefined;
}
