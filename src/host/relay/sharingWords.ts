import * as vscode from "vscode";
import type { RelayChannel } from "../../core/relay/relayChannel.ts";
import { readersOf } from "../../core/tunnel/channelSharing.ts";

/** Who else reads the channel, as sentences; none where nobody does. */
export function sharingSentences(channel: RelayChannel | undefined): readonly string[] {
  if (channel === undefined) return [];
  if (channel.isGuest === true) return [vscode.l10n.t("A colleague shares this relay address with you.")];
  const names = readersOf(channel).map(({ name }) => name);
  return names.length === 0 ? [] : [vscode.l10n.t("You share this relay address with {0}.", names.join(", "))];
}
