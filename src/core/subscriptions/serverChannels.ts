import { type Clock, minute } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import type { Subscription } from "../../zoho/subscription.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { type Channel, type ChannelReading, groupIntoChannels, makeChannel } from "./channel.ts";
import type { ChannelOwnership, OwnedChannel } from "./ownership.ts";
import type { TokenBook } from "./tokenBook.ts";

export interface ServerChannelsOptions {
  readonly clients: { for(connectionId: string): Pick<ZohoApi, "listSubscriptions"> };
  readonly ownership: ChannelOwnership;
  readonly tokenBook: TokenBook;
  readonly clock: Clock;
}

/** How far Zoho's clock may be ahead of ours, so that what expired there is not taken for deleted. */
const clockDifference = minute;

/** Reads a connection's channels from the server, and learns from them which are ours and what their tokens are. */
export class ServerChannels {
  readonly #options: ServerChannelsOptions;

  constructor(options: ServerChannelsOptions) {
    this.#options = options;
  }

  /** The channels that the server lists, and then our own that it no longer lists because they expired. */
  async fetch(connectionId: string, signal: AbortSignal): Promise<Result<ChannelReading, Problem>> {
    const { clients, ownership, tokenBook } = this.#options;
    const listed = await clients.for(connectionId).listSubscriptions({ signal });
    if (!listed.ok) return listed;
    // An answer that nobody waits for any more is of before a change, and must not be learnt from.
    if (signal.aborted) return succeed({ channels: [], unreadable: [], complete: false });
    const reading = groupIntoChannels(connectionId, listed.value, id => isMadeHere(ownership.get(id)));
    for (const { channelId, token } of reading.channels) if (token !== undefined) tokenBook.learn(channelId, token);
    await ownership.reconcile(connectionId, reading, lastKnown => this.#isOver(lastKnown));
    const channels = reading.channels.map(channel => this.#withLapsedModules(channel));
    return succeed({ ...reading, channels: [...channels, ...this.#expiredOwn(connectionId, reading)] });
  }

  /** Modules of our own channel that ended because Zoho did not renew them are still part of it, to be asked for again. */
  #withLapsedModules(channel: Channel): Channel {
    const refused = this.#options.ownership.get(channel.channelId)?.refused ?? [];
    const listed = new Set(channel.subscriptions.map(({ module }) => module));
    const lapsed = refused.filter(({ module }) => !listed.has(module));
    if (lapsed.length === 0) return channel;
    const { connectionId, channelId, subscriptions, createdHere, ...rest } = channel;
    return { ...rest, ...makeChannel(connectionId, channelId, [...subscriptions, ...lapsed], createdHere) };
  }

  /** Zoho no longer lists what expired; our own is shown all the same, as it can be made again. */
  #expiredOwn(connectionId: string, { channels, unreadable }: ChannelReading): Channel[] {
    const ids = new Set([...channels, ...unreadable].map(({ channelId }) => channelId));
    return this.#options.ownership
      .list()
      .filter(owned => owned.connectionId === connectionId && !ids.has(owned.channelId))
      .flatMap(owned => {
        const { channelId, lastKnown = [] } = owned;
        return this.#isOver(lastKnown) ? [makeChannel(connectionId, channelId, lastKnown, isMadeHere(owned))] : [];
      });
  }

  #isOver(lastKnown: readonly Subscription[]): boolean {
    const earliest = Math.min(...lastKnown.map(({ expiresAt }) => expiresAt));
    return lastKnown.length > 0 && earliest <= this.#options.clock.now() + clockDifference;
  }
}

function isMadeHere(owned: OwnedChannel | undefined): boolean {
  return owned !== undefined && owned.adopted !== true;
}
