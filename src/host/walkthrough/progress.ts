import { type Arrivals, arrivesHere } from "../../core/address/arrivals.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../core/subscriptions/subscriptionService.ts";

/** How far a person has come. Each is also the value of the context key of that name. */
export interface Progress {
  readonly crm: "none" | "sandbox" | "zoho";
  /** Unknown: the lists, or the address to look for in them, are still on their way. */
  readonly subscribed: "none" | "unknown" | "sandbox" | "zoho";
  readonly events: "none" | "some";
  readonly address: "none" | "private" | "public";
}

type Kind = Pick<Connection, "kind">;

/** Whose subscriptions arrive here, as far as that is known by now. */
export function subscribedTo(
  connections: readonly (Kind & Pick<Connection, "id">)[],
  stateOf: (connectionId: string) => SubscriptionsState,
  arrivals: Arrivals,
): Progress["subscribed"] {
  const channelsOf = (state: SubscriptionsState): readonly Channel[] =>
    state.kind === "loading" ? [] : state.channels;
  const here = connections.filter(({ id }) => channelsOf(stateOf(id)).some(channel => arrivesHere(channel, arrivals)));
  const isLoading = connections.some(({ id }) => stateOf(id).kind === "loading");
  const isUnknown = connections.length > 0 && (isLoading || arrivals.addresses.length === 0);
  return here.length === 0 && isUnknown ? "unknown" : furthest(here);
}

/** Of these connections, the one that is nearest to real work. */
export function furthest(connections: readonly Kind[]): "none" | "sandbox" | "zoho" {
  if (connections.some(({ kind }) => kind === "zoho")) return "zoho";
  return connections.length > 0 ? "sandbox" : "none";
}
