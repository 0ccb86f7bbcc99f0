import type { Problem } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { holdsKey, replaceReadKey } from "../relay/channelAccess.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { ChannelVault } from "./channelVault.ts";

/**
 * Sees to it that the relay takes the channel's read key where it may still know the one before only: nobody knows whether
 * a request that got no answer was heard. Keeps and gives the channel with the one key that the relay takes: that is the
 * former one where the relay is too old to replace it. Windows may do so at the same time. Throws CancelledError.
 */
export async function settleReadKey(
  relay: string,
  channel: RelayChannel,
  vault: Pick<ChannelVault, "change">,
  signal?: AbortSignal,
): Promise<Result<RelayChannel, Problem>> {
  if (channel.formerReadKey === undefined) return succeed(channel);
  const readKey = await findReadKey(channel, channel.formerReadKey, signal);
  if (!readKey.ok) return readKey;
  const settled = withReadKey(channel, readKey.value);
  await vault.change(relay, channel.channel, kept =>
    isAsUnsettled(kept, channel) ? withReadKey(kept, readKey.value) : kept,
  );
  return succeed(settled);
}

/** The key that the relay takes from now on. */
async function findReadKey(
  channel: RelayChannel,
  former: string,
  signal: AbortSignal | undefined,
): Promise<Result<string, Problem>> {
  const { readKey } = channel;
  const known = await holdsKey(channel, signal);
  if (!known.ok) return known;
  if (known.value) return succeed(readKey);
  const replaced = await replaceReadKey({ ...channel, readKey: former }, readKey, signal);
  if (replaced.ok) return succeed(readKey);
  if (replaced.error.code === "RELAY_TOO_OLD") return succeed(former);
  if (replaced.error.code !== "RELAY_WRONG_KEY") return replaced;
  // Mostly another window was faster, so that the former one is no key any more.
  const isDone = await holdsKey(channel, signal);
  return isDone.ok && isDone.value ? succeed(readKey) : replaced;
}

/** Whether the keys are those that were settled, and no others that were made since. */
function isAsUnsettled(kept: RelayChannel, { readKey, formerReadKey }: RelayChannel): boolean {
  return kept.readKey === readKey && kept.formerReadKey === formerReadKey;
}

/** With this key as the only one. */
function withReadKey(channel: RelayChannel, readKey: string): RelayChannel {
  const { formerReadKey: _former, ...rest } = channel;
  return { ...rest, readKey };
}
