import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import { present } from "./present.ts";
import type { ZohoProblem } from "./problem.ts";
import type { BatchFailure, OfChannel } from "./splitBatch.ts";
import { type GrantedSubscription, moduleOf } from "./subscription.ts";
import { unansweredProblem } from "./watchAnswer.ts";
import { type ToldGrant, type WatchResult, readRefusal, readResults } from "./watchResults.ts";

/** A channel of a request, and the events that were asked for. */
export interface AskedChannel {
  readonly channelId: string;
  readonly events: readonly string[];
}

/** A module that was granted; where the answer does not say until when, that is not known. */
export type Grant = Omit<GrantedSubscription, "expiresAt"> & { readonly expiresAt: number | undefined };

/** What an answer says of one channel. */
export interface ToldOutcome {
  readonly granted: readonly Grant[];
  readonly refused: readonly ZohoProblem[];
}

/** What an answer says of each channel: a failure where nothing of it was granted. */
export type ToldOutcomes = ReadonlyMap<string, Result<ToldOutcome, ZohoProblem>>;

/**
 * Reads the answer to a POST, PUT or PATCH of `asked`, in this order. A failure is of the request as a whole. No result
 * counts for a channel that it is not surely about.
 */
export function readSubscribeAnswer(
  answer: HttpAnswer,
  asked: readonly AskedChannel[],
  clock: Clock,
): Result<ToldOutcomes, ZohoProblem> {
  const results = readResults(answer, clock);
  return results.ok ? succeed(new Assignment(asked, results.value).outcomes()) : results;
}

/** The failure of a request that Zoho refuses as a whole because of one of several channels. */
export function readBatchRefusal(
  answer: HttpAnswer,
  asked: readonly OfChannel[],
  clock: Clock,
): BatchFailure | undefined {
  const refusal = asked.length > 1 ? readRefusal(answer, clock) : undefined;
  if (refusal?.problem === undefined) return undefined;
  const { channelIds, place, problem } = refusal;
  const named = asked.filter(({ channelId }, at) => at === place || channelIds.includes(channelId));
  return { problem, refusedItem: { channelId: named.length === 1 ? named[0]?.channelId : undefined } };
}

/** Which results are about which channels. */
class Assignment {
  readonly #asked: readonly AskedChannel[];
  readonly #results: readonly WatchResult[];
  /** Results that name no channel. */
  readonly #nameless: readonly WatchResult[];
  /** The channels that no result names. */
  readonly #unnamed: readonly string[];

  constructor(asked: readonly AskedChannel[], results: readonly WatchResult[]) {
    const named = new Set(results.flatMap(({ channelIds }) => channelIds));
    this.#asked = asked;
    this.#results = results;
    this.#nameless = results.filter(({ channelIds }) => channelIds.length === 0);
    this.#unnamed = asked.map(({ channelId }) => channelId).filter(channelId => !named.has(channelId));
  }

  outcomes(): ToldOutcomes {
    return new Map(this.#asked.map((asked, place) => [asked.channelId, this.#outcomeOf(asked, place)]));
  }

  #outcomeOf(asked: AskedChannel, place: number): Result<ToldOutcome, ZohoProblem> {
    const { channelId } = asked;
    const named = this.#results.filter(({ channelIds }) => channelIds.includes(channelId));
    const mine = [...named, ...this.#namelessOf(channelId, place)];
    const told = mine.flatMap(result => grantsTo(channelId, result));
    const granted = told.flatMap(grant => grantOf(channelId, grant) ?? []);
    const refused = mine.flatMap(({ problem }) => problem ?? []);
    if (this.#mayLack(asked, told, refused)) refused.push(unansweredProblem());
    return granted.length > 0 ? succeed({ granted, refused }) : fail(refused[0] ?? unansweredProblem());
  }

  /** The results without a name that are about this channel, as far as that is sure. */
  #namelessOf(channelId: string, place: number): readonly WatchResult[] {
    if (this.#asked.length === 1) return this.#nameless;
    if (!this.#unnamed.includes(channelId)) return [];
    if (this.#isInOrder()) return this.#results.slice(place, place + 1);
    return this.#areUnnamedGone() ? this.#nameless.slice(0, 1) : [];
  }

  /**
   * As many results say that something is gone as there are channels that none names. What is gone is these channels,
   * unless a path leads to another, or another lacks a module that it may be.
   */
  #areUnnamedGone(): boolean {
    const areAlike = this.#nameless.every(({ problem }) => problem?.kind === "not-subscribed");
    const areSettled = this.#asked.every(asked => this.#unnamed.includes(asked.channelId) || this.#isSettled(asked));
    return areAlike && areSettled && this.#nameless.length === this.#unnamed.length && this.#leadToUnnamed();
  }

  /** True where each path leads to a channel of its own that no result names. */
  #leadToUnnamed(): boolean {
    const places = this.#nameless.flatMap(({ place }) => place ?? []);
    const channels = places.map(place => this.#asked[place]?.channelId ?? "");
    return new Set(channels).size === places.length && channels.every(channelId => this.#unnamed.includes(channelId));
  }

  /** True where the results that name a channel say of each of its modules what became of it. */
  #isSettled(asked: AskedChannel): boolean {
    const named = this.#results.filter(({ channelIds }) => channelIds.includes(asked.channelId));
    const told = named.flatMap(result => grantsTo(asked.channelId, result));
    return named.some(({ problem }) => problem !== undefined) || coversAll(asked, told);
  }

  /**
   * Zoho gives one result for each item, in the order of the request. That is relied on only where all results that
   * name a channel, or a place, bear it out, and none of them lacks a module that another result may be about.
   */
  #isInOrder(): boolean {
    return this.#results.length === this.#asked.length && this.#results.every((result, at) => this.#fits(result, at));
  }

  #fits({ channelIds, place, problem, grants }: WatchResult, at: number): boolean {
    const asked = this.#asked[at];
    if (place !== undefined && place !== at) return false;
    if (channelIds.length === 0) return true;
    const isItsOwn = asked !== undefined && channelIds.every(id => id === asked.channelId);
    return isItsOwn && (problem !== undefined || coversAll(asked, grants));
  }

  /** Something of the channel is neither granted nor refused, and may be what an unclear result is about. */
  #mayLack(asked: AskedChannel, told: readonly ToldGrant[], refused: readonly ZohoProblem[]): boolean {
    if (told.some(({ module }) => module === undefined)) return true;
    const isUnclear = this.#asked.length > 1 && (this.#nameless.length > 0 || this.#results.some(hasStrayGrant));
    return isUnclear && told.length > 0 && refused.length === 0 && !coversAll(asked, told);
  }
}

/** What a result grants to a channel: what names no channel is that of the only one that the result names. */
function grantsTo(channelId: string, { channelIds, problem, grants }: WatchResult): readonly ToldGrant[] {
  if (problem !== undefined) return [];
  return grants.filter(grant => (grant.channelId ?? (channelIds.length > 1 ? undefined : channelId)) === channelId);
}

/** True where one of several channels was granted something, and the result does not say which. */
function hasStrayGrant({ channelIds, grants }: WatchResult): boolean {
  return channelIds.length > 1 && grants.some(grant => grant.channelId === undefined);
}

function coversAll({ events }: AskedChannel, grants: readonly ToldGrant[]): boolean {
  const granted = new Set(grants.map(({ module }) => module));
  return events.every(event => granted.has(moduleOf(event)));
}

/** A grant for this channel, where it names the module. */
function grantOf(channelId: string, told: ToldGrant): Grant | undefined {
  const { module, expiresAt } = told;
  if (module === undefined) return undefined;
  const resource = { ...present("resourceId", told.resourceId), ...present("resourceUri", told.resourceUri) };
  return { channelId, module, expiresAt, ...resource };
}
