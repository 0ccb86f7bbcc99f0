import * as vscode from "vscode";
import { type Arrivals, arrivesHere } from "../core/address/arrivals.ts";
import type { Connection } from "../core/connections/connection.ts";
import type { SubscriptionService } from "../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../core/tunnel/tunnel.ts";
import type { ConnectionCommands } from "./connections/connectionCommands.ts";
import type { InspectorView } from "./inspector/inspectorView.ts";
import { viewIds } from "./names.ts";
import { addressToUse } from "./relay/addressToUse.ts";
import { orThrow } from "./results.ts";
import { settings } from "./settings.ts";

export interface TrySandboxDependencies {
  readonly connectionCommands: ConnectionCommands;
  readonly subscriptions: SubscriptionService;
  readonly tunnel: Tunnel;
  readonly inspector: InspectorView;
  /** With what this editor has read of its former addresses by then. */
  readonly arrivals: () => Promise<Arrivals>;
}

const starterModules = ["Leads", "Deals"];

/** From nothing to events in one step: connects to the sandbox, subscribes to Leads and Deals, and shows both views. */
export async function trySandbox(deps: TrySandboxDependencies): Promise<void> {
  await vscode.commands.executeCommand(`${viewIds.subscriptions}.focus`);
  await deps.inspector.show();
  await vscode.window.withProgress({ location: { viewId: viewIds.subscriptions } }, async () => {
    // Also where a connection is kept: signing in starts the sandbox, and mends a sign-in that it no longer knows.
    await ensureSubscribed(deps, await deps.connectionCommands.connectSandbox());
  });
}

async function ensureSubscribed(deps: TrySandboxDependencies, { id }: Connection): Promise<void> {
  const { subscriptions, tunnel } = deps;
  const address = await addressToUse(tunnel);
  // The sandbox is on this machine: what leads here from outside is a detour that may close.
  const notifyUrl = tunnel.ownAddress ?? address;
  await subscriptions.refresh(id);
  const state = subscriptions.stateOf(id);
  const channels = state.kind === "loaded" ? state.channels : [];
  const arrivals = await deps.arrivals();
  if (channels.some(channel => arrivesHere(channel, arrivals))) return;
  const request = {
    modules: starterModules.map(module => ({ module, operations: ["all"] as const })),
    expiresInMs: settings.expiry(),
    notifyUrl,
    returnAffectedFieldValues: true,
    notifyOnRelatedAction: false,
  };
  orThrow(await subscriptions.create(id, request));
}
