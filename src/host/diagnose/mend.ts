import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { Remedy } from "../../base/problem.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import { commandIds } from "../names.ts";
import type { ChannelNode, ConnectionNode } from "../subscriptions/subscriptionNodes.ts";

/** What mends a link, as a command with what it is to work on. `icon` is a codicon. */
export interface Mend {
  readonly title: string;
  readonly icon: string;
  /** None where looking again is all that can be done; that follows every command, too. */
  readonly command: string | undefined;
  readonly arguments: readonly unknown[];
}

/** Whom the remedy is for, as far as they are still there. */
export interface MendSubject {
  readonly connection: Connection | undefined;
  readonly channel: Channel | undefined;
}

/** The command that carries out a remedy for this connection and channel; undefined where nothing can be pressed. */
export function mendFor(remedy: Remedy, subject: MendSubject): Mend | undefined {
  const t = vscode.l10n.t;
  switch (remedy) {
    case "none":
      return undefined;
    case "retry":
      return mend(t("Run Again"), "refresh", undefined);
    case "refresh":
      return mend(t("Refresh"), "refresh", commandIds.refreshSubscriptions);
    case "sign-in":
      return signIn(subject);
    case "create-subscription":
      return mend(t("New Subscription"), "add", commandIds.createSubscription, connectionNode(subject));
    case "renew-subscription":
      return mend(t("Renew"), "history", commandIds.renewSubscription, channelNode(subject));
    case "recreate-subscription":
      return mend(t("Create Again"), "debug-restart", commandIds.recreateSubscription, channelNode(subject));
    case "point-here":
      return mend(t("Borrow"), "arrow-swap", commandIds.borrowSubscription, channelNode(subject));
    case "send-here":
      return mend(t("Send It Here"), "arrow-down", commandIds.sendSubscriptionHere, channelNode(subject));
    case "configure-relay":
      return mend(t("Relay Actions"), "radio-tower", commandIds.showRelay);
    case "join-relay":
      return mend(t("Join the Relay"), "key", commandIds.joinRelay);
    case "get-address":
      return mend(t("Get a Public Address"), "globe", commandIds.getPublicAddress);
    case "reconnect-relay":
      return mend(t("Reconnect"), "sync", commandIds.reconnectRelay);
    case "start-sandbox":
      return mend(t("Start Sandbox"), "beaker", commandIds.trySandbox);
    case "open-log":
      return mend(t("Show Log"), "output", commandIds.openLog);
    default:
      return assertNever(remedy);
  }
}

/** Signing in to a sandbox takes no question. */
function signIn({ connection }: MendSubject): Mend {
  return connection?.kind === "sandbox"
    ? mend(vscode.l10n.t("Connect to the Sandbox Again"), "beaker", commandIds.trySandbox)
    : mend(vscode.l10n.t("Sign In Again"), "plug", commandIds.signIn);
}

function mend(title: string, icon: string, command: string | undefined, node?: ConnectionNode | ChannelNode): Mend {
  return { title, icon, command, arguments: node === undefined ? [] : [node] };
}

function connectionNode({ connection }: MendSubject): ConnectionNode | undefined {
  return connection === undefined ? undefined : { kind: "connection", connection };
}

function channelNode({ connection, channel }: MendSubject): ChannelNode | undefined {
  return connection === undefined || channel === undefined ? undefined : { kind: "channel", connection, channel };
}
