import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type ZohoProblem, leavesOutcomeOpen } from "../../zoho/problem.ts";
import { type UnsubscribeOutcome, unansweredProblem } from "../../zoho/watchAnswer.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { JointTurns } from "../windows/jointTurns.ts";
import { isOver } from "./channel.ts";
import type { ChannelList } from "./channelList.ts";
import { busyChannelProblem, partlyDeletedCode, partlyDeletedProblem } from "./channelProblems.ts";
import type { ChannelReader, FoundChannel } from "./channelReader.ts";
import { patienceOfPeople, takeChannels } from "./channelTurns.ts";
import type { DeletionNotes } from "./deletionNotes.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { SteadyLapses } from "./steadyLapses.ts";

export interface ChannelDeletionOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly reader: ChannelReader;
  readonly listOf: (connectionId: string) => ChannelList | undefined;
  readonly ownership: ChannelOwnership;
  readonly deletions: DeletionNotes;
  readonly turns: JointTurns;
  readonly lapses: SteadyLapses;
}

type Deletions = ReadonlyMap<string, Result<void, Problem>>;

/**
 * Deletes channels, as reading back shows it: one that is already gone counts as deleted, one that is still there in part
 * does not, whatever Zoho answered. Such a part is asked away once more.
 */
export class ChannelDeletion {
  readonly #options: ChannelDeletionOptions;

  constructor(options: ChannelDeletionOptions) {
    this.#options = options;
  }

  async delete(connectionId: string, channelIds: readonly string[]): Promise<Deletions> {
    const turn = await takeChannels(this.#options.turns, connectionId, channelIds, patienceOfPeople);
    try {
      // Waiting for the others may have taken long, as where the machine slept.
      if (!turn.extend()) return new Map(channelIds.map(id => [id, fail(busyChannelProblem())]));
      const first = await this.#delete(connectionId, turn.held);
      const left = [...first].flatMap(([id, outcome]) => (isWorthAnother(outcome) ? [id] : []));
      const second = left.length === 0 || !turn.extend() ? [] : await this.#delete(connectionId, left);
      return new Map([...first, ...second, ...turn.busy.map(id => [id, fail(busyChannelProblem())] as const)]);
    } finally {
      turn.dispose();
    }
  }

  async #delete(connectionId: string, channelIds: readonly string[]): Promise<Deletions> {
    if (channelIds.length === 0) return new Map();
    const { clients, ownership, deletions, lapses, reader, listOf } = this.#options;
    deletions.begin(connectionId, channelIds);
    const answer = await clients.for(connectionId).unsubscribe(channelIds);
    const outcomes: UnsubscribeOutcome = answer.ok ? answer.value : new Map(channelIds.map(id => [id, answer]));
    const settled = channelIds.filter(id => isSettled(outcomes.get(id)));
    // Before reading: what is forgotten here and still listed there is remembered again.
    await ownership.forgetDetails(settled);
    for (const channelId of settled) lapses.forget({ connectionId, channelId });
    // Not after a throttle: reading would be one more request too many.
    const isThrottled = !answer.ok && answer.error.kind === "throttled";
    const found = isThrottled ? new Map<string, FoundChannel>() : await reader.read(connectionId, channelIds);
    // What is gone and could not be read back must not be taken for there by what is shown.
    const hidden = settled.filter(id => found.get(id)?.ok !== true);
    listOf(connectionId)?.put(new Map(hidden.map(id => [id, undefined])));
    const there = channelIds.filter(id => isStillThere(outcomes.get(id), found.get(id)));
    deletions.withdraw(connectionId, there);
    deletions.clear(connectionId);
    return new Map(channelIds.map(id => [id, this.#outcomeOf(connectionId, outcomes.get(id), found.get(id))]));
  }

  #outcomeOf(
    connectionId: string,
    answered: Result<void, ZohoProblem> = fail(unansweredProblem()),
    found: FoundChannel | undefined,
  ): Result<void, Problem> {
    if (found?.ok !== true) return isGone(answered) ? succeed(undefined) : answered;
    const { value: channel } = found;
    const now = this.#options.clients.for(connectionId).time.now();
    if (channel === undefined || (answered.ok && isOver(channel, now))) return succeed(undefined);
    return answered.ok ? fail(partlyDeletedProblem(channel)) : answered;
  }
}

/** True where it was read to be there, or where Zoho said that it deletes nothing. */
function isStillThere(answered: Result<void, ZohoProblem> | undefined, found: FoundChannel | undefined): boolean {
  if (found?.ok === true) return found.value !== undefined;
  return answered?.ok === false && !isSettled(answered) && !leavesOutcomeOpen(answered.error);
}

/** True where another DELETE may take away what the first left, and Zoho did not say no. */
function isWorthAnother(outcome: Result<void, Problem>): boolean {
  if (outcome.ok) return false;
  const { error } = outcome;
  return error.code === partlyDeletedCode || ("kind" in error && error.kind === "unreadable");
}

function isGone(answered: Result<void, ZohoProblem>): boolean {
  return !answered.ok && answered.error.kind === "not-subscribed";
}

/** True where the channel is certainly no longer, or never was, what the person wanted rid of. */
function isSettled(outcome: Result<void, ZohoProblem> | undefined): boolean {
  return outcome?.ok === true || outcome?.error.kind === "not-subscribed" || outcome?.error.kind === "invalid";
}
