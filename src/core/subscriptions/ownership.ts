import * as v from "valibot";
import type { Disposable, Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Subscription } from "../../zoho/subscription.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";
import type { Channel } from "./channel.ts";

/** A channel that this editor made. Kept after its end, so that late deliveries still verify. */
export interface OwnedChannel {
  readonly channelId: string;
  readonly connectionId: string;
  readonly token: string;
  /** Tokens that were replaced, newest last: deliveries with them may still be read. */
  readonly formerTokens?: readonly string[] | undefined;
  /** As the server last had it, so that it can be shown and made again when it has expired; none once it was deleted. */
  readonly lastKnown?: readonly Subscription[] | undefined;
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
  formerTokens: v.optional(v.array(v.string())),
  lastKnown: v.optional(v.array(subscriptionSchema)),
});

/** How many channels are remembered, the newest: years of subscribing, and small enough for a vault. */
const mostRemembered = 200;

/** How many replaced tokens are remembered for each channel. */
const mostFormerTokens = 5;

/** Remembers in the vault which channels this editor made, with which tokens, and how they were. */
export class ChannelOwnership implements Disposable {
  readonly #list: VaultList<OwnedChannel>;
  readonly #logger: Logger;

  readonly onDidChange: Event<void>;

  constructor(vault: SecretVault, logger: Logger) {
    this.#list = new VaultList({ vault, key: "zohoCrm.ownedChannels", schema: ownedSchema, logger });
    this.#logger = logger;
    this.onDidChange = this.#list.onDidChange;
  }

  /** Never rejects: without it, channels count as somebody else's, and the log says why. */
  async load(): Promise<void> {
    await this.#orLog(async () => this.#list.load());
  }

  list(): readonly OwnedChannel[] {
    return this.#list.entries;
  }

  get(channelId: string): OwnedChannel | undefined {
    return this.#list.entries.find(owned => owned.channelId === channelId);
  }

  /** Keeps a channel. Rejects with a ProblemError where the vault cannot be written. */
  async add(channel: OwnedChannel): Promise<void> {
    await this.#list.update(entries => {
      const others = entries.filter(owned => owned.channelId !== channel.channelId);
      return [...others.slice(-(mostRemembered - 1)), channel];
    });
  }

  /**
   * Takes over how the server has the channels of a connection. One that it no longer lists keeps its details where
   * `isOver` says that its time had come; before its time, somebody deleted it.
   */
  async reconcile(
    connectionId: string,
    listed: readonly Channel[],
    isOver: (lastKnown: readonly Subscription[]) => boolean,
  ): Promise<void> {
    const byId = new Map(listed.map(channel => [channel.channelId, channel.subscriptions]));
    const known = (owned: OwnedChannel): readonly Subscription[] | undefined =>
      byId.get(owned.channelId) ?? (isOver(owned.lastKnown ?? []) ? owned.lastKnown : undefined);
    await this.#revise(owned => (owned.connectionId === connectionId ? { ...owned, lastKnown: known(owned) } : owned));
  }

  /** Notes that a channel of ours is over at `now`, however long its subscriptions were to last. */
  async keepAsOver({ channelId, subscriptions }: Channel, now: number): Promise<void> {
    const lastKnown = subscriptions.map(each => ({ ...each, expiresAt: Math.min(each.expiresAt, now) }));
    await this.#revise(owned => (owned.channelId === channelId ? { ...owned, lastKnown } : owned));
  }

  /** A channel of ours gets another token; does nothing for other channels. */
  async replaceToken(channelId: string, token: string): Promise<void> {
    await this.#revise(owned => {
      if (owned.channelId !== channelId || owned.token === token) return owned;
      return { ...owned, token, formerTokens: [...(owned.formerTokens ?? []), owned.token].slice(-mostFormerTokens) };
    });
  }

  /** Keeps ids and tokens, but no longer what could be made again. */
  async forgetDetails(channelIds: readonly string[]): Promise<void> {
    await this.#revise(owned => (channelIds.includes(owned.channelId) ? { ...owned, lastKnown: undefined } : owned));
  }

  dispose(): void {
    this.#list.dispose();
  }

  /** Details are good to have but not worth failing for. */
  async #revise(change: (owned: OwnedChannel) => OwnedChannel): Promise<void> {
    await this.#orLog(async () =>
      this.#list.update(entries => {
        const revised = entries.map(change);
        return written(revised) === written(entries) ? entries : revised;
      }),
    );
  }

  async #orLog(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      this.#logger.warn(`owned channels: ${describeCauses(error)}`);
    }
  }
}

/** As the vault has it: what is undefined is not there. */
function written(entries: readonly OwnedChannel[]): string {
  return JSON.stringify(entries);
}
