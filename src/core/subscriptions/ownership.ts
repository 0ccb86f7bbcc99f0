import { isDeepStrictEqual } from "node:util";
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
  lastKnown: v.optional(v.array(subscriptionSchema)),
});

/** How many channels are remembered, the newest: years of subscribing, and small enough for a vault. */
const mostRemembered = 200;

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
    const kept = this.#list.entries.slice(-(mostRemembered - 1)).map(owned => owned.channelId);
    await this.#list.change(
      owned => owned.channelId === channel.channelId || !kept.includes(owned.channelId),
      [channel],
    );
  }

  /** Takes over how the server has the channels, as far as they are ours. */
  async remember(channels: readonly Channel[]): Promise<void> {
    for (const { channelId, subscriptions } of channels) {
      const owned = this.get(channelId);
      if (owned === undefined || isDeepStrictEqual(owned.lastKnown, subscriptions)) continue;
      await this.#orLog(async () => this.add({ ...owned, lastKnown: subscriptions }));
    }
  }

  /** Keeps ids and tokens, but no longer what could be made again. */
  async forgetDetails(channelIds: readonly string[]): Promise<void> {
    for (const channelId of channelIds) {
      const owned = this.get(channelId);
      if (owned?.lastKnown === undefined) continue;
      await this.#orLog(async () => this.add({ ...owned, lastKnown: undefined }));
    }
  }

  dispose(): void {
    this.#list.dispose();
  }

  /** For what is good to have but not worth failing for. */
  async #orLog(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      this.#logger.warn(`owned channels: ${describeCauses(error)}`);
    }
  }
}
