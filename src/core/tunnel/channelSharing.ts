import { randomBytes } from "node:crypto";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { JoinLink } from "../../protocol/joinLink.ts";
import { notOwner } from "../relay/askOfChannel.ts";
import { addReader, listReaders, newReadKey, removeReader } from "../relay/channelAccess.ts";
import type { ChannelReader, RelayChannel } from "../relay/relayChannel.ts";
import type { ChannelKeyring } from "./channelKeyring.ts";

/** With whom the channel is shared. */
export function readersOf({ readers = [] }: Pick<RelayChannel, "readers">): readonly ChannelReader[] {
  return readers.filter(({ isGivenUp }) => isGivenUp !== true);
}

/** Somebody who reads the channel; without a name where only the relay knows of them. */
export type KnownReader = Pick<ChannelReader, "id" | "createdAt"> & Partial<Pick<ChannelReader, "name">>;

/**
 * With whom the channel is shared, and then whomever the relay lets read it besides. Where the relay cannot be asked,
 * those that this editor knows of.
 */
export async function everyReader(keyring: ChannelKeyring): Promise<readonly KnownReader[]> {
  const listed = await listReaders(keyring.channel);
  // After the relay was asked: what another window adds it keeps first.
  await keyring.reload();
  const { readers = [] } = keyring.channel;
  const unknown = listed.ok ? listed.value.filter(({ id }) => !readers.some(reader => reader.id === id)) : [];
  return [...readersOf(keyring.channel), ...unknown];
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
  if (keyring.channel.isGuest === true) return fail(notOwner());
  const [id, readKey] = [randomBytes(9).toString("base64url"), newReadKey()];
  // Kept first: a reader whom the relay knows and the owner does not could not be removed again.
  await keyring.change(kept => ({ ...kept, readers: [...(kept.readers ?? []), { id, name, createdAt: now }] }));
  const added = await addReader(keyring.channel, id, readKey);
  if (added.ok) return succeed(invitationTo(keyring.channel, readKey));
  // Nobody has this key, but the relay may have heard of it.
  await keyring.change(kept =>
    withReaders(kept, reader => (reader.id === id ? { ...reader, isGivenUp: true } : reader)),
  );
  if (added.error.code !== "RELAY_UNREACHABLE") await removeGivenUp(keyring);
  return added;
}

/** Ends what {@link shareChannel} began: that reader's key reads no more. */
export async function stopSharing(keyring: ChannelKeyring, id: string): Promise<Result<void, Problem>> {
  await keyring.reload();
  const removed = await removeReader(keyring.channel, id);
  if (removed.ok) await dropReader(keyring, id);
  return removed;
}

/** Removes at the relay those whose key was given to nobody. What cannot be removed now is tried when it is live again. */
export async function removeGivenUp(keyring: ChannelKeyring, signal?: AbortSignal): Promise<void> {
  const { channel } = keyring;
  for (const { id } of (channel.readers ?? []).filter(({ isGivenUp }) => isGivenUp === true)) {
    const removed = await removeReader(channel, id, signal);
    if (!removed.ok) return;
    await dropReader(keyring, id);
  }
}

async function dropReader(keyring: ChannelKeyring, id: string): Promise<void> {
  await keyring.change(kept => withReaders(kept, reader => (reader.id === id ? [] : reader)));
}

function withReaders(
  channel: RelayChannel,
  change: (reader: ChannelReader) => ChannelReader | readonly ChannelReader[],
): RelayChannel {
  return { ...channel, readers: (channel.readers ?? []).flatMap(change) };
}

/** Few enough for a link, and more than anybody has in a relay's retention. */
const mostKeys = 4;

function invitationTo({ relayUrl, channel, ingestUrl, keys }: RelayChannel, readKey: string): JoinLink {
  const invitation = { channel, readKey, ingestUrl, keys: keys.slice(0, mostKeys) };
  return { relay: relayUrl, createKey: undefined, invitation };
}
