import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type Arrivals, arrivesHere } from "../../core/address/arrivals.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";

export interface HandlerTokensOptions {
  readonly connections: Pick<ConnectionStore, "list">;
  readonly subscriptions: Pick<SubscriptionService, "stateOf">;
  readonly arrivals: () => Arrivals;
}

/** The tokens that handlers verify events with: those of the channels that send to this editor. */
export class HandlerTokens {
  readonly #options: HandlerTokensOptions;

  constructor(options: HandlerTokensOptions) {
    this.#options = options;
  }

  /** The channels of a connection, or of all, whose events arrive here. */
  channelsHere(connectionId?: string): readonly Channel[] {
    const { connections, subscriptions } = this.#options;
    const arrivals = this.#options.arrivals();
    return connections
      .list()
      .filter(({ id }) => connectionId === undefined || id === connectionId)
      .flatMap(({ id }) => {
        const state = subscriptions.stateOf(id);
        return state.kind === "loading" ? [] : state.channels;
      })
      .filter(channel => arrivesHere(channel, arrivals));
  }

  /** The tokens of the channels that tell of any of these modules, or of all modules where none is named, by channel id. */
  of(modules: readonly string[], connectionId?: string): ReadonlyMap<string, string> {
    const tells = ({ subscriptions }: Channel): boolean =>
      modules.length === 0 || subscriptions.some(({ module }) => modules.includes(module));
    return new Map(
      this.channelsHere(connectionId)
        .filter(tells)
        .flatMap(({ channelId, token }) => (token === undefined ? [] : [[channelId, token] as const])),
    );
  }
}
