import type { Connection } from "../connections/connection.ts";
import type { SubscriptionsState } from "../subscriptions/channelList.ts";
import type { FormerChannel } from "../tunnel/formerChannels.ts";
import { isUsed } from "./formerPath.ts";
import { leadsToPath } from "./readdress.ts";

/** A former address of this editor's, with what is known of who sends to it. */
export interface FormerAddress extends FormerChannel {
  /** How many subscriptions are known to send to it. */
  readonly senders: number;
  /** True where it is certain that no subscription does. */
  readonly isUnused: boolean;
}

export interface FormerAddressesSource {
  readonly former: { list(): readonly FormerChannel[] };
  readonly connections: { readonly isLoaded: boolean; list(): readonly Pick<Connection, "id">[] };
  readonly subscriptions: { stateOf(connectionId: string): SubscriptionsState };
}

/** The former addresses of this editor, as things stand. */
export function formerAddresses({ former, connections, subscriptions }: FormerAddressesSource): FormerAddress[] {
  const states = connections.list().map(({ id }) => subscriptions.stateOf(id));
  return former.list().map(channel => ({
    ...channel,
    senders: states.reduce((count, state) => count + sendersIn(state, channel), 0),
    isUnused: connections.isLoaded && states.every(state => isUsed(channel.ingestPath, state) === false),
  }));
}

/** The first one that subscriptions send to in vain, as its relay cannot be reached or has deleted it. */
export function inVain(addresses: readonly FormerAddress[]): FormerAddress | undefined {
  return addresses.find(({ senders, problem, isGone }) => senders > 0 && (isGone || problem !== undefined));
}

function sendersIn(state: SubscriptionsState, { ingestPath }: FormerChannel): number {
  if (state.kind === "loading") return 0;
  return state.channels.filter(({ notifyUrl }) => leadsToPath(notifyUrl, ingestPath)).length;
}
