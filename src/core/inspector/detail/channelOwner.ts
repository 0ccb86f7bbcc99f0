import type { Connection } from "../../connections/connection.ts";
import type { Channel } from "../../subscriptions/channel.ts";
import type { SubscriptionsState } from "../../subscriptions/channelList.ts";

/** The connections of this editor and what is known of their channels. */
export interface ChannelDirectory {
  connections(): readonly Connection[];
  stateOf(connectionId: string): SubscriptionsState;
}

export interface OwnedChannel {
  readonly connection: Connection;
  readonly channel: Channel;
}

/** The channel with this id, and the connection that has it; undefined where no connection of this editor does. */
export function findOwner(channelId: string, directory: ChannelDirectory): OwnedChannel | undefined {
  for (const connection of directory.connections()) {
    const state = directory.stateOf(connection.id);
    const channels = state.kind === "loading" ? [] : state.channels;
    const channel = channels.find(each => each.channelId === channelId);
    if (channel !== undefined) return { connection, channel };
  }
  return undefined;
}

/** What people call a channel: its modules and whose they are. */
export function channelLabel({ connection, channel }: OwnedChannel): string {
  return `${channel.subscriptions.map(({ module }) => module).join(", ")} · ${connection.organization.name}`;
}
