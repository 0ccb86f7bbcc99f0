import { type Clock, minute } from "../../base/clock.ts";
import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type ZohoProblem, cancelledProblem, problemKind } from "../../zoho/problem.ts";
import type { RenewRequest, SubscribeRequest, Subscription } from "../../zoho/subscription.ts";
import type { SubscribeOutcome, SubscribeOutcomes } from "../../zoho/watchAnswer.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { JointTurns } from "../windows/jointTurns.ts";
import { type BatchOptions, concernsAll, inBatches } from "./batches.ts";
import { type Channel, isOver, makeChannel } from "./channel.ts";
import { detailsOf, toRequest } from "./channelDetails.ts";
import { newChannelToken } from "./channelIdentity.ts";
import type { ChannelList } from "./channelList.ts";
import {
  busyChannelProblem,
  notSubscribedProblem,
  partlyKnownProblem,
  unknownChannelProblem,
} from "./channelProblems.ts";
import type { ChannelReader, FoundChannel } from "./channelReader.ts";
import { type ChannelTurn, patienceOfPeople, takeChannels, turnLife } from "./channelTurns.ts";
import {
  earliestExpiry,
  grantedModules,
  longestExpiry,
  missingModules,
  partlyRenewed,
  toSubscriptions,
  warningsOf,
} from "./grants.ts";
import { beginLapse } from "./lapse.ts";
import type { DeletionNotes } from "./deletionNotes.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { SteadyLapses } from "./steadyLapses.ts";

export interface RenewOutcome {
  /** What Zoho granted, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** In sentences, what is not as it was asked for. */
  readonly warnings: readonly Problem[];
}

/** What became of a channel that was to live longer. */
export interface Kept {
  /** It was over, and was asked for again. */
  readonly recreated: boolean;
  readonly outcome: Result<RenewOutcome, Problem>;
}

export interface KeepOptions extends BatchOptions {
  /** What to do with a channel that is over, and with one that is alive; what is not to be done is said. */
  readonly recreates: boolean;
  readonly renews: boolean;
  /** False for a channel that somebody else has seen to, as it is found: nothing is done and nothing is said of it. */
  readonly isDue?: (channel: Channel) => boolean;
  /** A person asked for it: waits for other windows, and asks again also for what somebody deleted. */
  readonly byHand: boolean;
}

export interface ChannelUpkeepOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly reader: ChannelReader;
  readonly listOf: (connectionId: string) => ChannelList | undefined;
  readonly ownership: ChannelOwnership;
  readonly deletions: Pick<DeletionNotes, "withdraw">;
  readonly turns: JointTurns;
  readonly lapses: SteadyLapses;
  readonly clock: Clock;
}

/** So many channels are read back one by one; of more, the answers have to do until the next reading. */
const few = 2;

/** A channel as it was before it was read again, and whether that is all of it. */
interface Remembered {
  readonly channel: Channel;
  readonly isWhole: boolean;
}

/** A channel that is to live longer, and what to ask for. */
interface Wish<T> {
  readonly channel: Channel;
  readonly request: T;
}

/** The same once it was asked for, and what Zoho said. */
interface Asked<T> extends Wish<T> {
  readonly answer: Result<SubscribeOutcome, ZohoProblem>;
}

/** What is done with channels that were read together; `kept` takes what becomes of them. */
interface Round {
  readonly connectionId: string;
  readonly options: KeepOptions;
  readonly turn: ChannelTurn;
  readonly kept: Map<string, Kept>;
}

/** How wishes are sent, and how a channel is once one was granted. */
interface Way<T> {
  readonly recreated: boolean;
  readonly send: (some: readonly T[]) => Promise<Result<SubscribeOutcomes, ZohoProblem>>;
  readonly after: (channel: Channel, outcome: SubscribeOutcome, request: T) => Channel;
}

/**
 * Lets channels live longer: renews those that are alive, and asks again for those that are over. Each is read before
 * anything is decided, by one window at a time, and what a lapse may have cost is written down before the first request.
 */
export class ChannelUpkeep {
  readonly #options: ChannelUpkeepOptions;
  /** Channels that Zoho was found not to have any more, ours and others'. */
  readonly #lost = new Map<string, Channel>();

  constructor(options: ChannelUpkeepOptions) {
    this.#options = options;
  }

  /** One entry for each channel, but for those that are not due. */
  async keep(
    connectionId: string,
    channelIds: readonly string[],
    options: KeepOptions,
  ): Promise<ReadonlyMap<string, Kept>> {
    const turn = await takeChannels(
      this.#options.turns,
      connectionId,
      channelIds,
      options.byHand ? patienceOfPeople : 0,
    );
    try {
      const kept = await this.#keepHeld(connectionId, turn, options);
      return new Map([...kept, ...turn.busy.map(id => [id, failed(busyChannelProblem())] as const)]);
    } finally {
      turn.dispose();
    }
  }

  /**
   * The same turn, until more than its life passes at once, as where the machine slept or the secret storage asked
   * somebody: what was read before must not be written over what others did meanwhile.
   */
  #whileAwake(turn: ChannelTurn, readAt: number): ChannelTurn {
    const { clock } = this.#options;
    let last = readAt;
    const isAwake = (): boolean => {
      const isRecent = Math.abs(clock.now() - last) <= turnLife;
      if (isRecent) last = clock.now();
      return isRecent;
    };
    return { ...turn, extend: () => isAwake() && turn.extend() };
  }

  /** Each portion is written on its own reading. What the next would meet too ends it for all that are left. */
  async #keepHeld(connectionId: string, turn: ChannelTurn, options: KeepOptions): Promise<Map<string, Kept>> {
    const { mayGoOn = () => true } = options;
    const known = new Map(turn.held.map(id => [id, this.#remembered(connectionId, id)]));
    const kept = new Map<string, Kept>();
    const left = new Set(turn.held);
    for await (const { readAt, found } of this.#options.reader.readInPortions(connectionId, turn.held)) {
      await this.#keepFound({ connectionId, options, turn: this.#whileAwake(turn, readAt), kept }, known, found);
      for (const id of found.keys()) left.delete(id);
      const stop = problemOfAll(kept, found) ?? (mayGoOn() && turn.extend() ? undefined : cancelledProblem());
      if (stop === undefined) continue;
      for (const id of left) kept.set(id, failed(stop));
      break;
    }
    return kept;
  }

  async #keepFound(
    round: Round,
    known: ReadonlyMap<string, Remembered | undefined>,
    found: ReadonlyMap<string, FoundChannel>,
  ): Promise<void> {
    const { connectionId, options, kept } = round;
    const { alive, over } = this.#sort(round, known, found);
    if (options.renews) await this.#renew(round, alive);
    else for (const { channelId, expiresAt } of alive) kept.set(channelId, done(expiresAt));
    const gone = alive.filter(({ channelId }) => isNotSubscribed(kept.get(channelId)));
    for (const channel of gone) this.#setLost(connectionId, channel);
    // One that is listed though Zoho does not know it is half dead. One that is not was deleted just now, or is over.
    const ended = [...over, ...gone.filter(channel => this.#isOver(channel) || this.#isListed(channel))];
    if (options.recreates) await this.#recreate(round, ended);
    else for (const { channelId } of over) kept.set(channelId, failed(notSubscribedProblem()));
  }

  /** Who is alive, who is over, and what is settled about the others. */
  #sort(
    { connectionId, options: { isDue = () => true, byHand }, kept }: Round,
    known: ReadonlyMap<string, Remembered | undefined>,
    found: ReadonlyMap<string, FoundChannel>,
  ): { readonly alive: readonly Channel[]; readonly over: readonly Channel[] } {
    const alive: Channel[] = [];
    const over: Channel[] = [];
    for (const [channelId, reading] of found) {
      const before = known.get(channelId);
      const channel = reading.ok ? (reading.value ?? before?.channel) : undefined;
      if (!reading.ok) kept.set(channelId, failed(reading.error));
      else if (channel === undefined) kept.set(channelId, failed(unknownChannelProblem()));
      else if (reading.value === undefined && !byHand && this.#isDoneWith(channelId)) continue;
      else if (reading.value === undefined && before?.isWhole === false)
        kept.set(channelId, failed(partlyKnownProblem()));
      else if (this.#isOver(channel)) (isDue(channel) ? over : []).push(channel);
      else if (reading.value !== undefined) (isDue(channel) ? alive : []).push(channel);
      // Somebody deleted it before its time. Only a person may ask for it again.
      else if (byHand) over.push(this.#setLost(connectionId, channel));
    }
    return { alive, over };
  }

  async #renew(round: Round, channels: readonly Channel[]): Promise<void> {
    const { connectionId, options, kept } = round;
    const client = this.#client(connectionId);
    const now = client.time.now();
    const ready = channels.filter(channel => this.#noteLapse(channel, lapsedModules(channel, now), kept));
    const wishes = ready.map(channel => ({ channel, request: this.#renewal(channel, now + lifeOf(options)) }));
    await this.#carryOut(round, wishes, {
      recreated: false,
      send: async some => client.renewMany(some),
      after: renewed,
    });
  }

  async #recreate(round: Round, channels: readonly Channel[]): Promise<void> {
    const { connectionId, options, kept } = round;
    const client = this.#client(connectionId);
    const now = client.time.now();
    const wishes: Wish<OwnRequest>[] = [];
    for (const channel of channels) {
      const request = this.#recreation(channel, now + lifeOf(options));
      const ready = request === undefined ? fail(unknownChannelProblem()) : await this.#prepare(channel, request);
      if (!ready.ok) kept.set(channel.channelId, { recreated: true, outcome: ready });
      else if (request !== undefined) wishes.push({ channel, request });
    }
    await this.#carryOut(round, wishes, {
      recreated: true,
      send: async some => client.subscribeMany(some),
      after: made,
    });
  }

  async #carryOut<T extends RenewRequest | SubscribeRequest>(
    { connectionId, options, turn, kept }: Round,
    wishes: readonly Wish<T>[],
    { recreated, send, after }: Way<T>,
  ): Promise<void> {
    const now = this.#now(connectionId);
    const { mayGoOn = () => true } = options;
    const outcomes = await inBatches(
      wishes.map(({ request }) => request),
      send,
      () => mayGoOn() && turn.extend(),
    );
    const asked = wishes.flatMap(wish => {
      const answer = outcomes.get(wish.channel.channelId);
      return answer === undefined ? [] : [{ ...wish, answer }];
    });
    await this.#noteGrants(asked);
    await this.#show(connectionId, asked, after);
    for (const each of await this.#withSeen(asked)) {
      const outcome = outcomeOf(each, now);
      kept.set(each.channel.channelId, { recreated, outcome });
      if (outcome.ok) this.#endLapse(each.channel);
    }
  }

  /** Keeps id and token, and that the channel had lapsed, before Zoho is asked. */
  async #prepare(channel: Channel, request: OwnRequest): Promise<Result<void, Problem>> {
    if (this.#options.ownership.get(channel.channelId)?.isPart === true) return fail(partlyKnownProblem());
    try {
      await this.own(channel.connectionId, request);
      this.#beginLapse(channel, channel.subscriptions);
      this.#options.deletions.withdraw(channel.connectionId, [channel.channelId]);
      return succeed(undefined);
    } catch (error) {
      return fail(toProblem(error));
    }
  }

  /** Remembers a channel of ours with its token. Rejects where that cannot be kept, or not within `patience` (milliseconds). */
  async own(
    connectionId: string,
    { channelId, token }: Pick<OwnRequest, "channelId" | "token">,
    patience?: number,
  ): Promise<void> {
    const { ownership } = this.#options;
    // What this window alone knows would be lost with it.
    if (ownership.kept(channelId)?.token === token) return;
    await ownership.add({ channelId, connectionId, token }, patience);
  }

  /** All with one writing: a thousand would take seconds. */
  async #noteGrants<T>(asked: readonly Asked<T>[]): Promise<void> {
    const renewals = asked.flatMap(({ channel, answer }) =>
      answer.ok ? [{ channel, granted: grantedModules(answer.value, channel.subscriptions) }] : [],
    );
    if (renewals.length > 0) await this.#options.ownership.noteRenewals(renewals);
  }

  /**
   * Shows what Zoho granted. What it did not say, or said of few channels only, is read back; not after a throttle, as
   * that would be one more request too many.
   */
  async #show<T extends RenewRequest | SubscribeRequest>(
    connectionId: string,
    asked: readonly Asked<T>[],
    after: Way<T>["after"],
  ): Promise<void> {
    const isSure = ({ channel, answer, request }: Asked<T>): boolean =>
      answer.ok &&
      answer.value.refused.length === 0 &&
      missingModules(answer.value, request.events, channel.subscriptions).length === 0;
    const sure = asked.flatMap(each => {
      const { channel, request, answer } = each;
      return answer.ok && isSure(each) ? [[channel.channelId, after(channel, answer.value, request)] as const] : [];
    });
    this.#options.listOf(connectionId)?.put(new Map(sure));
    if (asked.some(({ answer }) => !answer.ok && answer.error.kind === "throttled")) return;
    const unsure = asked.length <= few ? asked : asked.filter(each => !isSure(each));
    await this.#options.reader.read(
      connectionId,
      unsure.map(({ channel }) => channel.channelId),
    );
  }

  /**
   * The list that was read since tells what was done: an answer may be about a second try, after the first had its effect,
   * be it on some modules only.
   */
  async #withSeen<T extends RenewRequest | SubscribeRequest>(asked: readonly Asked<T>[]): Promise<readonly Asked<T>[]> {
    const all = asked.map(each => ({ ...each, answer: this.#answerOf(each) }));
    await this.#noteGrants(all.filter((_, index) => asked[index]?.answer.ok === false));
    return all;
  }

  #answerOf<T extends RenewRequest | SubscribeRequest>({ channel, request, answer }: Asked<T>): Asked<T>["answer"] {
    if (answer.ok) return answer;
    const listed = this.#known(channel.connectionId, channel.channelId);
    const wasDone = listed !== undefined && isProlonged(listed, request.expiresAt);
    return wasDone ? succeed({ granted: listed.subscriptions, refused: [] }) : answer;
  }

  #renewal(channel: Channel, expiresAt: number): RenewRequest {
    const { channelId, notifyUrl } = channel;
    const request = { channelId, events: eventsIn(channel), notifyUrl, token: this.#tokenOf(channel), expiresAt };
    // Zoho no longer has the condition of a module that ended.
    const hasLapsed = lapsedModules(channel, this.#now(channel.connectionId)).length > 0;
    const conditions = hasLapsed ? (detailsOf(channel.subscriptions)?.conditions ?? []) : [];
    return conditions.length === 0 ? request : { ...request, notificationCondition: conditions };
  }

  /** What makes a channel again as it was; undefined where nothing of it is known. */
  #recreation(channel: Channel, expiresAt: number): OwnRequest | undefined {
    const details = detailsOf(channel.subscriptions);
    if (details === undefined) return undefined;
    const token = this.#tokenOf(channel) ?? newChannelToken();
    return { ...toRequest(details), token, events: eventsIn(channel), expiresAt };
  }

  /** False, with the reason, where it cannot be written down: then nothing is asked for. */
  #noteLapse(channel: Channel, subscriptions: readonly Subscription[], kept: Map<string, Kept>): boolean {
    try {
      this.#beginLapse(channel, subscriptions);
      return true;
    } catch (error) {
      kept.set(channel.channelId, failed(toProblem(error)));
      return false;
    }
  }

  #beginLapse(channel: Channel, subscriptions: readonly Subscription[]): void {
    beginLapse(this.#options.lapses, channel, subscriptions, this.#now(channel.connectionId));
  }

  #endLapse({ connectionId, channelId }: Channel): void {
    this.#lost.delete(channelId);
    this.#options.lapses.end({ connectionId, channelId }, this.#now(connectionId));
  }

  /** A channel that Zoho no longer has, kept to be made again as it was: it is over now, whatever it was granted. */
  #setLost(connectionId: string, channel: Channel): Channel {
    const now = this.#now(connectionId);
    const ended = channel.subscriptions.map(each => ({ ...each, expiresAt: Math.min(each.expiresAt, now) }));
    const lost = makeChannel(connectionId, channel.channelId, ended, channel.createdHere);
    this.#lost.set(channel.channelId, lost);
    return lost;
  }

  /** True where a channel of ours was deleted, whatever is still shown of it. */
  #isDoneWith(channelId: string): boolean {
    return this.#options.ownership.get(channelId)?.over === true;
  }

  #isOver(channel: Channel): boolean {
    return isOver(channel, this.#now(channel.connectionId));
  }

  #isListed({ connectionId, channelId }: Channel): boolean {
    return this.#known(connectionId, channelId) !== undefined;
  }

  /**
   * A channel as it was last seen. What is kept of ours is as any window of this machine read it, and whole or known
   * to be a part; the list that this window shows may be days old, and a part.
   */
  #remembered(connectionId: string, channelId: string): Remembered | undefined {
    const shown = this.#known(connectionId, channelId);
    const channel = shown ?? this.#lost.get(channelId);
    if (channel === undefined) return undefined;
    const { lastKnown = [] } = this.#options.ownership.get(channelId) ?? {};
    if (lastKnown.length > 0)
      return { channel: makeChannel(connectionId, channelId, lastKnown, channel.createdHere), isWhole: true };
    return { channel, isWhole: shown === undefined || this.#options.listOf(connectionId)?.isWhole(channelId) === true };
  }

  #known(connectionId: string, channelId: string): Channel | undefined {
    return this.#options.listOf(connectionId)?.channels.find(channel => channel.channelId === channelId);
  }

  #tokenOf({ channelId, token }: Channel): string | undefined {
    const owned = this.#options.ownership.get(channelId)?.token;
    return token ?? (owned === "" ? undefined : owned);
  }

  #now(connectionId: string): number {
    return this.#client(connectionId).time.now();
  }

  #client(connectionId: string): ZohoApi {
    return this.#options.clients.for(connectionId);
  }
}

/** A channel of ours always has a token. */
export type OwnRequest = SubscribeRequest & { readonly token: string };

function lifeOf({ expiresInMs = longestExpiry }: BatchOptions): number {
  return Math.min(expiresInMs, longestExpiry);
}

function lapsedModules({ subscriptions }: Channel, now: number): readonly Subscription[] {
  return subscriptions.filter(({ expiresAt }) => expiresAt <= now);
}

/** The channel as Zoho says that it is now. */
function renewed(channel: Channel, outcome: SubscribeOutcome): Channel {
  const { connectionId, channelId, subscriptions, createdHere } = channel;
  const granted = grantedModules(outcome, subscriptions);
  const now = subscriptions.map(each => ({
    ...each,
    expiresAt: granted.get(each.module)?.expiresAt ?? each.expiresAt,
  }));
  return makeChannel(connectionId, channelId, now, createdHere);
}

function made(
  { connectionId, channelId, createdHere }: Channel,
  outcome: SubscribeOutcome,
  request: SubscribeRequest,
): Channel {
  return makeChannel(connectionId, channelId, toSubscriptions(outcome.granted, request), createdHere);
}

function outcomeOf<T extends RenewRequest | SubscribeRequest>(
  { channel, request, answer }: Asked<T>,
  now: number,
): Result<RenewOutcome, ZohoProblem> {
  return answer.ok ? renewalOf(answer.value, request, channel, now) : answer;
}

/** A channel that was renewed in part is not renewed: what Zoho left out is going to end. */
function renewalOf(
  outcome: SubscribeOutcome,
  asked: { readonly events: readonly string[]; readonly expiresAt: number },
  { subscriptions }: Channel,
  now: number,
): Result<RenewOutcome, ZohoProblem> {
  const missing = missingModules(outcome, asked.events, subscriptions);
  if (missing.length > 0) return fail(partlyRenewed(missing, outcome));
  return succeed({
    expiresAt: earliestExpiry(outcome.granted),
    warnings: warningsOf(outcome, asked, now, subscriptions),
  });
}

/** Zoho drops fractions of a second. */
function isProlonged({ expiresAt }: Channel, asked: number): boolean {
  return Math.abs(expiresAt - asked) <= minute;
}

function eventsIn(channel: Channel): string[] {
  return channel.subscriptions.flatMap(subscription => subscription.events);
}

function failed(problem: Problem): Kept {
  return { recreated: false, outcome: fail(problem) };
}

function done(expiresAt: number): Kept {
  return { recreated: false, outcome: succeed({ expiresAt, warnings: [] }) };
}

/** Why what was read could not be written, where what was not read yet would meet the same. */
function problemOfAll(kept: ReadonlyMap<string, Kept>, found: ReadonlyMap<string, FoundChannel>): Problem | undefined {
  for (const [id, { ok }] of found) {
    const outcome = kept.get(id)?.outcome;
    if (ok && outcome?.ok === false && concernsAll(outcome.error)) return outcome.error;
  }
  return undefined;
}

function isNotSubscribed(kept: Kept | undefined): boolean {
  return kept?.outcome.ok === false && problemKind(kept.outcome.error) === "not-subscribed";
}
