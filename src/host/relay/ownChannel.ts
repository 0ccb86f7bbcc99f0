import { CancelledError, ProblemError } from "../../base/problem.ts";
import { notOwner } from "../../core/relay/askOfChannel.ts";
import type { RelayChannel } from "../../core/relay/relayChannel.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { orThrow } from "../results.ts";

/** The channel in use. Refuses one that was shared with this editor, so nobody is asked about what they may not change. */
export async function ownChannel(tunnel: Pick<Tunnel, "waitForAddress" | "channel">): Promise<RelayChannel> {
  orThrow(await tunnel.waitForAddress());
  const { channel } = tunnel;
  // The person has begun anew in the meantime.
  if (channel === undefined) throw new CancelledError();
  if (channel.isGuest === true) throw new ProblemError(notOwner());
  return channel;
}
