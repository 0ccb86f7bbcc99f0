import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { withCancellableProgress } from "../cancellableProgress.ts";
import { orThrow } from "../results.ts";

/** The address for a subscription: at once, or when the relay answers, of which the person is told and can cancel it. */
export async function addressToUse(tunnel: Tunnel): Promise<string> {
  const away = new AbortController();
  const watching = tunnel.onDidChangeState(({ kind }) => kind === "reconnecting" && away.abort());
  if (tunnel.state.kind === "reconnecting") away.abort();
  const soon = await tunnel.waitForAddress(away.signal);
  watching.dispose();
  return soon.ok || !away.signal.aborted ? orThrow(soon) : waitFor(tunnel);
}

async function waitFor(tunnel: Tunnel): Promise<string> {
  const title = vscode.l10n.t("Waiting for the relay, which doesn't answer. The subscription follows once it does…");
  return withCancellableProgress(title, async signal => {
    const address = await tunnel.waitForAddress(signal);
    if (signal.aborted) throw new CancelledError();
    return orThrow(address);
  });
}
