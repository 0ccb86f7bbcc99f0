import * as vscode from "vscode";
import { type Clock, second } from "../../base/clock.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { BatchOptions } from "../../core/subscriptions/batches.ts";
import { pointsHere } from "../../core/subscriptions/channel.ts";
import { operationsOn } from "../../core/subscriptions/draft.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import type { RenewOutcome, SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { viewIds } from "../names.ts";
import { confirm, confirmProductionWrite, productionNames } from "../questions.ts";
import { addressToUse } from "../relay/addressToUse.ts";
import { orThrow } from "../results.ts";
import { throwFirst } from "../throwFirst.ts";
import { settings } from "../settings.ts";
import { askForSubscription } from "./createSubscription.ts";
import { refuseUnreadable } from "./refuseUnreadable.ts";
import { showWarnings } from "./showWarnings.ts";
import { hostOf, modulesOf } from "./subscriptionItems.ts";
import {
  type ChannelNode,
  type SubscriptionNode,
  asNode,
  channelsMeant,
  namedChannelsMeant,
} from "./subscriptionNodes.ts";

export interface SubscriptionCommandsDependencies {
  readonly connections: ConnectionStore;
  readonly clients: ZohoClients;
  readonly subscriptions: SubscriptionService;
  readonly tunnel: Tunnel;
  readonly view: vscode.TreeView<SubscriptionNode>;
  readonly clock: Clock;
}

/** The commands on subscriptions, as the tree, the palette and keys call them. */
export class SubscriptionCommands {
  readonly #deps: SubscriptionCommandsDependencies;

  constructor(deps: SubscriptionCommandsDependencies) {
    this.#deps = deps;
  }

  async create(...args: unknown[]): Promise<void> {
    const { clients, connections, subscriptions, tunnel } = this.#deps;
    const { connection, details } = await askForSubscription({
      clients,
      connections: connections.list(),
      connection: asNode(args[0])?.connection,
      expiresIn: settings.expiry(),
      isHere: notifyUrl => pointsHere({ notifyUrl }, this.#addresses()),
      now: () => this.#deps.clock.now(),
    });
    if (connection === undefined) throw new CancelledError();
    const modules = [...new Set(details.events.map(moduleOf))];
    await confirmProductionWrite([connection], vscode.l10n.t("Subscribe to {0}", modules.join(", ")));
    const created = await this.#withProgress(async () => {
      const notifyUrl = details.notifyUrl === "" ? await addressToUse(tunnel) : details.notifyUrl;
      const expiresInMs = details.expiresAt - this.#deps.clock.now();
      const wanted = modules.map(module => ({ module, operations: operationsOn(details.events, module) }));
      return orThrow(
        await subscriptions.create(connection.id, { ...details, modules: wanted, notifyUrl, expiresInMs }),
      );
    });
    showWarnings(created.warnings);
  }

  async refresh(): Promise<void> {
    await this.#withProgress(async () => this.#deps.subscriptions.refresh());
  }

  /** Renews the channels meant, those of a connection together, and says which could not be. */
  async renew(...args: unknown[]): Promise<void> {
    const nodes = this.#meant(args);
    const { subscriptions } = this.#deps;
    await confirmProductionWrite(connectionsOf(nodes), vscode.l10n.t("Renew"));
    const { done, problems } = await this.#inGroups(
      nodes,
      vscode.l10n.t("Renewing"),
      async (connectionId, ids, options) => subscriptions.renewMany(connectionId, ids, options),
    );
    sayRenewed(done);
    const [gone] = problems.filter(({ problem }) => problem.remedy === "recreate-subscription");
    if (gone !== undefined && nodes.length === 1) await this.#offerToRecreate(gone.node, gone.problem);
    else throwFirst(problems.map(({ problem }) => problem));
  }

  /** Makes expired channels again, with everything they had. */
  async recreate(...args: unknown[]): Promise<void> {
    const nodes = this.#meant(args);
    const { subscriptions } = this.#deps;
    await confirmProductionWrite(connectionsOf(nodes), vscode.l10n.t("Create Again"));
    const { done, problems } = await this.#inGroups(
      nodes,
      vscode.l10n.t("Creating again"),
      async (connectionId, ids, options) => subscriptions.recreateMany(connectionId, ids, options),
    );
    sayRecreated(done);
    throwFirst(problems.map(({ problem }) => problem));
  }

  async delete(...args: unknown[]): Promise<void> {
    const nodes = this.#meant(args);
    await this.#confirmDeletion(nodes);
    const problems: Problem[] = [];
    await this.#withProgress(async () => {
      for (const [connectionId, group] of Map.groupBy(nodes, node => node.connection.id)) {
        const outcomes = await this.#deps.subscriptions.delete(
          connectionId,
          group.map(node => node.channel.channelId),
        );
        for (const outcome of outcomes.values()) if (!outcome.ok) problems.push(outcome.error);
      }
    });
    throwFirst(problems);
  }

  async copyChannelId(...args: unknown[]): Promise<void> {
    const nodes = namedChannelsMeant(args, this.#deps.view.selection);
    await copy((nodes.length > 0 ? nodes : this.#meant(args)).map(({ channel }) => channel.channelId));
  }

  async copyNotifyUrl(...args: unknown[]): Promise<void> {
    await copy(this.#meant(args).map(node => node.channel.notifyUrl));
  }

  #meant(args: readonly unknown[]): ChannelNode[] {
    const nodes = channelsMeant(args, this.#deps.view.selection);
    if (nodes.length > 0) return nodes;
    refuseUnreadable(args, this.#deps.view.selection);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Select a subscription first"), doneTime);
    throw new CancelledError();
  }

  async #offerToRecreate(node: ChannelNode, problem: Problem): Promise<void> {
    const again = vscode.l10n.t("Create Again");
    if ((await vscode.window.showWarningMessage(problem.message, again)) === again) await this.recreate(node);
  }

  async #confirmDeletion(nodes: readonly ChannelNode[]): Promise<void> {
    const [first] = nodes;
    const question =
      nodes.length === 1 && first !== undefined
        ? vscode.l10n.t("Delete the subscription to {0}?", modulesOf(first.channel))
        : vscode.l10n.t("Delete {0} subscriptions?", nodes.length);
    const foreign = nodes.filter(({ channel }) => !channel.createdHere || !pointsHere(channel, this.#addresses()));
    const lines = foreign.map(({ channel }) =>
      vscode.l10n.t("{0}: sends to {1}, not to this editor.", modulesOf(channel), hostOf(channel.notifyUrl)),
    );
    const production = productionNames(connectionsOf(nodes)).map(name =>
      vscode.l10n.t("{0} is a production organisation.", name),
    );
    const detail = [stopsSending(nodes.length), ...lines, ...production].join("\n");
    await confirm(question, detail, vscode.l10n.t("Delete"));
  }

  #addresses(): readonly string[] {
    const { address } = this.#deps.tunnel;
    return address === undefined ? [] : [address];
  }

  async #withProgress<T>(task: () => Promise<T>): Promise<T> {
    return vscode.window.withProgress({ location: { viewId: viewIds.subscriptions } }, task);
  }

  /** Runs `task` for the channels of each connection; several show their progress and can be stopped between requests. */
  async #inGroups(nodes: readonly ChannelNode[], title: string, task: GroupTask): Promise<GroupOutcome> {
    const done: ChannelNode[] = [];
    const problems: FailedNode[] = [];
    const warnings: Problem[] = [];
    const location = nodes.length === 1 ? { viewId: viewIds.subscriptions } : vscode.ProgressLocation.Notification;
    await vscode.window.withProgress({ location, title, cancellable: nodes.length > 1 }, async (_progress, stop) => {
      const options = { expiresInMs: settings.expiry(), mayGoOn: () => !stop.isCancellationRequested };
      for (const [connectionId, group] of Map.groupBy(nodes, node => node.connection.id)) {
        const ids = group.map(({ channel }) => channel.channelId);
        const outcomes = await task(connectionId, ids, options);
        for (const node of group) {
          const outcome = outcomes.get(node.channel.channelId);
          if (outcome?.ok === true) {
            done.push(node);
            warnings.push(...outcome.value.warnings);
          } else if (outcome !== undefined && !isCancelled(outcome.error))
            problems.push({ node, problem: outcome.error });
        }
      }
    });
    showWarnings(warnings);
    return { done, problems };
  }
}

function stopsSending(count: number): string {
  return count === 1
    ? vscode.l10n.t("Zoho CRM stops sending its changes.")
    : vscode.l10n.t("Zoho CRM stops sending their changes.");
}

type GroupTask = (
  connectionId: string,
  channelIds: readonly string[],
  options: BatchOptions,
) => Promise<ReadonlyMap<string, Result<RenewOutcome, Problem>>>;

/** What was not sent because the person stopped it is no failure. */
function isCancelled(problem: Problem): boolean {
  return "kind" in problem && problem.kind === "cancelled";
}

interface FailedNode {
  readonly node: ChannelNode;
  readonly problem: Problem;
}

interface GroupOutcome {
  readonly done: readonly ChannelNode[];
  readonly problems: readonly FailedNode[];
}

/** How long the status bar says what was done, in milliseconds: a row may look the same before and after. */
const doneTime = 5 * second;

function sayRenewed(nodes: readonly ChannelNode[]): void {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  const words =
    others.length === 0
      ? vscode.l10n.t("Renewed: {0}", modulesOf(first.channel))
      : vscode.l10n.t("{0} subscriptions renewed", nodes.length);
  vscode.window.setStatusBarMessage(words, doneTime);
}

function sayRecreated(nodes: readonly ChannelNode[]): void {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  const words =
    others.length === 0
      ? vscode.l10n.t("Created again: {0}", modulesOf(first.channel))
      : vscode.l10n.t("{0} subscriptions created again", nodes.length);
  vscode.window.setStatusBarMessage(words, doneTime);
}

function connectionsOf(nodes: readonly ChannelNode[]): Connection[] {
  return nodes.map(({ connection }) => connection);
}

async function copy(lines: readonly string[]): Promise<void> {
  await vscode.env.clipboard.writeText(lines.join("\n"));
  vscode.window.setStatusBarMessage(vscode.l10n.t("Copied"), 2000);
}
