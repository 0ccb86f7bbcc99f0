import { randomBytes } from "node:crypto";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { JoinLink } from "../../protocol/joinLink.ts";
import { notOwner } from "../relay/askOfChannel.ts";
import { addReader, newReadKey, removeReader } from "../relay/channelAccess.ts";
import type { ChannelReader, RelayChannel } from "../relay/relayChannel.ts";
import type { ChannelKeyring } from "./channelKeyring.ts";

/** With whom the channel is shared. */
export function readersOf({ readers = [] }: Pick<RelayChannel, "readers">): readonly ChannelReader[] {
  return readers;
}

/**
 * Shares the channel with somebody, who gets a read key of their own; gives what their editor needs. That has the private
 * keys in it, as events are sealed, so it is to be shown to the owner once and kept nowhere.
 */
export async function shareChannel(
  keyring: ChannelKeyring,
  name: string,
  now: number,
): Promise<Result<JoinLink, Problem>> {
  await keyring.reload();
  const { channel } = keyring;
  if (channel.isGuest === true) return fail(notOwner());
  const [id, readKey] = [randomBytes(9).toString("base64url"), newReadKey()];
  // Kept first: a reader whom the relay knows and the owner does not could not be removed again.
  await keyring.change(kept => ({ ...kept, readers: [...readersOf(kept), { id, name, createdAt: now }] }));
  const added = await addReader(channel, id, readKey);
  if (added.ok) return succeed(invitationTo(keyring.channel, readKey));
  // Whether the relay has heard of it or not: nobody has this key.
  await dropReader(keyring, id);
  return added;
}

/** Ends what {@link shareChannel} began: that reader's key reads no more. */
export async function stopSharing(keyring: ChannelKeyring, id: string): Promise<Result<void, Problem>> {
  await keyring.reload();
  const removed = await removeReader(keyring.channel, id);
  if (removed.ok) await dropReader(keyring, id);
  return removed;
}

async function dropReader(keyring: ChannelKeyring, id: string): Promise<void> {
  await keyring.change(kept => ({ ...kept, readers: readersOf(kept).filter(reader => reader.id !== id) }));
}

/** Few enough for a link, and more than anybody has in a relay's retention. */
const mostKeys = 4;

function invitationTo({ relayUrl, channel, ingestUrl, keys }: RelayChannel, readKey: string): JoinLink {
  const invitation = { channel, readKey, ingestUrl, keys: keys.slice(0, mostKeys) };
  return { relay: relayUrl, createKey: undefined, invitation };
}
