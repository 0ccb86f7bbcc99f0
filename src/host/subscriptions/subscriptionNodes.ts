import type { Problem } from "../../base/problem.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { UnreadableChannel } from "../../core/subscriptions/unreadable.ts";
import type { Subscription } from "../../zoho/subscription.ts";

/**
 * What the Subscriptions tree shows: connection → channel → module; under a connection also what is wrong with it, and
 * under both what Zoho sent of them that cannot be read.
 */
export type SubscriptionNode = ConnectionNode | ChannelNode | ModuleNode | ProblemNode | UnreadableNode;

export interface ConnectionNode {
  readonly kind: "connection";
  readonly connection: Connection;
}

export interface ChannelNode {
  readonly kind: "channel";
  readonly connection: Connection;
  readonly channel: Channel;
}

export interface ModuleNode {
  readonly kind: "module";
  readonly connection: Connection;
  readonly channel: Channel;
  readonly subscription: Subscription;
}

export interface ProblemNode {
  readonly kind: "problem";
  readonly connection: Connection;
  readonly problem: Problem;
}

export interface UnreadableNode {
  readonly kind: "unreadable";
  readonly connection: Connection;
  /** Undefined where Zoho lists nothing of its channel that can be read. */
  readonly channel?: Channel;
  readonly unreadable: UnreadableChannel;
  /** Its place among those of the same parent. */
  readonly index: number;
}

/** A channel of which no more than its id has to be known. */
export interface NamedChannel {
  readonly connection: Connection;
  readonly channel: Pick<Channel, "channelId">;
}

/** The node that a menu passed, or undefined when the command came from elsewhere. */
export function asNode(argument: unknown): SubscriptionNode | undefined {
  return isNode(argument) ? argument : undefined;
}

const kinds: readonly unknown[] = [
  "connection",
  "channel",
  "module",
  "problem",
  "unreadable",
] satisfies SubscriptionNode["kind"][];

/** VS Code passes the tree's own objects back, so telling them from what others pass is enough. */
function isNode(argument: unknown): argument is SubscriptionNode {
  return isRecord(argument) && kinds.includes(argument["kind"]) && isRecord(argument["connection"]);
}

/**
 * The channels that a command on the tree means: those selected if the clicked one is among them, else the clicked one.
 * VS Code passes the clicked node first and the selection second. Among several rows, one of a module stands for its
 * channel: who selects from one row to another gets those of an expanded channel too.
 */
export function channelsMeant(args: readonly unknown[], selection: readonly SubscriptionNode[]): ChannelNode[] {
  const nodes = nodesMeant(args, selection);
  return nodes.length > 1 ? channelsOf(nodes) : nodes.filter(node => node.kind === "channel");
}

/** The channels of rows, each once. */
export function channelsOf(nodes: readonly SubscriptionNode[]): ChannelNode[] {
  const byId = new Map<string, ChannelNode>();
  for (const node of nodes) {
    if (node.kind !== "channel" && node.kind !== "module") continue;
    const { connection, channel } = node;
    byId.set(`${connection.id}/${channel.channelId}`, { kind: "channel", connection, channel });
  }
  return [...byId.values()];
}

/** The same for commands that need no more than an id: what Zoho lists unreadably may have one. */
export function namedChannelsMeant(args: readonly unknown[], selection: readonly SubscriptionNode[]): NamedChannel[] {
  const unreadable = nodesMeant(args, selection).flatMap(node =>
    node.kind === "unreadable" ? (named(node) ?? []) : [],
  );
  return [...unreadable, ...channelsMeant(args, selection)];
}

/** The one row that a command means, where that is of something unreadable. */
export function unreadableMeant(
  args: readonly unknown[],
  selection: readonly SubscriptionNode[],
): UnreadableNode | undefined {
  const [node, ...others] = nodesMeant(args, selection);
  return node?.kind === "unreadable" && others.length === 0 ? node : undefined;
}

/** The channel of a row of something unreadable; undefined where not even its id can be read. */
export function named({ connection, unreadable: { channelId } }: UnreadableNode): NamedChannel | undefined {
  return channelId === undefined ? undefined : { connection, channel: { channelId } };
}

function nodesMeant(args: readonly unknown[], selection: readonly SubscriptionNode[]): SubscriptionNode[] {
  const clicked = asNode(args[0]);
  const many: readonly unknown[] = Array.isArray(args[1]) ? args[1] : clicked === undefined ? selection : [clicked];
  return many.map(asNode).filter(node => node !== undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
