import type { Problem } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { holdsKey, replaceReadKey } from "../relay/channelAccess.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";

/**
 * Sees to it that the relay takes the channel's read key where it may still know the one before only: nobody knows whether
 * a request that got no answer was heard. Gives the channel with the one key that the relay takes: that is the former one
 * where the relay is too old to replace it. Throws CancelledError.
 */
export async function settleReadKey(
  channel: RelayChannel,
  signal?: AbortSignal,
): Promise<Result<RelayChannel, Problem>> {
  const { formerReadKey, ...settled } = channel;
  if (formerReadKey === undefined) return succeed(channel);
  const known = await holdsKey(settled, signal);
  if (!known.ok) return known;
  if (known.value) return succeed(settled);
  const former = { ...settled, readKey: formerReadKey };
  const replaced = await replaceReadKey(former, settled.readKey, signal);
  if (replaced.ok) return succeed(settled);
  return replaced.error.code === "RELAY_TOO_OLD" ? succeed(former) : replaced;
}
