import * as vscode from "vscode";
import { readersOf } from "../../core/tunnel/channelSharing.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";

/** Who else reads the channel, as sentences; none where nobody does, or where the relay refuses a colleague's. */
export function sharingSentences({ channel, state }: Pick<Tunnel, "channel" | "state">): readonly string[] {
  if (channel === undefined) return [];
  if (channel.isGuest === true) {
    return state.kind === "refused" ? [] : [vscode.l10n.t("A colleague shares this relay address with you.")];
  }
  const names = readersOf(channel).map(({ name }) => name);
  return names.length === 0 ? [] : [vscode.l10n.t("You share this relay address with {0}.", names.join(", "))];
}
