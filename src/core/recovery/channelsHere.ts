import { type Channel, pointsHere } from "../subscriptions/channel.ts";
import type { SubscriptionsState } from "../subscriptions/channelList.ts";

export interface ChannelSource {
  readonly connections: { list(): readonly { readonly id: string }[] };
  readonly subscriptions: { refresh(): Promise<void>; stateOf(connectionId: string): SubscriptionsState };
}

/** The channels of all connections that send to one of `addresses`, read anew; none while there is no address. */
export async function channelsHere(
  { connections, subscriptions }: ChannelSource,
  addresses: readonly string[],
): Promise<Channel[]> {
  if (addresses.length === 0) return [];
  await subscriptions.refresh();
  const states = connections.list().map(({ id }) => subscriptions.stateOf(id));
  const channels = states.flatMap(state => (state.kind === "loading" ? [] : state.channels));
  return channels.filter(channel => pointsHere(channel, addresses));
}
