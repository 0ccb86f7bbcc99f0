import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { JointTurns } from "../windows/jointTurns.ts";
import {
  busyChannelProblem,
  changedMeanwhileProblem,
  channelGoneProblem,
  nothingLeftProblem,
} from "./channelProblems.ts";
import type { ChannelReader } from "./channelReader.ts";
import { type ChannelTurn, freshness, patienceOfPeople, takeChannels } from "./channelTurns.ts";
import type { SubscribeOutcome } from "../../zoho/watchAnswer.ts";
import type { Subscription } from "../../zoho/subscription.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { ChangePlan } from "./changePlan.ts";
import { planChange } from "./changePlan.ts";
import { type ChannelDetails, detailsOf, toRequest } from "./channelDetails.ts";
import { differenceWords, differencesBetween } from "./differences.ts";
import { missingModules, moduleOf, toSubscriptions, warningsOf } from "./grants.ts";
import { beginLapse } from "./lapse.ts";
import type { DeletionNotes } from "./deletionNotes.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { SteadyLapses } from "./steadyLapses.ts";
import type { TokenBook } from "../events/tokenBook.ts";

export interface ChannelEditorOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly reader: ChannelReader;
  readonly ownership: ChannelOwnership;
  readonly deletions: Pick<DeletionNotes, "withdraw">;
  readonly tokenBook: TokenBook;
  readonly turns: JointTurns;
  readonly lapses: SteadyLapses;
  readonly clock: Pick<Clock, "now">;
}

/** What became of a change. */
export interface ChangeOutcome {
  /** As the server had it just before. */
  readonly before: ChannelDetails;
  /** As the server has it now; as it must be, where the server could not be asked. */
  readonly after: ChannelDetails;
  /** In sentences, what is not as it was asked for. */
  readonly warnings: readonly Problem[];
}

/**
 * What a channel is to be, made of how it is found in its turn; undefined leaves it as it is. Nobody else in any window
 * writes the channel before that is decided and done. It is asked again where that took so long that other programs may
 * have written meanwhile.
 */
export type Towards = (now: ChannelDetails) => ChannelDetails | undefined | Promise<ChannelDetails | undefined>;

type Written = Result<SubscribeOutcome | undefined, ZohoProblem>;

/** The turn of who writes, and what is called before that. */
interface WritingTurn extends ChannelTurn {
  readonly onSend: () => void;
}

/** A channel that is to become another, as it was found when Zoho was asked at `readAt` (milliseconds since 1970). */
interface Wanted {
  readonly readAt: number;
  readonly before: ChannelDetails;
  readonly wanted: ChannelDetails;
  readonly revived: readonly Subscription[];
}

/** A machine that sleeps, or a keyring that asks, at every try is not waited for. */
const mostTries = 3;

/**
 * Changes channels as they are at the last moment: reads, computes what they should be, writes, and reads back, as the
 * only one in any window.
 */
export class ChannelEditor {
  readonly #options: ChannelEditorOptions;

  constructor(options: ChannelEditorOptions) {
    this.#options = options;
  }

  /** The channel as the server has it now; undefined where it has none, or one that is over. */
  async read(connectionId: string, channelId: string): Promise<Result<ChannelDetails | undefined, Problem>> {
    const alive = await this.#readAlive(connectionId, channelId);
    return alive.ok ? succeed(detailsOf(alive.value)) : alive;
  }

  /**
   * Makes a channel what `towards` makes of it, and calls `onSend` before Zoho is asked for that. Fails with NOT_SUBSCRIBED
   * where it is gone.
   */
  async change(
    connectionId: string,
    channelId: string,
    towards: Towards,
    onSend: () => void,
  ): Promise<Result<ChangeOutcome, Problem>> {
    return this.#inTurn(connectionId, channelId, async turn =>
      this.#change(connectionId, channelId, towards, { ...turn, onSend }),
    );
  }

  /**
   * Subscribes a channel that is gone with everything that `details` say, and makes nobody's channel ours; calls `onSend`
   * before that. One that is there after all is not written over. Fails with NOT_SUBSCRIBED where `isWanted` says, once it
   * is found gone in its turn, that it is to stay so.
   */
  async restore(
    connectionId: string,
    details: ChannelDetails,
    onSend: () => void,
    isWanted = () => true,
  ): Promise<Result<ChangeOutcome, Problem>> {
    return this.#inTurn(connectionId, details.channelId, async turn =>
      this.#restore(connectionId, details, { ...turn, onSend }, isWanted),
    );
  }

  async #inTurn<T>(
    connectionId: string,
    channelId: string,
    work: (turn: ChannelTurn) => Promise<Result<T, Problem>>,
  ): Promise<Result<T, Problem>> {
    const turn = await takeChannels(this.#options.turns, connectionId, [channelId], patienceOfPeople);
    try {
      return turn.busy.length > 0 ? fail(busyChannelProblem()) : await work(turn);
    } finally {
      turn.dispose();
    }
  }

  async #change(
    connectionId: string,
    channelId: string,
    towards: Towards,
    turn: WritingTurn,
  ): Promise<Result<ChangeOutcome, Problem>> {
    for (let tries = 0; tries < mostTries; tries++) {
      const decided = await this.#decide(connectionId, channelId, towards, turn);
      if (!decided.ok) return decided;
      if (!("wanted" in decided.value)) return succeed(decided.value);
      const { readAt, before, wanted } = decided.value;
      await this.#expectToken(before, wanted);
      // Both may have taken long: the secret storage asked somebody, or the machine slept.
      if (!turn.extend()) return fail(busyChannelProblem());
      if (this.#isFresh(readAt)) return this.#write(connectionId, decided.value, turn);
    }
    return fail(busyChannelProblem());
  }

  /** What the channel is to be; what became of it, where there is nothing to do. */
  async #decide(
    connectionId: string,
    channelId: string,
    towards: Towards,
    turn: ChannelTurn,
  ): Promise<Result<Wanted | ChangeOutcome, Problem>> {
    const readAt = this.#options.clock.now();
    const alive = await this.#readAlive(connectionId, channelId);
    if (!alive.ok) return alive;
    const before = detailsOf(alive.value);
    const lapsed = this.#lapsedBeside(channelId, alive.value);
    const meant = detailsOf([...alive.value, ...lapsed]);
    if (before === undefined || meant === undefined) return fail(channelGoneProblem());
    // Reading may have taken long, as where the machine slept: another window may have changed what was read.
    if (!turn.extend()) return fail(busyChannelProblem());
    const wanted = await towards(meant);
    if (wanted === undefined) return succeed({ before, after: before, warnings: [] });
    if (wanted.events.length === 0) return fail(nothingLeftProblem());
    return succeed({ readAt, before, wanted, revived: lapsed.filter(each => isWatched(each, wanted)) });
  }

  async #write(
    connectionId: string,
    { before, wanted, revived }: Wanted,
    { onSend }: WritingTurn,
  ): Promise<Result<ChangeOutcome, Problem>> {
    const plan = planChange(before, wanted);
    if (plan.kind === "nothing") {
      await this.#remember(before, wanted);
      return succeed({ before, after: before, warnings: [] });
    }
    return this.#reviving(connectionId, wanted.channelId, revived, async () => {
      onSend();
      const changed = await this.#settle(connectionId, before, wanted, await this.#send(connectionId, plan));
      if (changed.ok) await this.#remember(before, wanted);
      return changed;
    });
  }

  async #restore(
    connectionId: string,
    details: ChannelDetails,
    turn: WritingTurn,
    isWanted: () => boolean,
  ): Promise<Result<ChangeOutcome, Problem>> {
    for (let tries = 0; tries < mostTries; tries++) {
      const readAt = this.#options.clock.now();
      const alive = await this.#readAlive(connectionId, details.channelId);
      if (!alive.ok) return alive;
      const found = detailsOf(alive.value);
      if (found !== undefined) return restoredAlready(found, details);
      if (!isWanted()) return fail(channelGoneProblem());
      if (!turn.extend()) return fail(busyChannelProblem());
      if (!this.#isFresh(readAt)) continue;
      turn.onSend();
      return this.#subscribe(connectionId, details);
    }
    return fail(busyChannelProblem());
  }

  async #subscribe(connectionId: string, details: ChannelDetails): Promise<Result<ChangeOutcome, Problem>> {
    const { channelId, token } = details;
    const { clients, deletions, ownership, tokenBook } = this.#options;
    if (token !== undefined) tokenBook.learn(channelId, token);
    deletions.withdraw(connectionId, [channelId]);
    const ended = ownership.get(channelId)?.lastKnown ?? [];
    return this.#reviving(connectionId, channelId, ended, async () =>
      this.#settle(connectionId, details, details, await clients.for(connectionId).subscribe(toRequest(details))),
    );
  }

  /** A clock that was set back says nothing about how long ago it was. */
  #isFresh(readAt: number): boolean {
    return Math.abs(this.#options.clock.now() - readAt) <= freshness;
  }

  /** Notes since when what had ended missed changes, before it is asked for again; it is over once all that is there. */
  async #reviving(
    connectionId: string,
    channelId: string,
    ended: readonly Subscription[],
    write: () => Promise<Result<ChangeOutcome, Problem>>,
  ): Promise<Result<ChangeOutcome, Problem>> {
    const { clients, lapses } = this.#options;
    const { time } = clients.for(connectionId);
    try {
      beginLapse(lapses, { connectionId, channelId }, ended, time.now());
    } catch (error) {
      return fail(toProblem(error));
    }
    const outcome = await write();
    const isThere = outcome.ok && ended.length > 0 && ended.every(each => isWatched(each, outcome.value.after));
    if (isThere) lapses.end({ connectionId, channelId }, time.now());
    return outcome;
  }

  /** What the server lists of a channel; none where it is over. */
  async #readAlive(connectionId: string, channelId: string): Promise<Result<readonly Subscription[], Problem>> {
    const found = await this.#options.reader.readOne(connectionId, channelId);
    if (!found.ok) return found;
    const { time } = this.#options.clients.for(connectionId);
    return succeed((found.value?.subscriptions ?? []).filter(({ expiresAt }) => !time.hasPassed(expiresAt)));
  }

  /** The modules that ended because Zoho did not renew them: the person still sees them as part of a channel that lives. */
  #lapsedBeside(channelId: string, alive: readonly Subscription[]): readonly Subscription[] {
    if (alive.length === 0) return [];
    const refused = this.#options.ownership.get(channelId)?.refused ?? [];
    return refused.filter(({ module }) => !alive.some(each => each.module === module));
  }

  async #send(connectionId: string, plan: Exclude<ChangePlan, { kind: "nothing" }>): Promise<Written> {
    const client = this.#options.clients.for(connectionId);
    switch (plan.kind) {
      case "put":
        return client.updateSubscription(plan.request);
      case "patch":
        return client.renewSubscription(plan.request);
      case "remove-events": {
        const removed = await client.removeEvents(plan.request);
        return removed.ok ? succeed(undefined) : removed;
      }
      default:
        return assertNever(plan);
    }
  }

  /** Before Zoho knows it: the first delivery with the new token may be here before the answer. */
  async #expectToken(before: ChannelDetails, { channelId, token }: ChannelDetails): Promise<void> {
    if (token === undefined || token === before.token) return;
    this.#options.tokenBook.learn(channelId, token);
    await this.#options.ownership.expectToken(channelId, token);
  }

  /** Once Zoho has it: what an edit was to do and did not must not be taken for done. */
  async #remember(before: ChannelDetails, wanted: ChannelDetails): Promise<void> {
    const { ownership } = this.#options;
    const { channelId, token } = wanted;
    await ownership.keepRefused(channelId, refused => isWatched(refused, wanted));
    if (token !== undefined && token !== before.token) await ownership.replaceToken(channelId, token);
  }

  async #settle(
    connectionId: string,
    before: ChannelDetails,
    wanted: ChannelDetails,
    written: Written,
  ): Promise<Result<ChangeOutcome, Problem>> {
    const read = await this.#readBack(connectionId, wanted.channelId, written);
    const listed = read.ok ? detailsOf(read.value) : undefined;
    if (!written.ok) {
      // Something was to change: where nothing is left to, it was done, whatever the answer to a second try was.
      const happened = listed !== undefined && isAs(listed, wanted);
      return happened ? succeed({ before, after: listed, warnings: [] }) : written;
    }
    const granted = written.value;
    if (!read.ok) await this.#options.ownership.noteWritten(toRequest(wanted), granted?.granted);
    const now = this.#options.clients.for(connectionId).time.now();
    if (granted !== undefined) await this.#noteLost(before, wanted, granted, read.ok ? read.value : [], now);
    const refusals = granted === undefined ? [] : warningsOf(granted, wanted, now);
    return succeed({
      before,
      after: listed ?? wanted,
      warnings: [...refusals, ...surprises(wanted, listed, refusals)],
    });
  }

  /** Modules that were there and that Zoho did not grant with the change ended by it: they are asked for again. */
  async #noteLost(
    before: ChannelDetails,
    wanted: ChannelDetails,
    granted: SubscribeOutcome,
    listed: readonly Subscription[],
    now: number,
  ): Promise<void> {
    const there = new Set(before.events.map(moduleOf));
    const still = new Set(listed.flatMap(({ events }) => events).map(moduleOf));
    const { channelId, events } = wanted;
    const lost = missingModules(granted, events, listed).filter(module => there.has(module) && !still.has(module));
    if (lost.length === 0) return;
    const ended = lost.map(module => ({ channelId, module, expiresAt: now }));
    const subscriptions = toSubscriptions(ended, toRequest(wanted));
    await this.#options.ownership.noteRenewals([{ channel: { channelId, subscriptions }, granted: new Map() }]);
  }

  /** Not after a throttle: reading would be one more request too many. */
  async #readBack(
    connectionId: string,
    channelId: string,
    written: Written,
  ): Promise<Result<readonly Subscription[], Problem>> {
    if (!written.ok && written.error.kind === "throttled") return written;
    return this.#readAlive(connectionId, channelId);
  }
}

/** Somebody else has brought it back, as it should be or otherwise. */
function restoredAlready(found: ChannelDetails, wanted: ChannelDetails): Result<ChangeOutcome, Problem> {
  const differs = differencesBetween(wanted, found).some(({ kind }) => kind !== "expiry");
  return differs ? fail(changedMeanwhileProblem()) : succeed({ before: found, after: found, warnings: [] });
}

/** True where any of a module's events are asked for: it may be listed by another name than they have. */
function isWatched({ events }: Subscription, details: ChannelDetails): boolean {
  const modules = new Set(details.events.map(moduleOf));
  return events.some(event => modules.has(moduleOf(event)));
}

function isAs(listed: ChannelDetails, wanted: ChannelDetails): boolean {
  return differencesBetween(wanted, listed).length === 0;
}

/** What reading back showed to be otherwise, unless the answer has said so already. */
function surprises(
  wanted: ChannelDetails,
  listed: ChannelDetails | undefined,
  refusals: readonly Problem[],
): readonly Problem[] {
  if (listed === undefined || refusals.length > 0) return [];
  return differencesBetween(wanted, listed).map(difference => ({
    code: "NOT_AS_ASKED",
    message: l10n.t("Zoho took the change, but shows another value. {0}.", differenceWords(difference)),
    remedy: "none",
  }));
}
