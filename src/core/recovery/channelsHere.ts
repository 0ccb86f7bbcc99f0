import { type Arrivals, arrivesHere } from "../address/arrivals.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { SubscriptionsState } from "../subscriptions/channelList.ts";

export interface ChannelSource {
  readonly connections: { list(): readonly { readonly id: string }[] };
  readonly subscriptions: {
    refresh(connectionId?: string): Promise<void>;
    stateOf(connectionId: string): SubscriptionsState;
  };
}

/** Which channels send here, as far as that can be known now. */
export interface ChannelsHere {
  readonly channels: readonly Channel[];
  /** Connections that cannot tell at the moment: offline, signed out, read in part, or no address to compare with. */
  readonly unknown: readonly string[];
}

/** The channels of `connectionIds`, or of all connections, whose events arrive here, read anew. */
export async function channelsHere(
  { connections, subscriptions }: ChannelSource,
  arrivals: Arrivals,
  connectionIds?: readonly string[],
): Promise<ChannelsHere> {
  const all = connections.list().map(({ id }) => id);
  // One that was signed out has no channels any more.
  const asked = connectionIds === undefined ? all : all.filter(id => connectionIds.includes(id));
  if (arrivals.addresses.length === 0) return { channels: [], unknown: asked };
  await Promise.all(asked.map(async id => subscriptions.refresh(id)));
  const states = asked.map(id => [id, subscriptions.stateOf(id)] as const);
  return {
    channels: states.flatMap(([, state]) =>
      isKnown(state) ? state.channels.filter(each => arrivesHere(each, arrivals)) : [],
    ),
    unknown: states.flatMap(([id, state]) => (isKnown(state) ? [] : [id])),
  };
}

/** What Zoho lists no more is never read later either, so nothing is to be waited for where it cut its list. */
function isKnown(state: SubscriptionsState): state is Extract<SubscriptionsState, { kind: "loaded" }> {
  return state.kind === "loaded" && (state.complete || state.cutAt !== undefined);
}
