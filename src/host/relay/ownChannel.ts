import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import { notOwner } from "../../core/relay/askOfChannel.ts";
import type { RelayChannel } from "../../core/relay/relayChannel.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { OfferedError } from "../commandBoundary.ts";
import { commandIds } from "../names.ts";
import { orThrow } from "../results.ts";

/** The channel in use. Refuses one that was shared with this editor, so nobody is asked about what they may not change. */
export async function ownChannel(tunnel: Pick<Tunnel, "waitForAddress" | "channel">): Promise<RelayChannel> {
  orThrow(await tunnel.waitForAddress());
  const { channel } = tunnel;
  // The person has begun anew in the meantime.
  if (channel === undefined) throw new CancelledError();
  if (channel.isGuest !== true) return channel;
  const leave = async (): Promise<unknown> => vscode.commands.executeCommand(commandIds.newRelayChannel);
  throw new OfferedError(notOwner(), vscode.l10n.t("Use My Own Address…"), leave);
}
