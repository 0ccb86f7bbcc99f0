import { type Clock, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type ZohoProblem, cancelledProblem, leavesOutcomeOpen } from "../../zoho/problem.ts";
import type { RenewRequest, SubscribeRequest } from "../../zoho/subscription.ts";
import type { SubscribeOutcome, UnsubscribeOutcome } from "../../zoho/watchAnswer.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { ConnectionStore } from "../connections/connectionStore.ts";
import { type BatchOptions, type BatchOutcomes, inBatches } from "./batches.ts";
import { type Channel, isReadable, makeChannel } from "./channel.ts";
import {
  partlyDeletedCode,
  partlyDeletedProblem,
  nothingToWatchProblem,
  unknownChannelProblem,
  unreadableChannelProblem,
} from "./channelProblems.ts";
import { type ChannelDetails, detailsOf, toRequest } from "./channelDetails.ts";
import { type ChangeOutcome, ChannelEditor } from "./channelEditor.ts";
import { newChannelId, newChannelToken } from "./channelIdentity.ts";
import { ChannelList, type SubscriptionsState } from "./channelList.ts";
import { ChannelLists } from "./channelLists.ts";
import { earliestExpiry, longestExpiry, missingModules, partlyRenewed, toSubscriptions, warningsOf } from "./grants.ts";
import type { Lapse } from "./lapse.ts";
import { type Renewal, provesAbsence } from "./ownedReading.ts";
import type { ChannelOwnership } from "./ownership.ts";
import { ServerChannels } from "./serverChannels.ts";
import type { TokenBook } from "./tokenBook.ts";

export type { SubscriptionsState } from "./channelList.ts";

export type SubscribedOperation = "create" | "edit" | "delete" | "all";

export interface CreateRequest {
  readonly modules: readonly { readonly module: string; readonly operations: readonly SubscribedOperation[] }[];
  /** Milliseconds from now; more than Zoho grants is cut to the longest. */
  readonly expiresInMs: number;
  readonly notifyUrl: string;
  readonly returnAffectedFieldValues: boolean;
  readonly notifyOnRelatedAction: boolean;
  /** At most 50 characters; a random one where there is none. */
  readonly token?: string;
  /** In Zoho's shape, at most one for each module. */
  readonly conditions?: readonly unknown[];
}

/** A channel that came to be, and in sentences what of it is not as it was asked for. */
export interface CreatedChannel extends Channel {
  readonly warnings: readonly Problem[];
}

export interface RenewOutcome {
  /** What Zoho granted, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** In sentences, what is not as it was asked for. */
  readonly warnings: readonly Problem[];
}

export interface SubscriptionServiceOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly store: Pick<ConnectionStore, "list" | "get" | "onDidChange">;
  readonly ownership: ChannelOwnership;
  readonly tokenBook: TokenBook;
  readonly clock: Clock;
}

/**
 * The channels of every connection as the server has them, and the changes to them. Each change is followed by reading
 * the server anew, so that what is shown is its truth. Connections that are new or signed in anew are read without being
 * told to.
 */
export class SubscriptionService implements Disposable {
  readonly #options: SubscriptionServiceOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<{ readonly connectionId: string }>());
  readonly #lists: ChannelLists;
  readonly #editor: ChannelEditor;
  /** Channels that a renewal found gone at the server, by channel id. */
  readonly #lost = new Map<string, Channel>();

  readonly #lapsed = this.#store.add(new Emitter<Lapse>());

  readonly onDidChange: Event<{ readonly connectionId: string }> = this.#changed.event;
  /** A channel that had expired was made again, by hand or by itself. */
  readonly onDidLapse: Event<Lapse> = this.#lapsed.event;

  constructor(options: SubscriptionServiceOptions) {
    this.#options = options;
    const server = new ServerChannels(options);
    const announce = (connectionId: string): void => this.#changed.fire({ connectionId });
    const makeList = (id: string): ChannelList =>
      new ChannelList({
        fetch: async signal => server.fetch(id, signal),
        onDidChange: () => announce(id),
        clock: options.clock,
      });
    this.#lists = this.#store.add(new ChannelLists({ store: options.store, makeList, onDidDrop: announce }));
    this.#editor = new ChannelEditor({ ...options, readBack: async (...write) => this.#readBack(...write) });
    this.#store.add(options.ownership.onDidChange(() => this.#learnOwnTokens()));
    this.#learnOwnTokens();
  }

  stateOf(connectionId: string): SubscriptionsState {
    return this.#lists.known(connectionId)?.state ?? { kind: "loading" };
  }

  /** Reads one connection, or all of them, from the server. Never fails: the state tells. */
  async refresh(connectionId?: string): Promise<void> {
    const { store } = this.#options;
    const ids = connectionId === undefined ? store.list().map(({ id }) => id) : [connectionId];
    await Promise.all(ids.map(async id => this.#lists.of(id)?.refresh()));
  }

  /** Subscribes to modules with one new channel. */
  async create(connectionId: string, request: CreateRequest): Promise<Result<CreatedChannel, Problem>> {
    const token = request.token ?? newChannelToken();
    const { conditions = [] } = request;
    return this.#subscribe(connectionId, {
      channelId: newChannelId(),
      token,
      events: eventsOf(request),
      notifyUrl: request.notifyUrl,
      expiresAt: this.#expiry(request.expiresInMs),
      returnAffectedFieldValues: request.returnAffectedFieldValues,
      notifyOnRelatedAction: request.notifyOnRelatedAction,
      ...(conditions.length === 0 ? {} : { notificationCondition: conditions }),
    });
  }

  /** Subscribes an expired channel again, as it was: same id, address, events and token. */
  async recreate(
    connectionId: string,
    channelId: string,
    expiresInMs = longestExpiry,
  ): Promise<Result<CreatedChannel, Problem>> {
    const channel = (await this.#find(connectionId, channelId)) ?? this.#lost.get(channelId);
    const request = channel && this.#recreation(channel, this.#expiry(expiresInMs));
    if (channel === undefined || request === undefined) return fail(unknownChannelProblem());
    const made = await this.#subscribe(connectionId, request);
    if (made.ok) this.#announceLapse(channel);
    return made;
  }

  /** Prolongs a channel; what Zoho granted is in the outcome. An expired one cannot be renewed, only made again. */
  async renew(
    connectionId: string,
    channelId: string,
    expiresInMs = longestExpiry,
  ): Promise<Result<RenewOutcome, Problem>> {
    if ((await this.#find(connectionId, channelId)) === undefined) return fail(unknownChannelProblem());
    const outcomes = await this.renewMany(connectionId, [channelId], { expiresInMs });
    return outcomes.get(channelId) ?? fail(unknownChannelProblem());
  }

  /** Reads one connection as it is from now on; unlike `refresh`, joins no reading that began before. */
  async refreshAnew(connectionId: string): Promise<void> {
    await this.#lists.of(connectionId)?.refreshAnew();
  }

  /** Prolongs known channels, many with one request, and then reads the server once. */
  async renewMany(
    connectionId: string,
    channelIds: readonly string[],
    { expiresInMs = longestExpiry, mayGoOn }: BatchOptions = {},
  ): Promise<BatchOutcomes<RenewOutcome>> {
    const known = channelIds.flatMap(id => this.#known(connectionId, id) ?? []);
    const channels = known.filter(isReadable);
    const expiresAt = this.#expiry(expiresInMs);
    const asked = channels.map(channel => this.#renewal(channel, expiresAt));
    const client = this.#client(connectionId);
    const outcomes = await inBatches(asked, async some => client.renewMany(some), mayGoOn);
    await this.#noteRenewals(channels, outcomes);
    await this.#readAfterMany(connectionId, outcomes);
    const unreadable = known.filter(channel => !isReadable(channel));
    return new Map([
      ...this.#toRenewals(asked, outcomes),
      ...unreadable.map(({ channelId }) => [channelId, fail(unreadableChannelProblem())] as const),
    ]);
  }

  /** Makes expired channels again, many with one request, as they were; then reads the server once. */
  async recreateMany(
    connectionId: string,
    channelIds: readonly string[],
    { expiresInMs = longestExpiry, mayGoOn }: BatchOptions = {},
  ): Promise<BatchOutcomes<RenewOutcome>> {
    const channels = channelIds.flatMap(id => this.#known(connectionId, id) ?? this.#lost.get(id) ?? []);
    const asked = channels.flatMap(channel => this.#recreation(channel, this.#expiry(expiresInMs)) ?? []);
    for (const request of asked) await this.#own(connectionId, request);
    const client = this.#client(connectionId);
    const outcomes = await inBatches(asked, async some => client.subscribeMany(some), mayGoOn);
    await this.#readAfterMany(connectionId, outcomes);
    for (const channel of channels) if (outcomes.get(channel.channelId)?.ok === true) this.#announceLapse(channel);
    return this.#toRenewals(asked, outcomes);
  }

  /** A channel as the server has it this moment; undefined where it has none of that id. */
  async read(connectionId: string, channelId: string): Promise<Result<ChannelDetails | undefined, Problem>> {
    return this.#editor.read(connectionId, channelId);
  }

  /** Makes a channel what `towards` makes of it as it is found just before. */
  async change(
    connectionId: string,
    channelId: string,
    towards: (now: ChannelDetails) => ChannelDetails,
  ): Promise<Result<ChangeOutcome, Problem>> {
    return this.#editor.change(connectionId, channelId, towards);
  }

  /** Subscribes a channel that is gone as `details` say, whoever made it. */
  async restore(connectionId: string, details: ChannelDetails): Promise<Result<ChangeOutcome, Problem>> {
    return this.#editor.restore(connectionId, details);
  }

  /**
   * One result for each channel, as reading back shows it: a channel that is already gone counts as deleted, one that is
   * still there in part does not, whatever Zoho answered. Such a part is asked away once more.
   */
  async delete(
    connectionId: string,
    channelIds: readonly string[],
  ): Promise<ReadonlyMap<string, Result<void, Problem>>> {
    const first = await this.#delete(connectionId, [...new Set(channelIds)]);
    const left = [...first].flatMap(([id, outcome]) => (!outcome.ok && isWorthAnother(outcome.error) ? [id] : []));
    return left.length === 0 ? first : new Map([...first, ...(await this.#delete(connectionId, left))]);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #delete(
    connectionId: string,
    channelIds: readonly string[],
  ): Promise<ReadonlyMap<string, Result<void, ZohoProblem>>> {
    const answer = await this.#client(connectionId).unsubscribe(channelIds);
    const outcomes: UnsubscribeOutcome = answer.ok ? answer.value : new Map(channelIds.map(id => [id, answer]));
    const settled = channelIds.filter(id => isSettled(outcomes.get(id)));
    // Before reading: what is forgotten here and still listed there is remembered again.
    await this.#options.ownership.forgetDetails(settled);
    await this.#readAfterWrite(connectionId, answer);
    return new Map(
      channelIds.map(id => [id, this.#deletionOf(connectionId, id, outcomes.get(id) ?? succeed(undefined))]),
    );
  }

  /** What became of a channel that was to go. */
  #deletionOf(connectionId: string, channelId: string, answered: Result<void, ZohoProblem>): Result<void, ZohoProblem> {
    if (this.#isGone(connectionId, channelId)) return succeed(undefined);
    const left = this.stateOf(connectionId).kind === "loaded" ? this.#known(connectionId, channelId) : undefined;
    return answered.ok && left !== undefined ? fail(partlyDeletedProblem(left)) : answered;
  }

  async #subscribe(connectionId: string, request: OwnRequest): Promise<Result<CreatedChannel, Problem>> {
    if (request.events.length === 0) return fail(nothingToWatchProblem());
    const kept = await this.#own(connectionId, request);
    if (!kept.ok) return kept;
    const outcome = await this.#client(connectionId).subscribe(request);
    await this.#readAfterWrite(connectionId, outcome);
    const listed = this.#known(connectionId, request.channelId);
    if (outcome.ok) {
      const made = toSubscriptions(outcome.value.granted, request);
      const channel = listed ?? makeChannel(connectionId, request.channelId, made, true);
      return succeed({ ...channel, warnings: warningsOf(outcome.value, request, this.#options.clock.now()) });
    }
    const cameToBe = listed !== undefined && leavesOutcomeOpen(outcome.error) && this.#isAlive(listed);
    return cameToBe ? succeed({ ...listed, warnings: [] }) : outcome;
  }

  /** Keeps id and token before asking Zoho: the first delivery may be here before the answer. */
  async #own(connectionId: string, { channelId, token }: OwnRequest): Promise<Result<void, Problem>> {
    const { ownership, tokenBook } = this.#options;
    try {
      if (ownership.get(channelId)?.token === token) return succeed(undefined);
      await ownership.add({ ...ownership.get(channelId), channelId, connectionId, token });
      tokenBook.learn(channelId, token);
      return succeed(undefined);
    } catch (error) {
      return fail(toProblem(error));
    }
  }

  /** Remembers what Zoho did not renew, and announces what it had let end and took up again. */
  async #noteRenewals(channels: readonly Channel[], outcomes: BatchOutcomes<SubscribeOutcome>): Promise<void> {
    const renewals: Renewal[] = [];
    for (const channel of channels) {
      const outcome = outcomes.get(channel.channelId);
      if (isNotSubscribed(outcome)) await this.#keepToRecreate(channel);
      if (outcome?.ok !== true) continue;
      renewals.push({ channel, granted: new Set(outcome.value.granted.map(({ module }) => module)) });
    }
    await this.#options.ownership.noteRenewals(renewals);
    for (const renewal of renewals) this.#announceLapsedModules(renewal);
  }

  #announceLapsedModules({ channel: { channelId, subscriptions }, granted }: Renewal): void {
    const now = this.#options.clock.now();
    const connectionId = this.#options.ownership.get(channelId)?.connectionId;
    for (const module of subscriptions) {
      if (connectionId === undefined || module.expiresAt > now || !granted.has(module.module)) continue;
      this.#lapsed.fire({ connectionId, channelId, subscriptions: [module], from: module.expiresAt, to: now });
    }
  }

  /** A channel that Zoho no longer has, whatever our clock says of it, must still be there to be made again. */
  async #keepToRecreate(channel: Channel): Promise<void> {
    this.#lost.set(channel.channelId, channel);
    await this.#options.ownership.keepAsOver(channel, this.#options.clock.now());
  }

  /** What prolongs a channel and changes nothing else. */
  #renewal(channel: Channel, expiresAt: number): RenewRequest {
    const { channelId, notifyUrl } = channel;
    return { channelId, events: eventsIn(channel), notifyUrl, token: this.#tokenOf(channel), expiresAt };
  }

  /** What makes a channel again as it was; undefined where nothing of it is known. */
  #recreation(channel: Channel, expiresAt: number): OwnRequest | undefined {
    const details = detailsOf(channel.subscriptions);
    if (details === undefined) return undefined;
    const token = this.#tokenOf(channel) ?? newChannelToken();
    return { ...toRequest(details), token, events: eventsIn(channel), expiresAt };
  }

  #toRenewals(
    asked: readonly { readonly channelId: string; readonly events: readonly string[]; readonly expiresAt: number }[],
    outcomes: BatchOutcomes<SubscribeOutcome>,
  ): BatchOutcomes<RenewOutcome> {
    const now = this.#options.clock.now();
    return new Map(
      asked.map((request): [string, Result<RenewOutcome, ZohoProblem>] => {
        const outcome = outcomes.get(request.channelId) ?? fail(cancelledProblem());
        return [request.channelId, outcome.ok ? renewalOf(outcome.value, request, now) : outcome];
      }),
    );
  }

  async #readAfterMany(connectionId: string, outcomes: BatchOutcomes<unknown>): Promise<void> {
    const [first] = [...outcomes.values()].filter(outcome => isThrottled(outcome));
    if (outcomes.size > 0) await this.#readAfterWrite(connectionId, first ?? succeed(undefined));
  }

  /** A channel that was lost before its time was over from when that was noticed, at the latest. */
  #announceLapse({ connectionId, channelId, subscriptions, expiresAt }: Channel): void {
    const wasLost = this.#lost.delete(channelId);
    const to = this.#options.clock.now();
    // Clocks differ: what Zoho no longer listed may have a moment to live by ours.
    if (!wasLost && expiresAt > to + minute) return;
    this.#lapsed.fire({ connectionId, channelId, subscriptions, from: Math.min(expiresAt, to), to });
  }

  async #readBack(
    connectionId: string,
    channelId: string,
    outcome: Result<unknown, ZohoProblem>,
  ): Promise<ChannelDetails | undefined> {
    await this.#readAfterWrite(connectionId, outcome);
    if (this.stateOf(connectionId).kind !== "loaded") return undefined;
    const channel = this.#known(connectionId, channelId);
    return channel !== undefined && this.#isAlive(channel) ? detailsOf(channel.subscriptions) : undefined;
  }

  /** Not after a throttle: reading would be one more request too many. */
  async #readAfterWrite(connectionId: string, outcome: Result<unknown, ZohoProblem>): Promise<void> {
    if (!outcome.ok && outcome.error.kind === "throttled") return;
    await this.#lists.of(connectionId)?.refreshAnew();
  }

  async #find(connectionId: string, channelId: string): Promise<Channel | undefined> {
    const known = this.#known(connectionId, channelId);
    if (known !== undefined) return known;
    await this.refresh(connectionId);
    return this.#known(connectionId, channelId);
  }

  #known(connectionId: string, channelId: string): Channel | undefined {
    return this.#lists.known(connectionId)?.channels.find(channel => channel.channelId === channelId);
  }

  #isGone(connectionId: string, channelId: string): boolean {
    const state = this.stateOf(connectionId);
    return (
      state.kind === "loaded" && provesAbsence(state, channelId) && this.#known(connectionId, channelId) === undefined
    );
  }

  #isAlive(channel: Channel): boolean {
    return channel.expiresAt > this.#options.clock.now();
  }

  #tokenOf({ channelId, token }: Channel): string | undefined {
    const owned = this.#options.ownership.get(channelId)?.token;
    return token ?? (owned === "" ? undefined : owned);
  }

  #expiry(expiresInMs: number): number {
    return this.#options.clock.now() + Math.min(expiresInMs, longestExpiry);
  }

  #client(connectionId: string): ZohoApi {
    return this.#options.clients.for(connectionId);
  }

  #learnOwnTokens(): void {
    const { ownership, tokenBook } = this.#options;
    for (const { channelId, token, formerTokens = [] } of ownership.list()) {
      for (const each of [token, ...formerTokens]) if (each !== "") tokenBook.learn(channelId, each);
    }
  }
}

/** A channel of ours always has a token. */
type OwnRequest = SubscribeRequest & { readonly token: string };

function isNotSubscribed(outcome: Result<unknown, ZohoProblem> | undefined): boolean {
  return outcome?.ok === false && outcome.error.kind === "not-subscribed";
}

function isThrottled(outcome: Result<unknown, ZohoProblem>): boolean {
  return !outcome.ok && outcome.error.kind === "throttled";
}

/** True where another DELETE may take away what the first left, and Zoho did not say no. */
function isWorthAnother({ code, kind }: Problem & { readonly kind: string }): boolean {
  return code === partlyDeletedCode || kind === "unreadable";
}

/** True where the channel is certainly no longer, or never was, what the person wanted rid of. */
function isSettled(outcome: Result<void, ZohoProblem> | undefined): boolean {
  return outcome?.ok === true || outcome?.error.kind === "not-subscribed" || outcome?.error.kind === "invalid";
}

/** A channel that was renewed in part is not renewed: what Zoho left out is going to end. */
function renewalOf(
  outcome: SubscribeOutcome,
  asked: { readonly events: readonly string[]; readonly expiresAt: number },
  now: number,
): Result<RenewOutcome, ZohoProblem> {
  const missing = missingModules(outcome, asked.events);
  if (missing.length > 0) return fail(partlyRenewed(missing, outcome));
  return succeed({ expiresAt: earliestExpiry(outcome.granted), warnings: warningsOf(outcome, asked, now) });
}

function eventsOf({ modules }: CreateRequest): string[] {
  return modules.flatMap(({ module, operations }) =>
    (operations.includes("all") ? ["all"] : operations).map(operation => `${module}.${operation}`),
  );
}

function eventsIn(channel: Channel): string[] {
  return channel.subscriptions.flatMap(subscription => subscription.events);
}
