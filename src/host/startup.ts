import * as vscode from "vscode";
import type { Borrowing } from "../core/borrow/borrowing.ts";
import type { Connection } from "../core/connections/connection.ts";
import type { ConnectionStore } from "../core/connections/connectionStore.ts";
import type { AutomaticRecovery } from "../core/recovery/automaticRecovery.ts";
import type { LocalSandbox } from "../core/sandbox/localSandbox.ts";
import type { ChannelOwnership } from "../core/subscriptions/ownership.ts";
import type { SubscriptionService } from "../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../core/tunnel/tunnel.ts";
import { contextKeys } from "./names.ts";
import { orThrow } from "./results.ts";
import { settings } from "./settings.ts";

export interface StartupDependencies {
  readonly borrowing: Pick<Borrowing, "start">;
  readonly connections: ConnectionStore;
  readonly automaticRecovery: Pick<AutomaticRecovery, "resume">;
  readonly ownership: ChannelOwnership;
  readonly sandbox: LocalSandbox;
  readonly subscriptions: SubscriptionService;
  readonly tunnel: Tunnel;
  /** Signs in to the sandbox, which takes no question. */
  readonly connectSandbox: () => Promise<unknown>;
  readonly trySandbox: () => Promise<void>;
}

/**
 * What happens after activation, in the background: reads what is kept, connects the relay where there is anybody to
 * hear from, and brings the sandbox back where it is in use. Failures show in the views; what is thrown is unforeseen.
 */
export async function startUp(deps: StartupDependencies): Promise<void> {
  showConnections("loading");
  await deps.ownership.load();
  // Where the secret storage is locked, the view says so instead of loading for ever.
  await deps.connections.load().catch((error: unknown) => {
    showConnections("failed");
    // It is read again, and whoever has lent something waits.
    takeUpAgain(deps);
    throw error;
  });
  showConnections(deps.connections);
  const connections = deps.connections.list();
  if (connections.length > 0) deps.tunnel.start();
  else await deps.tunnel.startWhereJoined();
  deps.tunnel.erasures.start();
  // What is borrowed goes back once there is somebody to give it back to: the sandbox may have to start first.
  await resume(deps, connections).finally(() => takeUpAgain(deps));
}

/** What is borrowed and what was missed, as earlier windows have left it. */
function takeUpAgain({ borrowing, automaticRecovery }: StartupDependencies): void {
  borrowing.start();
  automaticRecovery.resume();
}

async function resume(deps: StartupDependencies, connections: readonly Connection[]): Promise<void> {
  const kept = connections.find(({ kind }) => kind === "sandbox");
  const nothingElse = connections.every(({ kind }) => kind === "sandbox");
  if (nothingElse && settings.trySandboxOnStartup()) await deps.trySandbox();
  else if (kept !== undefined) await resumeSandbox(deps, kept);
}

/**
 * Brings the sandbox of a kept connection back. One that came back at another address, or has forgotten the sign-in, is
 * signed in to anew: with a sandbox that takes no question.
 */
async function resumeSandbox(deps: StartupDependencies, kept: Connection): Promise<void> {
  const url = orThrow(await deps.sandbox.url());
  if (url === kept.accountsUrl) await deps.subscriptions.refresh(kept.id);
  const state = deps.subscriptions.stateOf(kept.id);
  const forgotten = state.kind === "failed" && state.problem.remedy === "sign-in";
  if (url !== kept.accountsUrl || forgotten) await deps.connectSandbox();
}

/** Sets the context key that chooses the welcome view and the title icons. */
export function showConnections(connections: ConnectionStore | "loading" | "failed"): void {
  const value = typeof connections === "string" ? connections : connections.list().length === 0 ? "none" : "some";
  void vscode.commands.executeCommand("setContext", contextKeys.connections, value);
}
