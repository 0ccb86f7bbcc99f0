import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { back, pickOne, unnumbered } from "../multiStep.ts";
import { hostOf, modulesOf } from "./subscriptionItems.ts";
import { type ChannelNode, type SubscriptionNode, asNode } from "./subscriptionNodes.ts";

export interface ChannelSource {
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly view: { readonly selection: readonly SubscriptionNode[] };
}

/**
 * The one channel that a command means: the row that was clicked, or the one that is selected, or, from the palette with
 * nothing selected, one of a list.
 */
export async function chooseChannel(
  title: string,
  args: readonly unknown[],
  source: ChannelSource,
  suits: (channel: Channel) => boolean = () => true,
): Promise<ChannelNode> {
  const clicked = toChannel(asNode(args[0]));
  const [selected, ...others] = source.view.selection;
  const meant = clicked ?? (others.length === 0 ? toChannel(selected) : undefined);
  if (meant !== undefined && suits(meant.channel)) return meant;
  const picked = await pickOne({
    place: unnumbered(title, false),
    placeholder: vscode.l10n.t("Which subscription?"),
    choices: allChannels(source)
      .filter(({ channel }) => suits(channel))
      .map(value => ({
        label: modulesOf(value.channel),
        description: hostOf(value.channel.notifyUrl),
        detail: value.connection.label,
        value,
      })),
  });
  if (picked === back) throw new CancelledError();
  return picked;
}

function toChannel(node: SubscriptionNode | undefined): ChannelNode | undefined {
  if (node?.kind === "channel") return node;
  return node?.kind === "module" ? { kind: "channel", connection: node.connection, channel: node.channel } : undefined;
}

function allChannels({ connections, subscriptions }: ChannelSource): ChannelNode[] {
  return connections.list().flatMap(connection => {
    const state = subscriptions.stateOf(connection.id);
    const channels = state.kind === "loading" ? [] : state.channels;
    return channels.map(channel => ({ kind: "channel" as const, connection, channel }));
  });
}
