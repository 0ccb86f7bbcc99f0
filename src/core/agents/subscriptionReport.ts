import type { Connection } from "../connections/connection.ts";
import { isProduction } from "../connections/connection.ts";
import { type Arrivals, arrivesHere } from "../address/arrivals.ts";
import { type Channel, expiryHealth } from "../subscriptions/channel.ts";
import type { SubscriptionsState } from "../subscriptions/channelList.ts";

export interface SubscriptionReportContext {
  readonly stateOf: (connectionId: string) => SubscriptionsState;
  /** Where the relay takes in what comes for this editor. */
  readonly arrivals: Arrivals;
  /** The time by the clock of a connection's server, which expiries are in. */
  readonly nowAt: (connectionId: string) => number;
  /** A subscription that ends within this time, in milliseconds, ends soon. */
  readonly expiringSoon: number;
}

/** Connections and what they are subscribed to, as a model reads it: no token, and of addresses the server only. */
export function reportSubscriptions(
  connections: readonly Connection[],
  context: SubscriptionReportContext,
): Readonly<Record<string, unknown>>[] {
  return connections.map(connection => ({
    connection: connection.label,
    kind: connection.kind,
    organization: connection.organization.name,
    production: isProduction(connection),
    ...reportState(context.stateOf(connection.id), context),
  }));
}

function reportState(state: SubscriptionsState, context: SubscriptionReportContext): Readonly<Record<string, unknown>> {
  if (state.kind === "loading") return { state: "loading" };
  const subscriptions = state.channels.map(channel => reportChannel(channel, context));
  if (state.kind === "failed") return { state: "failed", problem: state.problem.message, lastKnown: subscriptions };
  const { unreadable, complete, cutAt, refreshedAt } = state;
  return {
    state: "loaded",
    readAt: new Date(refreshedAt).toISOString(),
    ...(complete ? {} : { incomplete: whyIncomplete(cutAt) }),
    subscriptions,
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

function whyIncomplete(cutAt: number | undefined): string {
  if (cutAt === undefined) return "The list changed while it was read; there may be more.";
  return `Zoho gives only the first ${cutAt} entries of the list; there may be more.`;
}

function reportChannel(channel: Channel, { arrivals, nowAt, expiringSoon }: SubscriptionReportContext): unknown {
  return {
    channelId: channel.channelId,
    modules: channel.subscriptions.map(({ module, events, notificationCondition, ...rest }) => ({
      module,
      events,
      expiresAt: new Date(rest.expiresAt).toISOString(),
      affectedValues: rest.returnAffectedFieldValues,
      relatedActions: rest.notifyOnRelatedAction,
      ...(notificationCondition === undefined ? {} : { condition: notificationCondition }),
    })),
    expiresAt: new Date(channel.expiresAt).toISOString(),
    health: expiryHealth(channel.expiresAt, nowAt(channel.connectionId), expiringSoon),
    madeByThisEditor: channel.createdHere,
    deliversToThisEditor: arrivesHere(channel, arrivals),
    deliversTo: originOf(channel.notifyUrl),
    hasToken: channel.token !== undefined,
    ...(channel.unreadable === undefined ? {} : { unreadable: channel.unreadable }),
  };
}

/** The path of a notify address is what keeps others from posting to it. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "an address that cannot be read";
}
