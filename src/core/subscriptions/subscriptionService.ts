import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { Clock } from "../../base/clock.ts";
import { leavesOutcomeOpen } from "../../zoho/problem.ts";
import type { SubscribeOutcome } from "../../zoho/watchAnswer.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { ConnectionStore } from "../connections/connectionStore.ts";
import { patienceForPeople } from "../connections/vaultPatience.ts";
import type { Bulletin } from "../windows/bulletin.ts";
import type { JointTurns } from "../windows/jointTurns.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import type { BatchOptions } from "./batches.ts";
import { type Channel, type ChannelReading, makeChannel } from "./channel.ts";
import type { ChannelDeletion, ChannelDeletionOptions } from "./channelDeletion.ts";
import type { ChannelDetails } from "./channelDetails.ts";
import { type ChangeOutcome, ChannelEditor, type Towards } from "./channelEditor.ts";
import { newChannelId, newChannelToken } from "./channelIdentity.ts";
import { ChannelList, type SubscriptionsState } from "./channelList.ts";
import { ChannelLists } from "./channelLists.ts";
import { busyChannelCode, nothingToWatchProblem, unknownChannelProblem } from "./channelProblems.ts";
import { ChannelReader } from "./channelReader.ts";
import { ChannelUpkeep, type KeepOptions, type Kept, type OwnRequest, type RenewOutcome } from "./channelUpkeep.ts";
import { longestExpiry, toSubscriptions, warningsOf } from "./grants.ts";
import { DeletionNotes } from "./deletionNotes.ts";
import { type LapseLog, type LapseOf, type OpenLapse, isBack } from "./lapse.ts";
import { hasAllOf } from "./ownedReading.ts";
import type { ChannelOwnership } from "./ownership.ts";
import { ServerChannels, type ServerReading } from "./serverChannels.ts";
import { SteadyLapses } from "./steadyLapses.ts";
import type { TokenBook } from "../events/tokenBook.ts";

export type { RenewOutcome } from "./channelUpkeep.ts";
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

export interface SubscriptionServiceOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly store: Pick<ConnectionStore, "list" | "get" | "onDidChange">;
  readonly ownership: ChannelOwnership;
  readonly tokenBook: TokenBook;
  readonly turns: JointTurns;
  readonly lapses: LapseLog;
  readonly notes: Pick<SharedNotes, "get" | "keys" | "setAll" | "deleteAll">;
  readonly bulletin: Pick<Bulletin, "post" | "onDidPost">;
  /** Loaded once a person deletes something. */
  readonly deletionWith: (parts: ChannelDeletionOptions) => Promise<Pick<ChannelDeletion, "delete">>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The topic under which windows tell each other that the channels of a connection were written. */
const topicPrefix = "channels/";

/**
 * The channels of every connection as the server has them, and the changes to them. Whoever writes a channel does so
 * here: as the only one in any window, after reading it, and with what matters read back; then other windows read what
 * became of it. Connections that are new or signed in anew are read without being told to.
 */
export class SubscriptionService implements Disposable {
  readonly #options: SubscriptionServiceOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<{ readonly connectionId: string }>());
  readonly #deleted = this.#store.add(new Emitter<LapseOf>());
  readonly #lapses: SteadyLapses;
  readonly #lists: ChannelLists;
  readonly #reader: ChannelReader;
  readonly #upkeep: ChannelUpkeep;
  readonly #editor: ChannelEditor;
  readonly #parts: ChannelDeletionOptions;
  #knowsOwn: boolean;

  readonly onDidChange: Event<{ readonly connectionId: string }> = this.#changed.event;
  /** A person deleted a channel: nothing is to be kept or given back of it. */
  readonly onDidDelete: Event<LapseOf> = this.#deleted.event;
  /** Channels were read from the server. */
  readonly onDidRead: Event<ServerReading>;

  constructor(options: SubscriptionServiceOptions) {
    this.#options = options;
    this.#lapses = new SteadyLapses(options.lapses, options.logger);
    const deletions = new DeletionNotes(options);
    const server = this.#store.add(new ServerChannels({ ...options, deletions }));
    this.onDidRead = server.onDidRead;
    const announce = (connectionId: string): void => {
      this.#closeLapses(connectionId);
      this.#changed.fire({ connectionId });
    };
    const makeList = (id: string): ChannelList =>
      new ChannelList({
        fetch: async signal => server.fetch(id, signal),
        onDidChange: () => announce(id),
        clock: options.clock,
      });
    this.#lists = this.#store.add(new ChannelLists({ store: options.store, makeList, onDidDrop: announce }));
    const listOf = (id: string): ChannelList | undefined => this.#lists.of(id);
    this.#reader = new ChannelReader({ ...options, server, listOf });
    const parts = { ...options, deletions, lapses: this.#lapses, reader: this.#reader, listOf };
    this.#upkeep = new ChannelUpkeep(parts);
    this.#editor = new ChannelEditor(parts);
    this.#parts = parts;
    this.#knowsOwn = options.ownership.isLoaded;
    this.#store.add(options.ownership.onDidChange(() => this.#followOwnership()));
    this.#store.add(options.bulletin.onDidPost(topic => this.#hear(topic)));
    this.#learnOwnTokens();
  }

  stateOf(connectionId: string): SubscriptionsState {
    return this.#lists.known(connectionId)?.state ?? { kind: "loading" };
  }

  /** Zoho's time at a connection, in milliseconds since 1970: expiries go by it. */
  nowAt(connectionId: string): number {
    return this.#client(connectionId).time.now();
  }

  /** Reads one connection, or all of them, from the server. Never fails: the state tells. */
  async refresh(connectionId?: string): Promise<void> {
    const { store } = this.#options;
    const ids = connectionId === undefined ? store.list().map(({ id }) => id) : [connectionId];
    await Promise.all(ids.map(async id => this.#lists.of(id)?.refresh()));
  }

  /** Reads one connection as it is from now on; unlike `refresh`, joins no reading that began before. */
  async refreshAnew(connectionId: string): Promise<void> {
    await this.#lists.of(connectionId)?.refreshAnew();
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
      expiresAt: this.nowAt(connectionId) + Math.min(request.expiresInMs, longestExpiry),
      returnAffectedFieldValues: request.returnAffectedFieldValues,
      notifyOnRelatedAction: request.notifyOnRelatedAction,
      ...(conditions.length === 0 ? {} : { notificationCondition: conditions }),
    });
  }

  /** Renews channels, or makes them again where they are over, as `options` say; see {@link ChannelUpkeep}. */
  async keep(
    connectionId: string,
    channelIds: readonly string[],
    options: KeepOptions,
  ): Promise<ReadonlyMap<string, Kept>> {
    return this.#writing(
      connectionId,
      async () => this.#upkeep.keep(connectionId, channelIds, options),
      kept => [...kept.values()].some(({ outcome }) => wasTouched(outcome)),
    );
  }

  /** Prolongs channels, many with one request. One that is over cannot be renewed, only made again. */
  async renewMany(
    connectionId: string,
    channelIds: readonly string[],
    options: BatchOptions = {},
  ): Promise<ReadonlyMap<string, Result<RenewOutcome, Problem>>> {
    return this.#byHand(connectionId, channelIds, { ...options, renews: true, recreates: false, byHand: true });
  }

  /** Makes channels again that are over, as they were: same id, address, events and token. Many with one request. */
  async recreateMany(
    connectionId: string,
    channelIds: readonly string[],
    options: BatchOptions = {},
  ): Promise<ReadonlyMap<string, Result<RenewOutcome, Problem>>> {
    return this.#byHand(connectionId, channelIds, { ...options, renews: false, recreates: true, byHand: true });
  }

  /** A channel as the server has it this moment; undefined where it has none of that id. */
  async read(connectionId: string, channelId: string): Promise<Result<ChannelDetails | undefined, Problem>> {
    return this.#editor.read(connectionId, channelId);
  }

  /** Makes a channel what `towards` makes of it as it is found just before. */
  async change(connectionId: string, channelId: string, towards: Towards): Promise<Result<ChangeOutcome, Problem>> {
    return this.#sending(connectionId, async onSend => this.#editor.change(connectionId, channelId, towards, onSend));
  }

  /** Subscribes a channel that is gone as `details` say, whoever made it, where that `isWanted` still in its turn. */
  async restore(
    connectionId: string,
    details: ChannelDetails,
    isWanted?: () => boolean,
  ): Promise<Result<ChangeOutcome, Problem>> {
    return this.#sending(connectionId, async onSend => this.#editor.restore(connectionId, details, onSend, isWanted));
  }

  /** One result for each channel; a channel that is already gone counts as deleted. */
  async delete(
    connectionId: string,
    channelIds: readonly string[],
  ): Promise<ReadonlyMap<string, Result<void, Problem>>> {
    const unique = [...new Set(channelIds)];
    const outcomes = await this.#writing(
      connectionId,
      async () => (await this.#options.deletionWith(this.#parts)).delete(connectionId, unique),
      deletions => [...deletions.values()].some(wasTouched),
    );
    for (const [channelId, outcome] of outcomes) if (outcome.ok) this.#deleted.fire({ connectionId, channelId });
    return outcomes;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #byHand(
    connectionId: string,
    channelIds: readonly string[],
    options: KeepOptions,
  ): Promise<ReadonlyMap<string, Result<RenewOutcome, Problem>>> {
    const kept = await this.keep(connectionId, channelIds, options);
    return new Map(channelIds.map(id => [id, kept.get(id)?.outcome ?? fail(unknownChannelProblem())]));
  }

  /** Nobody else knows a new channel, so there is no turn to take. */
  async #subscribe(connectionId: string, request: OwnRequest): Promise<Result<CreatedChannel, Problem>> {
    if (request.events.length === 0) return fail(nothingToWatchProblem());
    try {
      // The first delivery may be here before the answer.
      await this.#upkeep.own(connectionId, request, patienceForPeople);
    } catch (error) {
      return fail(toProblem(error));
    }
    return this.#writing(connectionId, async () => this.#post(connectionId, request));
  }

  async #post(connectionId: string, request: OwnRequest): Promise<Result<CreatedChannel, Problem>> {
    const { ownership } = this.#options;
    const outcome = await this.#client(connectionId).subscribe(request);
    if (!outcome.ok && outcome.error.kind === "throttled") return outcome;
    const read = await this.#reader.readOne(connectionId, request.channelId);
    const listed = read.ok ? read.value : undefined;
    const warnings = (made: SubscribeOutcome): readonly Problem[] =>
      warningsOf(made, request, this.nowAt(connectionId), listed?.subscriptions);
    if (outcome.ok) {
      const made = toSubscriptions(outcome.value.granted, request);
      // What was read may not have been kept: the vault fails now and then, and nobody may be here to read again.
      const isKept = read.ok && ownership.get(request.channelId)?.lastKnown !== undefined;
      if (!isKept) await ownership.noteMade(request.channelId, listed?.subscriptions ?? made);
      const channel = listed ?? makeChannel(connectionId, request.channelId, made, true);
      return succeed({ ...channel, warnings: warnings(outcome.value) });
    }
    // Nobody else knows the token: whatever was answered last, an earlier try made this channel.
    const cameToBe = listed !== undefined && (listed.token === request.token || leavesOutcomeOpen(outcome.error));
    if (!cameToBe) return outcome;
    return succeed({ ...listed, warnings: warnings({ granted: listed.subscriptions, refused: [] }) });
  }

  /** Has the other windows read again, unless it is certain that nothing was written. */
  async #writing<T>(
    connectionId: string,
    write: () => Promise<T>,
    mayHave: (done: T) => boolean = () => true,
  ): Promise<T> {
    let wrote = true;
    try {
      const done = await write();
      wrote = mayHave(done);
      return done;
    } finally {
      if (wrote) this.#options.bulletin.post(topicPrefix + connectionId);
    }
  }

  /** Has the other windows read again where `write` says that it sent something: else they would ask each other round. */
  async #sending<T>(connectionId: string, write: (onSend: () => void) => Promise<T>): Promise<T> {
    let wasSent = false;
    const done = async (): Promise<T> => write(() => (wasSent = true));
    return this.#writing(connectionId, done, () => wasSent);
  }

  #hear(topic: string): void {
    if (topic.startsWith(topicPrefix)) void this.#lists.known(topic.slice(topicPrefix.length))?.refreshAnew();
  }

  /**
   * A channel that is there again may have been so before anybody could say so, as where an answer got lost. One that
   * somebody deleted meanwhile misses no more than it did.
   */
  #closeLapses(connectionId: string): void {
    const state = this.stateOf(connectionId);
    if (state.kind !== "loaded") return;
    const now = this.nowAt(connectionId);
    this.#lapses.forgetAgain();
    for (const lapse of this.#lapses.open(connectionId)) if (hasEnded(lapse, state, now)) this.#lapses.end(lapse, now);
  }

  #client(connectionId: string): ZohoApi {
    return this.#options.clients.for(connectionId);
  }

  /** What was read before it was known which channels are ours, as it is from now on, took them all for somebody else's. */
  #followOwnership(): void {
    this.#learnOwnTokens();
    if (!this.#knowsOwn) this.#lists.refreshAnew();
    this.#knowsOwn = true;
  }

  #learnOwnTokens(): void {
    const { ownership, tokenBook } = this.#options;
    for (const { channelId, token, formerTokens = [] } of ownership.list()) {
      for (const each of [token, ...formerTokens]) if (each !== "") tokenBook.learn(channelId, each);
    }
  }
}

/** True where nothing is missed any more: the channel is back, or is certainly gone. */
function hasEnded(lapse: OpenLapse, reading: ChannelReading, now: number): boolean {
  const channel = reading.channels.find(({ channelId }) => channelId === lapse.channelId);
  return channel === undefined ? hasAllOf(reading, lapse.channelId) : isBack(lapse, channel.subscriptions, now);
}

/** A channel that another window holds was not touched. */
function wasTouched(outcome: Result<unknown, Problem>): boolean {
  return outcome.ok || outcome.error.code !== busyChannelCode;
}

function eventsOf({ modules }: CreateRequest): string[] {
  return modules.flatMap(({ module, operations }) =>
    (operations.includes("all") ? ["all"] : operations).map(operation => `${module}.${operation}`),
  );
}
