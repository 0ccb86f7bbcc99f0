import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import { type Result, succeed } from "../../base/result.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { Subscription, SubscriptionList } from "../../zoho/subscription.ts";
import type { ListOptions, ZohoApi } from "../../zoho/zohoClient.ts";
import { type Channel, type ChannelReading, groupIntoChannels, isOver, makeChannel } from "./channel.ts";
import type { DeletionNotes } from "./deletionNotes.ts";
import { type ChannelOwnership, type OwnedChannel, isMadeHere } from "./ownership.ts";
import type { TokenBook } from "../events/tokenBook.ts";

export interface ServerChannelsOptions {
  readonly clients: { for(connectionId: string): Pick<ZohoApi, "listSubscriptions" | "time"> };
  readonly ownership: ChannelOwnership;
  readonly deletions: Pick<DeletionNotes, "follow">;
  readonly tokenBook: TokenBook;
  readonly clock: Pick<Clock, "now">;
}

/** Channels as the server has them. */
export interface ServerReading {
  readonly connectionId: string;
  readonly reading: ChannelReading;
  /** When the server was asked, in milliseconds since 1970: what was done since may not show. */
  readonly askedAt: number;
}

/** How far Zoho's time may be off as it is known here, so that what expired there is not taken for deleted. */
const inexact = 2 * second;

const nothing: ChannelReading = { channels: [], unreadable: [], complete: false };

/** Reads a connection's channels from the server, and learns from them which are ours and what their tokens are. */
export class ServerChannels implements Disposable {
  readonly #options: ServerChannelsOptions;
  readonly #read = new Emitter<ServerReading>();

  /** Channels were read, as the server lists them. */
  readonly onDidRead: Event<ServerReading> = this.#read.event;

  constructor(options: ServerChannelsOptions) {
    this.#options = options;
  }

  /** The channels that the server lists, and then our own that it no longer lists because they expired. */
  async fetch(connectionId: string, signal: AbortSignal): Promise<Result<ChannelReading, ZohoProblem>> {
    const askedAt = this.#options.clock.now();
    const listed = await this.#list(connectionId, { signal });
    if (!listed.ok) return listed;
    // An answer that nobody waits for any more is of before a change, and must not be learnt from.
    return succeed(signal.aborted ? nothing : await this.#learn(connectionId, listed.value, askedAt, () => true));
  }

  /** The same of one channel alone. */
  async fetchOne(connectionId: string, channelId: string): Promise<Result<ChannelReading, ZohoProblem>> {
    const askedAt = this.#options.clock.now();
    const listed = await this.#list(connectionId, { channelId });
    if (!listed.ok) return listed;
    const only = onlyOf(listed.value, channelId);
    return succeed(await this.#learn(connectionId, only, askedAt, id => id === channelId));
  }

  dispose(): void {
    this.#read.dispose();
  }

  /**
   * Once more where it is in doubt what time it is: what is over is decided by what was read and when that was. Where that
   * fails, what was listed is there all the same, and nothing is known to be gone.
   */
  async #list(connectionId: string, options: ListOptions): Promise<Result<SubscriptionList, ZohoProblem>> {
    const client = this.#options.clients.for(connectionId);
    const listed = await client.listSubscriptions(options);
    if (!listed.ok || !client.time.isDoubtful) return listed;
    const again = await client.listSubscriptions(options);
    return again.ok ? again : succeed({ ...listed.value, complete: false });
  }

  async #learn(
    connectionId: string,
    list: SubscriptionList,
    askedAt: number,
    concerns: (channelId: string) => boolean,
  ): Promise<ChannelReading> {
    const { ownership, deletions, tokenBook } = this.#options;
    const reading = groupIntoChannels(connectionId, list, id => isMadeHere(ownership.get(id)));
    for (const { channelId, token } of reading.channels) if (token !== undefined) tokenBook.learn(channelId, token);
    // The vault may take what was read much later: it is judged by the time of the reading.
    const now = this.#options.clients.for(connectionId).time.now() + inexact;
    const hasEnded = (lastKnown: readonly Subscription[]): boolean => isPast(lastKnown, now);
    const isMeant = (owned: OwnedChannel): boolean => owned.connectionId === connectionId && concerns(owned.channelId);
    await deletions.follow(connectionId, reading, askedAt, concerns);
    await ownership.reconcile(reading, isMeant, hasEnded);
    this.#read.fire({ connectionId, reading, askedAt });
    const channels = reading.channels.map(channel => this.#withLapsedModules(channel));
    return { ...reading, channels: [...channels, ...this.#expiredOwn(reading, isMeant, hasEnded)] };
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
  #expiredOwn(
    { channels, unreadable }: ChannelReading,
    isMeant: (owned: OwnedChannel) => boolean,
    hasEnded: (lastKnown: readonly Subscription[]) => boolean,
  ): Channel[] {
    const ids = new Set([...channels, ...unreadable].map(({ channelId }) => channelId));
    return this.#options.ownership
      .list()
      .filter(owned => isMeant(owned) && !ids.has(owned.channelId))
      .flatMap(owned => {
        const { connectionId, channelId, lastKnown = [] } = owned;
        return hasEnded(lastKnown) ? [makeChannel(connectionId, channelId, lastKnown, isMadeHere(owned))] : [];
      });
  }
}

function isPast(lastKnown: readonly Subscription[], now: number): boolean {
  return lastKnown.length > 0 && isOver({ subscriptions: lastKnown }, now);
}

/** A server may give more than was asked for. An entry that names no channel may be of this one. */
function onlyOf({ subscriptions, unreadable, ...rest }: SubscriptionList, channelId: string): SubscriptionList {
  return {
    ...rest,
    subscriptions: subscriptions.filter(each => each.channelId === channelId),
    unreadable: unreadable
      .filter(each => each.channelId === undefined || each.channelId === channelId)
      .map(each => ({ ...each, channelId })),
  };
}
