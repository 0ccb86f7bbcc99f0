import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { type Arrivals, leadsToFormer } from "../../core/address/arrivals.ts";
import {
  type Channel,
  type ExpiryHealth,
  expiryHealth,
  isReadable,
  pointsHere,
  remainingWords,
} from "../../core/subscriptions/channel.ts";
import type { ShownLoan } from "../../core/borrow/borrowing.ts";
import { type Connection, userWhereNeeded } from "../../core/connections/connection.ts";
import { incompleteListCode } from "../../core/subscriptions/channelProblems.ts";
import { conditionWordsOn, operationWords } from "../../core/subscriptions/differences.ts";
import type { SubscriptionsState } from "../../core/subscriptions/subscriptionService.ts";
import type { RenewalStatus } from "../../core/renewal/renewalStatus.ts";
import type { Subscription } from "../../zoho/subscription.ts";
import { remedyCommand } from "../commandBoundary.ts";
import { instantInFull } from "../instantWords.ts";
import { type RowWords, renewalContext, renewalInFull, rowWithRenewal } from "../renewal/renewalWords.ts";
import { loanIcon, loanInFull, loanInRow } from "./loanWords.ts";
import type {
  ChannelNode,
  ConnectionNode,
  ModuleNode,
  ProblemNode,
  SubscriptionNode,
  UnreadableNode,
} from "./subscriptionNodes.ts";

/** What an item's words depend on besides its node. Instants and durations in milliseconds. */
export interface ItemContext extends Arrivals {
  /** The time by the clock of a connection's server, which expiries are in. */
  readonly nowAt: (connectionId: string) => number;
  readonly expiringSoon: number;
  /** All that are signed in: one of several of a name also shows its user. */
  readonly connections: readonly Connection[];
  readonly renewalOf: (channel: Channel) => RenewalStatus | undefined;
  readonly loanOf: (channel: Channel) => ShownLoan | undefined;
  /** Calls that the organisation may still make today; undefined while Zoho does not tell. */
  readonly creditsOf: (connectionId: string) => number | undefined;
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
    case "unreadable":
      return `${node.connection.id}/${node.channel?.channelId ?? ""}/unreadable/${node.index}`;
    default:
      return assertNever(node);
  }
}

export function toTreeItem(node: SubscriptionNode, state: SubscriptionsState, context: ItemContext): vscode.TreeItem {
  switch (node.kind) {
    case "connection":
      return connectionItem(node, state, context);
    case "channel":
      return channelItem(node, context);
    case "module":
      return moduleItem(node, context);
    case "problem":
      return problemItem(node);
    case "unreadable":
      return unreadableItem(node);
    default:
      return assertNever(node);
  }
}

function connectionItem(
  { connection }: ConnectionNode,
  state: SubscriptionsState,
  { connections }: ItemContext,
): vscode.TreeItem {
  const item = new vscode.TreeItem(connection.organization.name, vscode.TreeItemCollapsibleState.Expanded);
  const kind = connection.kind === "sandbox" ? vscode.l10n.t("local sandbox") : connection.organization.type;
  const user = userWhereNeeded(connection, connections);
  const parts = [user, kind, isEmptyList(state) ? vscode.l10n.t("no subscriptions yet") : undefined];
  item.description = parts.filter(part => part !== undefined).join(" · ");
  item.iconPath = new vscode.ThemeIcon(connection.kind === "sandbox" ? "beaker" : "organization");
  item.contextValue = `connection ${connection.kind}`;
  return item;
}

function channelItem({ channel }: ChannelNode, context: ItemContext): vscode.TreeItem {
  const now = context.nowAt(channel.connectionId);
  const health = expiryHealth(channel.expiresAt, now, context.expiringSoon);
  const item = new vscode.TreeItem(modulesOf(channel), vscode.TreeItemCollapsibleState.Collapsed);
  const target = targetOf(channel, context);
  const loan = context.loanOf(channel);
  const left = remainingWords(channel.expiresAt - now);
  const status = context.renewalOf(channel);
  const words = healthWords(health, left);
  // What is borrowed comes first: a row is cut at the edge of the side bar.
  const row = loan === undefined ? rowWithRenewal(words, target, status, now) : loanRow(loan, words);
  item.description = row.shown;
  const isDoubtful = status?.kind === "cannot" || !isReadable(channel);
  const shown = isDoubtful && health === "healthy" ? "soon" : health;
  item.iconPath = loan === undefined ? healthIcons[shown]() : loanIcon(loan);
  item.contextValue = `channel ${standingOf(channel, context)}`;
  item.accessibilityInformation = { label: `${modulesOf(channel)}, ${row.spoken}` };
  return item;
}

/** What the menu may offer for a channel: words of the context value of its row, and of its modules' rows. */
function standingOf(channel: Channel, context: ItemContext): string {
  const health = expiryHealth(channel.expiresAt, context.nowAt(channel.connectionId), context.expiringSoon);
  const isFormer = leadsToFormer(channel, context.formerPaths);
  const elsewhere = pointsHere(channel, context.addresses) ? "" : isFormer ? " former" : " lendable";
  const ownership = context.loanOf(channel) === undefined ? elsewhere : " borrowed";
  return `${health === "expired" ? "expired" : "renewable"} ${health}${ownership}${renewalContext(context.renewalOf(channel))}`;
}

function loanRow(loan: ShownLoan, expiry: string): RowWords {
  const words = `${loanInRow(loan)} · ${expiry}`;
  return { shown: words, spoken: words };
}

/** What VS Code asks for when the pointer rests on a row: dates in words cost more than all the rest of a row. */
export function tooltipOf(node: SubscriptionNode, context: ItemContext): vscode.MarkdownString | string {
  switch (node.kind) {
    case "connection":
      return connectionFacts(node.connection, context);
    case "channel":
      return channelFacts(node.channel, context);
    case "module":
      return moduleFacts(node.subscription);
    case "problem":
      return `${node.problem.message}\n${vscode.l10n.t("Press to: {0}", remedyOf(node).title)}`;
    case "unreadable":
      return unreadableFacts(node);
    default:
      return assertNever(node);
  }
}

function connectionFacts(connection: Connection, context: ItemContext): vscode.MarkdownString {
  const { organization, user, apiDomain } = connection;
  const credits = context.creditsOf(connection.id);
  return facts([
    [vscode.l10n.t("Organisation"), `${organization.name} (${organization.type})`],
    [vscode.l10n.t("User"), `${user.name}, ${user.email}`],
    [vscode.l10n.t("API"), apiDomain],
    ...(credits === undefined ? [] : [[vscode.l10n.t("API credits left today"), credits.toLocaleString()] as const]),
  ]);
}

function moduleFacts({ module, events, notificationCondition }: Subscription): vscode.MarkdownString {
  const condition = conditionWordsOn(conditionsIn(notificationCondition), module);
  return facts([
    [vscode.l10n.t("Module"), module],
    [vscode.l10n.t("Events"), operationWords(events, module)],
    [vscode.l10n.t("Notify on edits"), condition ?? vscode.l10n.t("every edit")],
  ]);
}

function channelFacts(channel: Channel, context: ItemContext): vscode.MarkdownString {
  const target = targetOf(channel, context);
  const loan = context.loanOf(channel);
  const [first] = channel.subscriptions;
  const expiry = instantInFull(channel.expiresAt);
  return facts([
    [vscode.l10n.t("Channel"), channel.channelId],
    [
      vscode.l10n.t("Expires"),
      `${expiry} (${remainingWords(channel.expiresAt - context.nowAt(channel.connectionId))})`,
    ],
    [vscode.l10n.t("Renewal"), renewalInFull(context.renewalOf(channel))],
    [vscode.l10n.t("Events go to"), `${target}: ${channel.notifyUrl}`],
    ...(loan === undefined ? [] : [[vscode.l10n.t("Borrowed"), loanInFull(loan)] as const]),
    [vscode.l10n.t("Related records"), onOff(first?.notifyOnRelatedAction)],
    [vscode.l10n.t("Changed values"), onOff(first?.returnAffectedFieldValues)],
    [
      vscode.l10n.t("Created by"),
      channel.createdHere ? vscode.l10n.t("this editor") : vscode.l10n.t("another tool or editor"),
    ],
  ]);
}

function moduleItem({ subscription, channel }: ModuleNode, context: ItemContext): vscode.TreeItem {
  const { module, events } = subscription;
  const item = new vscode.TreeItem(module, vscode.TreeItemCollapsibleState.None);
  const condition = conditionWordsOn(conditionsIn(subscription.notificationCondition), module);
  const operations = operationWords(events, module);
  item.description = condition === undefined ? operations : `${operations} · ${vscode.l10n.t("with a condition")}`;
  item.iconPath = new vscode.ThemeIcon(condition === undefined ? "symbol-class" : "filter");
  item.contextValue = [
    "module",
    ...(isEdited(events) ? ["edited"] : []),
    ...(isRemovable(channel) ? ["removable"] : []),
    standingOf(channel, context),
  ].join(" ");
  return item;
}

/** What Zoho lists in a form that is not known here stays visible, beside what can be read. */
function unreadableItem(node: UnreadableNode): vscode.TreeItem {
  const { channelId, modules, faults } = node.unreadable;
  const label = modules.length > 0 ? modules.join(", ") : (channelId ?? vscode.l10n.t("Unknown subscription"));
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  // A row is cut at the edge of the side bar: first what it is, then what of it.
  item.description = vscode.l10n.t("unreadable · {0}", faults.join(", "));
  item.iconPath = new vscode.ThemeIcon("question", new vscode.ThemeColor("list.warningForeground"));
  item.contextValue = channelId === undefined ? "unreadable" : "unreadable identified";
  item.accessibilityInformation = { label: `${label}, ${item.description}` };
  return item;
}

function unreadableFacts({ unreadable: { channelId, modules, faults } }: UnreadableNode): vscode.MarkdownString {
  const unknown = vscode.l10n.t("unreadable");
  return facts([
    [vscode.l10n.t("Channel"), channelId ?? unknown],
    [vscode.l10n.t("Module"), modules.length === 0 ? unknown : modules.join(", ")],
    [vscode.l10n.t("Missing or in an unknown form"), faults.join(", ")],
    [vscode.l10n.t("Renewal"), vscode.l10n.t("Not renewed automatically: what can't be read isn't renewed or changed")],
  ]);
}

/** True where Zoho has nothing for this connection, and that is certain. */
export function isEmptyList(state: SubscriptionsState): boolean {
  return state.kind === "loaded" && state.complete && state.channels.length + state.unreadable.length === 0;
}

function conditionsIn(notificationCondition: unknown): readonly unknown[] {
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
function problemItem(node: ProblemNode): vscode.TreeItem {
  const { problem } = node;
  const { title, command } = remedyOf(node);
  const isWarning = problem.code === incompleteListCode;
  const label = isWarning ? vscode.l10n.t("Maybe not all") : vscode.l10n.t("Not up to date");
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  item.description = problem.message;
  item.iconPath = isWarning
    ? new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"))
    : new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  item.accessibilityInformation = { label: `${problem.message} ${vscode.l10n.t("Press to: {0}", title)}` };
  item.contextValue = "problem";
  item.command = command;
  return item;
}

function remedyOf({ problem: { remedy } }: ProblemNode): ReturnType<typeof remedyCommand> {
  return remedyCommand(remedy === "none" || remedy === "retry" ? "refresh" : remedy);
}

/** Where a channel's events go, in a word or two. */
export function targetOf(channel: Channel, { addresses, formerPaths }: Arrivals): string {
  if (pointsHere(channel, addresses)) return vscode.l10n.t("this editor");
  return leadsToFormer(channel, formerPaths) ? vscode.l10n.t("former address") : hostOf(channel.notifyUrl);
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
