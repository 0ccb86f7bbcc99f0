import type { Channel } from "../subscriptions/channel.ts";
import type { ChannelOwnership } from "../subscriptions/ownership.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import type { KeptChannels } from "./keptChannels.ts";
import { isSameExpiry } from "./renewalPlan.ts";
import type { RenewalRecord, RenewalRecords } from "./renewalRecords.ts";

export interface GrantObserverOptions {
  readonly service: Pick<SubscriptionService, "stateOf" | "nowAt">;
  readonly ownership: Pick<ChannelOwnership, "isLoaded">;
  readonly records: RenewalRecords;
}

/**
 * Notices in what the server lists that a channel was granted another expiry, by whomever, and so how long its life is:
 * Zoho tells when a channel ends, but not since when. What changed while nobody looked is of unknown life.
 */
export class GrantObserver {
  readonly #options: GrantObserverOptions;
  readonly #kept: KeptChannels;
  /** Connections that were read before in this window, so that a change since then is one of now. */
  readonly #read = new Set<string>();

  constructor(options: GrantObserverOptions, kept: KeptChannels) {
    this.#options = options;
    this.#kept = kept;
  }

  observe(connectionId: string): void {
    const { service, ownership, records } = this.#options;
    const state = service.stateOf(connectionId);
    if (state.kind !== "loaded") return;
    const grantedAt = this.#read.has(connectionId) ? service.nowAt(connectionId) : undefined;
    this.#read.add(connectionId);
    const ours = this.#kept.ours(connectionId);
    const after = ours.map((channel): [string, RenewalRecord] => {
      const before = records.get(connectionId, channel.channelId);
      return [channel.channelId, observed(before, channel, grantedAt)];
    });
    records.setAll(connectionId, new Map(after));
    const ids = new Set([...ours, ...state.channels, ...state.unreadable].map(({ channelId }) => channelId));
    // What the person said of a channel holds until it is certain that there is none.
    if (state.complete && ownership.isLoaded) records.keepOnly(connectionId, channelId => ids.has(channelId));
  }
}

/** Failures of before another expiry are history; a server that answers again is worth another try. */
function observed(before: RenewalRecord, { expiresAt }: Channel, grantedAt: number | undefined): RenewalRecord {
  if (isSameExpiry(before.expiresAt, expiresAt)) {
    const { retryAt, ...reachable } = before;
    return retryAt !== undefined && before.problem?.kind === "offline" ? reachable : before;
  }
  const { renewedAt, stopped } = before;
  return {
    expiresAt,
    failures: 0,
    ...(grantedAt === undefined ? {} : { grantedAt }),
    ...(renewedAt === undefined ? {} : { renewedAt }),
    ...(stopped === undefined ? {} : { stopped }),
  };
}
