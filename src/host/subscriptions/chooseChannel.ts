import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import type { Arrivals } from "../../core/address/arrivals.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { back, pickOne, unnumbered } from "../multiStep.ts";
import { modulesOf, targetOf } from "./subscriptionItems.ts";
import { type ChannelNode, type SubscriptionNode, asNode, channelsOf } from "./subscriptionNodes.ts";

export interface ChannelSource {
  readonly connections: Pick<ConnectionStore, "list">;
  readonly subscriptions: Pick<SubscriptionService, "stateOf">;
  readonly arrivals: () => Arrivals;
  readonly view: { readonly selection: readonly SubscriptionNode[] };
}

/**
 * The one channel that a command means: the row that was clicked, or the one that is selected, or one of a list: of those
 * that are selected where these are several, else of all.
 */
export async function chooseChannel(
  title: string,
  args: readonly unknown[],
  source: ChannelSource,
  suits: (channel: Channel) => boolean = () => true,
): Promise<ChannelNode> {
  const { view, arrivals } = source;
  const rows: readonly unknown[] = Array.isArray(args[1]) ? args[1] : [args[0]];
  const clicked = channelsOf(rows.map(asNode).filter(node => node !== undefined));
  const meant = (clicked.length > 0 ? clicked : channelsOf(view.selection)).filter(({ channel }) => suits(channel));
  const [first, ...others] = meant;
  if (first !== undefined && others.length === 0) return first;
  const picked = await pickOne({
    place: unnumbered(title, false),
    placeholder: vscode.l10n.t("Which subscription?"),
    choices: (meant.length > 0 ? meant : allChannels(source))
      .filter(({ channel }) => suits(channel))
      .map(value => ({
        label: modulesOf(value.channel),
        description: targetOf(value.channel, arrivals()),
        detail: value.connection.label,
        value,
      })),
  });
  if (picked === back) throw new CancelledError();
  return picked;
}

function allChannels({ connections, subscriptions }: ChannelSource): ChannelNode[] {
  return connections.list().flatMap(connection => {
    const state = subscriptions.stateOf(connection.id);
    const channels = state.kind === "loading" ? [] : state.channels;
    return channels.map(channel => ({ kind: "channel" as const, connection, channel }));
  });
}
