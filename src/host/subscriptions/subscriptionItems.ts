import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import {
  type Channel,
  type ExpiryHealth,
  expiryHealth,
  pointsHere,
  remainingWords,
} from "../../core/subscriptions/channel.ts";
import { conditionWordsOn, operationWords } from "../../core/subscriptions/differences.ts";
import type { SubscriptionsState } from "../../core/subscriptions/subscriptionService.ts";
import type { RenewalStatus } from "../../core/renewal/renewalStatus.ts";
import type { Subscription } from "../../zoho/subscription.ts";
import { remedyCommand } from "../commandBoundary.ts";
import { renewalContext, renewalInFull, renewalInRow } from "../renewal/renewalWords.ts";
import { type ShownLoan, loanIcon, loanInFull, loanInRow } from "./loanWords.ts";
import type { ChannelNode, ConnectionNode, ModuleNode, ProblemNode, SubscriptionNode } from "./subscriptionNodes.ts";

/** What an item's words depend on besides its node. Instants and durations in milliseconds. */
export interface ItemContext {
  readonly now: number;
  readonly expiringSoon: number;
  /** Addresses that lead to this editor. */
  readonly addresses: readonly string[];
  readonly renewalOf: (channel: Channel) => RenewalStatus | undefined;
  readonly loanOf: (channel: Channel) => ShownLoan | undefined;
}

/** Stays the same over refreshes, so that selection and expansion do. */
export function nodeId(node: SubscriptionNode): string {
  switch (node.kind) {
    case "connection":
      return node.connection.id;
    case "channel":
      return `${node.connection.id}/${node.channel.channelId}`;
    case "module":
      return `${node.connection.id}/${node.channel.channelId}/${node.subscription.module}`;
    case "problem":
      return `${node.connection.id}/problem`;
    default:
      return assertNever(node);
  }
}

export function toTreeItem(node: SubscriptionNode, state: SubscriptionsState, context: ItemContext): vscode.TreeItem {
  switch (node.kind) {
    case "connection":
      return connectionItem(node, state);
    case "channel":
      return channelItem(node, context);
    case "module":
      return moduleItem(node);
    case "problem":
      return problemItem(node);
    default:
      return assertNever(node);
  }
}

function connectionItem({ connection }: ConnectionNode, state: SubscriptionsState): vscode.TreeItem {
  const item = new vscode.TreeItem(connection.organization.name, vscode.TreeItemCollapsibleState.Expanded);
  const kind = connection.kind === "sandbox" ? vscode.l10n.t("local sandbox") : connection.organization.type;
  item.description =
    state.kind === "loaded" && state.channels.length === 0
      ? `${kind} · ${vscode.l10n.t("no subscriptions yet")}`
      : kind;
  item.iconPath = new vscode.ThemeIcon(connection.kind === "sandbox" ? "beaker" : "organization");
  item.contextValue = `connection ${connection.kind}`;
  item.tooltip = facts([
    [vscode.l10n.t("Organisation"), `${connection.organization.name} (${connection.organization.type})`],
    [vscode.l10n.t("User"), `${connection.user.name}, ${connection.user.email}`],
    [vscode.l10n.t("API"), connection.apiDomain],
  ]);
  return item;
}

function channelItem({ channel }: ChannelNode, context: ItemContext): vscode.TreeItem {
  const health = expiryHealth(channel.expiresAt, context.now, context.expiringSoon);
  const item = new vscode.TreeItem(modulesOf(channel), vscode.TreeItemCollapsibleState.Collapsed);
  const isHere = pointsHere(channel, context.addresses);
  const target = isHere ? vscode.l10n.t("this editor") : hostOf(channel.notifyUrl);
  const loan = context.loanOf(channel);
  const left = remainingWords(channel.expiresAt - context.now);
  const status = context.renewalOf(channel);
  const renewal = renewalInRow(status, context.now);
  const where = loan === undefined ? target : loanInRow(loan);
  item.description = [healthWords(health, left), where, ...(renewal === undefined ? [] : [renewal])].join(" · ");
  item.iconPath = loan === undefined ? healthIcons[health]() : loanIcon(loan);
  const ownership = loan !== undefined ? " borrowed" : isHere ? "" : " lendable";
  const standing = `${health === "expired" ? "expired" : "renewable"} ${health}`;
  item.contextValue = `channel ${standing}${ownership}${renewalContext(status)}`;
  item.tooltip = channelFacts(channel, context, target);
  item.accessibilityInformation = { label: `${modulesOf(channel)}, ${item.description}` };
  return item;
}

function channelFacts(channel: Channel, context: ItemContext, target: string): vscode.MarkdownString {
  const loan = context.loanOf(channel);
  const [first] = channel.subscriptions;
  const expiry = new Date(channel.expiresAt).toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  return facts([
    [vscode.l10n.t("Channel"), channel.channelId],
    [vscode.l10n.t("Expires"), `${expiry} (${remainingWords(channel.expiresAt - context.now)})`],
    [vscode.l10n.t("Renewal"), renewalInFull(context.renewalOf(channel))],
    [vscode.l10n.t("Events go to"), `${target}: ${channel.notifyUrl}`],
    ...(loan === undefined ? [] : [[vscode.l10n.t("Borrowed"), loanInFull(loan)] as const]),
    [vscode.l10n.t("Related records"), onOff(first?.notifyOnRelatedAction)],
    [vscode.l10n.t("Changed values"), onOff(first?.returnAffectedFieldValues)],
    [vscode.l10n.t("Created by"), channel.createdHere ? vscode.l10n.t("this editor") : vscode.l10n.t("somebody else")],
  ]);
}

function moduleItem({ subscription, channel }: ModuleNode): vscode.TreeItem {
  const { module, events } = subscription;
  const item = new vscode.TreeItem(module, vscode.TreeItemCollapsibleState.None);
  const condition = conditionWordsOn(conditionsOf(subscription), module);
  const operations = operationWords(events, module);
  item.description = condition === undefined ? operations : `${operations} · ${vscode.l10n.t("with a condition")}`;
  item.iconPath = new vscode.ThemeIcon(condition === undefined ? "symbol-class" : "filter");
  item.contextValue = [
    "module",
    ...(isEdited(events) ? ["edited"] : []),
    ...(isRemovable(channel) ? ["removable"] : []),
  ].join(" ");
  item.tooltip = facts([
    [vscode.l10n.t("Module"), module],
    [vscode.l10n.t("Events"), operations],
    [vscode.l10n.t("Edits told"), condition ?? vscode.l10n.t("every one")],
  ]);
  return item;
}

function conditionsOf({ notificationCondition }: Subscription): readonly unknown[] {
  return Array.isArray(notificationCondition) ? notificationCondition : [];
}

function isEdited(events: readonly string[]): boolean {
  return events.some(event => event.endsWith(".edit"));
}

function isRemovable(channel: Channel): boolean {
  return channel.subscriptions.length > 1;
}

function onOff(on = false): string {
  return on ? vscode.l10n.t("on") : vscode.l10n.t("off");
}

/** The sentence itself is also above the tree, in full; pressing the row carries out the remedy. */
function problemItem({ problem }: ProblemNode): vscode.TreeItem {
  const remedy = problem.remedy === "none" || problem.remedy === "retry" ? "refresh" : problem.remedy;
  const { title, command } = remedyCommand(remedy);
  const item = new vscode.TreeItem(vscode.l10n.t("Not up to date"), vscode.TreeItemCollapsibleState.None);
  item.description = problem.message;
  item.iconPath = new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  item.tooltip = `${problem.message}\n${vscode.l10n.t("Press to: {0}", title)}`;
  item.accessibilityInformation = { label: `${problem.message} ${vscode.l10n.t("Press to: {0}", title)}` };
  item.contextValue = "problem";
  item.command = command;
  return item;
}

/** The modules of a channel, in the order in which the CRM lists them. */
export function modulesOf(channel: Channel): string {
  return channel.subscriptions.map(subscription => subscription.module).join(", ");
}

/** Where an address leads, short enough for a label. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

function healthWords(health: ExpiryHealth, left: string): string {
  switch (health) {
    case "healthy":
      return left;
    case "soon":
      return vscode.l10n.t("expires in {0}", left);
    case "expired":
      return vscode.l10n.t("expired");
    default:
      return assertNever(health);
  }
}

const healthIcons: Readonly<Record<ExpiryHealth, () => vscode.ThemeIcon>> = {
  healthy: () => new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed")),
  soon: () => new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground")),
  expired: () => new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground")),
};

/** A tooltip of names and values; values are shown as text, whatever is in them. */
function facts(rows: readonly (readonly [name: string, value: string])[]): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  rows.forEach(([name, value], index) => {
    if (index > 0) tooltip.appendMarkdown("  \n");
    tooltip.appendMarkdown("**").appendText(name).appendMarkdown("** ").appendText(value);
  });
  return tooltip;
}
