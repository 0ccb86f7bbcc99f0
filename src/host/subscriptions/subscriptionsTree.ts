import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Problem } from "../../base/problem.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { incompleteListProblem } from "../../core/subscriptions/channelProblems.ts";
import type { SubscriptionService, SubscriptionsState } from "../../core/subscriptions/subscriptionService.ts";
import { groupUnreadable } from "../../core/subscriptions/unreadable.ts";
import { viewIds } from "../names.ts";
import type { ChannelNode, SubscriptionNode } from "./subscriptionNodes.ts";
import { StateVersions } from "./stateVersions.ts";
import { type ItemContext, isEmptyList, nodeId, toTreeItem, tooltipOf } from "./subscriptionItems.ts";

/** How often the remaining times are written anew while the view is visible. */
const countdownInterval = 30 * second;

export interface SubscriptionsTreeDependencies {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly clock: Clock;
  /** What else the items need to know, as of now. */
  readonly context: () => ItemContext;
}

/** The Subscriptions view: a projection of the subscription service, with expiries that count down. */
export class SubscriptionsTree implements vscode.TreeDataProvider<SubscriptionNode>, Disposable {
  readonly #deps: SubscriptionsTreeDependencies;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<SubscriptionNode | undefined>();
  readonly view: vscode.TreeView<SubscriptionNode>;
  #countdown: Disposable | undefined;
  readonly #versions = new StateVersions();
  #shown = "";

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(deps: SubscriptionsTreeDependencies) {
    this.#deps = deps;
    this.view = this.#store.add(
      vscode.window.createTreeView(viewIds.subscriptions, {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#store.add(this.#changed);
    this.#store.add(this.view.onDidChangeVisibility(() => this.#scheduleCountdown()));
    this.#store.add(deps.connections.onDidChange(() => this.update()));
    this.#store.add(deps.subscriptions.onDidChange(() => this.update()));
    this.#scheduleCountdown();
  }

  /**
   * Writes the items anew from the present state; asks nobody over the network. Does nothing where they would be what
   * they are: the relay's state changes with every event, and VS Code fetches and lays out every row again.
   */
  update(): void {
    const message = this.#message();
    const shown = JSON.stringify([message, this.#describe()]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.view.message = message;
    this.#changed.fire(undefined);
  }

  getTreeItem(node: SubscriptionNode): vscode.TreeItem {
    return this.#itemOf(node, this.#deps.context());
  }

  /** Called when the pointer rests on a row. */
  resolveTreeItem(item: vscode.TreeItem, node: SubscriptionNode): vscode.TreeItem {
    item.tooltip = tooltipOf(node, this.#deps.context());
    return item;
  }

  getChildren(node?: SubscriptionNode): SubscriptionNode[] {
    if (node === undefined) {
      return this.#deps.connections.list().map(connection => ({ kind: "connection", connection }));
    }
    switch (node.kind) {
      case "connection":
        return this.#childrenOfConnection(node.connection.id, node);
      case "channel":
        return childrenOfChannel(node);
      case "module":
      case "problem":
      case "unreadable":
        return [];
      default:
        return assertNever(node);
    }
  }

  /** What VS Code needs to bring an item into view; items are told apart by their id. */
  getParent(node: SubscriptionNode): SubscriptionNode | undefined {
    const { connection } = node;
    switch (node.kind) {
      case "connection":
        return undefined;
      case "channel":
      case "problem":
        return { kind: "connection", connection };
      case "module":
        return { kind: "channel", connection, channel: node.channel };
      case "unreadable":
        return node.channel === undefined
          ? { kind: "connection", connection }
          : { kind: "channel", connection, channel: node.channel };
      default:
        return assertNever(node);
    }
  }

  /** Brings a channel into view and selects it; false where it is not there. */
  async revealChannel(connectionId: string, channelId: string): Promise<boolean> {
    const parent = this.getChildren().find(node => node.connection.id === connectionId);
    const isMeant = (node: SubscriptionNode): boolean =>
      node.kind === "channel" && node.channel.channelId === channelId;
    const node = parent === undefined ? undefined : this.getChildren(parent).find(isMeant);
    if (node === undefined) return false;
    await this.view.reveal(node, { select: true, focus: true, expand: true });
    return true;
  }

  dispose(): void {
    this.#countdown?.dispose();
    this.#store.dispose();
  }

  /**
   * All that the view is made of: what the server has, which commands get to see, and the rows, which people do. Rows of
   * modules follow from what the server has. This is done at every event, so it has to be quick for a thousand channels.
   */
  #describe(): unknown[] {
    const context = this.#deps.context();
    return this.getChildren().map(node => {
      const { connection } = node;
      const version = this.#versions.of(connection.id, this.#deps.subscriptions.stateOf(connection.id));
      const rows = this.getChildren(node).map(child => this.#rowOf(child, context));
      return [connection, version, this.#itemOf(node, context), rows];
    });
  }

  /** Also what only the tooltip tells: one that was shown is kept until the rows are written anew. */
  #rowOf(node: SubscriptionNode, context: ItemContext): unknown[] {
    const { description, contextValue } = this.#itemOf(node, context);
    const told = node.kind === "channel" ? [context.renewalOf(node.channel), context.loanOf(node.channel)] : [];
    return [description, contextValue, ...told];
  }

  #itemOf(node: SubscriptionNode, context: ItemContext): vscode.TreeItem {
    const item = toTreeItem(node, this.#deps.subscriptions.stateOf(node.connection.id), context);
    item.id = nodeId(node);
    return item;
  }

  #childrenOfConnection(
    id: string,
    { connection }: { connection: SubscriptionNode["connection"] },
  ): SubscriptionNode[] {
    const state = this.#deps.subscriptions.stateOf(id);
    switch (state.kind) {
      case "loading":
        return [];
      case "loaded":
        return [
          ...(state.complete ? [] : [{ kind: "problem" as const, connection, problem: incompleteListProblem(state) }]),
          ...state.channels.map(channel => ({ kind: "channel" as const, connection, channel })),
          ...groupUnreadable(state.unreadable).map((unreadable, index) => ({
            kind: "unreadable" as const,
            connection,
            unreadable,
            index,
          })),
        ];
      case "failed":
        return [
          { kind: "problem", connection, problem: state.problem },
          ...state.channels.map(channel => ({ kind: "channel" as const, connection, channel })),
        ];
      default:
        return assertNever(state);
    }
  }

  /** What a row has no room for: a row is cut at the edge of the side bar, the message above the tree is wrapped. */
  #message(): string {
    const connections = this.#deps.connections.list();
    const states = connections.map(connection => ({
      connection,
      state: this.#deps.subscriptions.stateOf(connection.id),
    }));
    const problems = states.flatMap(({ connection, state }) => {
      const problem = problemOf(state);
      if (problem === undefined) return [];
      return [connections.length === 1 ? problem.message : `${connection.label}: ${problem.message}`];
    });
    if (problems.length > 0) return problems.join("\n");
    if (states.some(({ state }) => state.kind === "loading")) return vscode.l10n.t("Loading subscriptions…");
    const isEmpty = states.every(({ state }) => isEmptyList(state));
    return isEmpty && states.length > 0 ? vscode.l10n.t("No subscriptions yet. The plus above creates one.") : "";
  }

  #scheduleCountdown(): void {
    this.#countdown?.dispose();
    if (!this.view.visible) return;
    this.#countdown = this.#deps.clock.after(countdownInterval, () => {
      this.update();
      this.#scheduleCountdown();
    });
  }
}

/** What a connection's list wants people to know: that it could not be read, or not to its end. */
function problemOf(state: SubscriptionsState): Problem | undefined {
  if (state.kind === "failed") return state.problem;
  return state.kind === "loaded" && !state.complete ? incompleteListProblem(state) : undefined;
}

function childrenOfChannel(node: ChannelNode): SubscriptionNode[] {
  const { subscriptions, unreadable = [] } = node.channel;
  return [
    ...subscriptions.map(subscription => ({ ...node, kind: "module" as const, subscription })),
    ...groupUnreadable(unreadable).map((each, index) => ({
      ...node,
      kind: "unreadable" as const,
      unreadable: each,
      index,
    })),
  ];
}
