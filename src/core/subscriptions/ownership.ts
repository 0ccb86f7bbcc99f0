import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import type { Disposable, Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { GrantedSubscription, SubscribeRequest, Subscription } from "../../zoho/subscription.ts";
import type { SecretVault } from "../connections/connection.ts";
import { patienceForPeople } from "../connections/vaultPatience.ts";
import { type Revision, SteadyList, isSameEntry } from "../connections/steadyList.ts";
import type { Channel, ChannelReading } from "./channel.ts";
import { type Renewal, afterReading, afterRenewal, afterWriting, hasAllOf } from "./ownedReading.ts";
import { withFormer, withToken } from "./ownedTokens.ts";

/** A channel that this editor made, or adopted. Kept after its end, so that late deliveries still verify. */
export interface OwnedChannel {
  readonly channelId: string;
  readonly connectionId: string;
  /** Empty where somebody else's channel was adopted that has none. */
  readonly token: string;
  /** True where somebody else made it, and the person wants it kept alive from here. */
  readonly adopted?: boolean | undefined;
  /** Tokens that were replaced, or are to replace it, newest last: deliveries with them may be read. */
  readonly formerTokens?: readonly string[] | undefined;
  /** As the server last had it, so that it can be shown and made again when it has expired; none once it was deleted. */
  readonly lastKnown?: readonly Subscription[] | undefined;
  /** Modules that Zoho did not renew, as they were: they are asked for again, also after their end. */
  readonly refused?: readonly Subscription[] | undefined;
  /** True once it is known to be gone: the server no longer has it, or the person is done with it. */
  readonly over?: boolean | undefined;
  /** True once a reading of the server's list did not have it, although it was never read back before. */
  readonly missed?: boolean | undefined;
  /** True where Zoho granted it and no reading of the list had it yet: `lastKnown` is what was granted. */
  readonly unread?: boolean | undefined;
  /** True where the server may have more of it than `lastKnown`: it is not made again, as that more would be lost. */
  readonly isPart?: boolean | undefined;
}

/** True of a channel of ours that is not an adopted one. */
export function isMadeHere(owned: OwnedChannel | undefined): boolean {
  return owned !== undefined && owned.adopted !== true;
}

const subscriptionSchema: v.GenericSchema<unknown, Subscription> = v.pipe(
  v.looseObject({
    channelId: v.string(),
    module: v.string(),
    events: v.array(v.string()),
    expiresAt: v.number(),
    notifyUrl: v.string(),
    token: v.exactOptional(v.string()),
    resourceId: v.exactOptional(v.string()),
    resourceUri: v.exactOptional(v.string()),
    notifyOnRelatedAction: v.boolean(),
    returnAffectedFieldValues: v.boolean(),
  }),
);

const ownedSchema: v.GenericSchema<unknown, OwnedChannel> = v.object({
  channelId: v.string(),
  connectionId: v.string(),
  token: v.string(),
  adopted: v.optional(v.boolean()),
  formerTokens: v.optional(v.array(v.string())),
  lastKnown: v.optional(v.array(subscriptionSchema)),
  refused: v.optional(v.array(subscriptionSchema)),
  over: v.optional(v.boolean()),
  missed: v.optional(v.boolean()),
  unread: v.optional(v.boolean()),
  isPart: v.optional(v.boolean()),
});

/**
 * How many channels are remembered: years of subscribing, and small enough for a vault. Only those that are over are
 * forgotten, the oldest first; what can still be made again is not, and what was not read back yet is not either.
 */
const mostRemembered = 200;

/**
 * Remembers in the vault which channels this editor made, with which tokens, and how they were. What becomes of a channel
 * holds at once, also where the vault does not answer or fails, and is written when it takes it.
 */
export class ChannelOwnership implements Disposable {
  readonly #list: SteadyList<OwnedChannel>;
  readonly #logger: Logger;

  readonly onDidChange: Event<void>;

  constructor(vault: SecretVault, logger: Logger, clock: Clock) {
    this.#list = new SteadyList({ vault, key: "zohoCrm.ownedChannels", schema: ownedSchema, logger, clock });
    this.#logger = logger;
    this.onDidChange = this.#list.onDidChange;
  }

  /** False where {@link list} may lack what the vault has. */
  get isLoaded(): boolean {
    return this.#list.isLoaded;
  }

  /** Never rejects: without it, channels count as somebody else's, and the log says why. */
  async load(): Promise<void> {
    try {
      await this.#list.load();
    } catch (error) {
      this.#logger.warn(`owned channels: ${describeCauses(error)}`);
    }
  }

  list(): readonly OwnedChannel[] {
    return this.#list.entries;
  }

  get(channelId: string): OwnedChannel | undefined {
    return this.#list.entries.find(owned => owned.channelId === channelId);
  }

  /** As the vault has it, so that it outlives this window. */
  kept(channelId: string): OwnedChannel | undefined {
    return this.#list.kept.find(owned => owned.channelId === channelId);
  }

  /**
   * Keeps a channel; a token that it had before stays good. Rejects with a ProblemError where the vault cannot be written,
   * or takes longer than `patience` (milliseconds).
   */
  async add(channel: OwnedChannel, patience?: number): Promise<void> {
    const after = (before = channel): OwnedChannel =>
      withToken({ ...before, ...channel, token: before.token }, channel.token);
    await this.#put(channel.channelId, after, patience);
  }

  /**
   * Takes over somebody else's channel, as a person asked for; of ours, nothing changes. `isPart`: the server may have more
   * of it. Rejects as {@link add} does.
   */
  async adopt({ channelId, connectionId, token = "", subscriptions }: Channel, isPart: boolean): Promise<void> {
    const part = isPart || undefined;
    const adopted = { channelId, connectionId, token, adopted: true, lastKnown: subscriptions, isPart: part };
    await this.#put(channelId, (before = adopted) => before, patienceForPeople);
  }

  /**
   * Takes over how the server has those channels that are meant; see {@link afterReading}. `isOver` must go by the time of
   * the reading, as the vault may take it much later.
   */
  async reconcile(
    reading: ChannelReading,
    isMeant: (owned: OwnedChannel) => boolean,
    isOver: (lastKnown: readonly Subscription[]) => boolean,
  ): Promise<void> {
    const news = this.list()
      .filter(owned => isMeant(owned) && !isSameEntry(afterReading(owned, reading, isOver), owned))
      .map(owned => learning(onlyOf(reading, owned.channelId), owned, isOver));
    if (news.length > 0) await this.#list.revise(news);
  }

  /**
   * A new channel has the modules that Zoho granted, also those that could not be read back: should it end before it is
   * read, it is made again.
   */
  async noteMade(channelId: string, made: readonly Subscription[]): Promise<void> {
    await this.#revise(owned => {
      if (owned.channelId !== channelId) return owned;
      const { lastKnown } = owned;
      if (lastKnown === undefined) return { ...owned, lastKnown: made, unread: true };
      const hidden = made.filter(({ module }) => !lastKnown.some(each => each.module === module));
      return hidden.length === 0 ? owned : { ...owned, lastKnown: [...lastKnown, ...hidden] };
    });
  }

  /**
   * A channel of ours was changed, and could not be read back: it is remembered as it was asked for, so that it is made
   * again so. `granted`: the modules that Zoho named, undefined where it names none. Does nothing for other channels.
   */
  async noteWritten(request: SubscribeRequest, granted: readonly GrantedSubscription[] | undefined): Promise<void> {
    await this.#revise(owned =>
      owned.channelId === request.channelId && owned.lastKnown !== undefined
        ? { ...owned, lastKnown: afterWriting(owned.lastKnown, request, granted) }
        : owned,
    );
  }

  /** Notes which modules of channels of ours Zoho did not renew, or did after all. All with one writing. */
  async noteRenewals(renewals: readonly Renewal[]): Promise<void> {
    const byId = new Map(renewals.map(renewal => [renewal.channel.channelId, renewal]));
    await this.#revise(owned => {
      const renewal = byId.get(owned.channelId);
      return renewal === undefined ? owned : afterRenewal(owned, renewal);
    });
  }

  /** Modules that Zoho did not renew and that the channel no longer has to have are asked for no more. */
  async keepRefused(channelId: string, isWanted: (refused: Subscription) => boolean): Promise<void> {
    await this.#revise(owned => {
      if (owned.channelId !== channelId || owned.refused === undefined) return owned;
      const refused = owned.refused.filter(isWanted);
      return { ...owned, refused: refused.length === 0 ? undefined : refused };
    });
  }

  /**
   * A channel of ours may get another token: deliveries with it verify from now on, and it is the channel's once it is
   * {@link replaceToken replaced} or the server lists it. Does nothing for other channels.
   */
  async expectToken(channelId: string, token: string): Promise<void> {
    await this.#revise(owned => {
      return owned.channelId === channelId && owned.token !== token ? withFormer(owned, token) : owned;
    });
  }

  /** A channel of ours got another token; does nothing for other channels. */
  async replaceToken(channelId: string, token: string): Promise<void> {
    await this.#revise(owned => {
      return owned.channelId === channelId ? withToken(owned, token) : owned;
    });
  }

  /** Keeps ids and tokens, but no longer what could be made again. */
  async forgetDetails(channelIds: readonly string[]): Promise<void> {
    await this.#revise(owned =>
      channelIds.includes(owned.channelId) ? { ...owned, lastKnown: undefined, refused: undefined, over: true } : owned,
    );
  }

  dispose(): void {
    this.#list.dispose();
  }

  /** What is there of a channel is as the vault has it, which this window may not have heard of. */
  async #put(
    channelId: string,
    after: (before: OwnedChannel | undefined) => OwnedChannel,
    patience: number | undefined,
  ): Promise<void> {
    await this.#list.write(entries => {
      const before = entries.find(owned => owned.channelId === channelId);
      const others = entries.filter(owned => owned !== before);
      return [...withoutOldest(others, others.length + 1 - mostRemembered), after(before)];
    }, patience);
  }

  /** Details are good to have but not worth failing for. */
  async #revise(revise: (owned: OwnedChannel) => OwnedChannel): Promise<void> {
    await this.#list.revise([{ change: entries => entries.map(revise) }]);
  }
}

/**
 * What a reading says of one channel. Once it shows all of it, what was read of it before matters no more; but what was
 * refused is judged by the time of a reading, so that one takes the place of those alone that had the same to judge.
 */
function learning(
  reading: ChannelReading,
  { channelId, refused = [] }: OwnedChannel,
  isOver: (lastKnown: readonly Subscription[]) => boolean,
): Revision<OwnedChannel> {
  const change = (entries: readonly OwnedChannel[]): readonly OwnedChannel[] =>
    entries.map(owned => (owned.channelId === channelId ? afterReading(owned, reading, isOver) : owned));
  const showsAll = reading.channels.length > 0 && hasAllOf(reading, channelId);
  return showsAll ? { change, name: [channelId, ...refused.map(({ module }) => module)].join() } : { change };
}

/** What waits for the vault must not keep a thousand other channels in memory. */
function onlyOf({ channels, unreadable, ...rest }: ChannelReading, channelId: string): ChannelReading {
  return {
    ...rest,
    channels: channels.filter(each => each.channelId === channelId),
    unreadable: unreadable.filter(each => each.channelId === undefined || each.channelId === channelId),
  };
}

/** Without the `count` oldest of those that are over. */
function withoutOldest(entries: readonly OwnedChannel[], count: number): readonly OwnedChannel[] {
  const forgotten = entries.filter(({ over }) => over === true).slice(0, Math.max(count, 0));
  return entries.filter(owned => !forgotten.includes(owned));
}
