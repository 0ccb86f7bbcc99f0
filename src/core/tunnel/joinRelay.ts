import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { Invitation, JoinLink } from "../../protocol/joinLink.ts";
import { holdsKey } from "../relay/channelAccess.ts";
import { type RelayChannel, createRelayChannel } from "../relay/relayChannel.ts";
import { refusalProblem } from "../relay/relayProblems.ts";
import type { ChannelVault } from "./channelVault.ts";
import type { CreateKeyVault } from "./createKeyVault.ts";

export interface JoinVaults {
  readonly channels: ChannelVault;
  readonly createKeys: CreateKeyVault;
}

/**
 * Prepares this editor for a relay: proves what the link has there, and keeps it among the secrets. Nothing is kept when
 * the relay says no. Throws CancelledError.
 */
export async function joinRelay(
  { relay, createKey, invitation }: JoinLink,
  vaults: JoinVaults,
  signal: AbortSignal,
): Promise<Result<void, Problem>> {
  const joined =
    invitation === undefined
      ? await joinAsOwner(relay, createKey, vaults, signal)
      : await joinAsGuest(relay, invitation, vaults, signal);
  if (joined.ok && createKey !== undefined) await vaults.createKeys.write(relay, createKey);
  return joined;
}

/** A channel that is kept already goes on: subscriptions carry its address. */
async function joinAsOwner(
  relay: string,
  createKey: string | undefined,
  { channels, createKeys }: JoinVaults,
  signal: AbortSignal,
): Promise<Result<void, Problem>> {
  if ((await channels.read(relay)) !== undefined) return succeed(undefined);
  const key = createKey ?? (await createKeys.read(relay));
  const created = await createRelayChannel(relay, { createKey: key, signal });
  if (!created.ok) return created;
  await channels.writeFirst(relay, created.value);
  return succeed(undefined);
}

async function joinAsGuest(
  relay: string,
  invitation: Invitation,
  { channels }: JoinVaults,
  signal: AbortSignal,
): Promise<Result<void, Problem>> {
  const guest: RelayChannel = { relayUrl: relay, ...invitation, isGuest: true };
  const known = await holdsKey(guest, signal);
  if (!known.ok) return known.error.code === "RELAY_UNKNOWN_CHANNEL" ? fail(invitationOver(relay)) : known;
  if (!known.value) return fail(refusalProblem("not-shared", relay));
  const kept = await channels.read(relay);
  // Its owner follows their own invitation.
  if (kept?.channel === guest.channel && kept.isGuest !== true) return succeed(undefined);
  await channels.writeGuest(relay, guest);
  return succeed(undefined);
}

/** Another link is to be entered: this one leads nowhere. */
function invitationOver(relay: string): Problem {
  return { ...refusalProblem("invitation-over", relay), remedy: "join-relay" };
}
