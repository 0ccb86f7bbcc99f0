import type { Problem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import { type ZohoProblem, cancelledProblem, problemKind } from "../../zoho/problem.ts";
import type { SubscribeOutcome, SubscribeOutcomes } from "../../zoho/watchAnswer.ts";
import { mostItems } from "../../zoho/zohoClient.ts";

export interface BatchOptions {
  /** Milliseconds from now; what is left out is the longest that Zoho grants. */
  readonly expiresInMs?: number;
  /** Asked before each request; what is not sent because of it comes back as cancelled. */
  readonly mayGoOn?: () => boolean;
}

/** One outcome for each channel that was asked about. */
export type BatchOutcomes<T> = ReadonlyMap<string, Result<T, ZohoProblem>>;

/**
 * Sends requests about many channels, as many at a time as Zoho takes, one after the other. Where one fails as a whole
 * for a reason that the next would meet too, the rest is not sent and has the same reason.
 */
export async function inBatches<T extends { readonly channelId: string }>(
  requests: readonly T[],
  send: (some: readonly T[]) => Promise<Result<SubscribeOutcomes, ZohoProblem>>,
  mayGoOn: () => boolean = () => true,
): Promise<BatchOutcomes<SubscribeOutcome>> {
  const outcomes = new Map<string, Result<SubscribeOutcome, ZohoProblem>>();
  let stop: ZohoProblem | undefined;
  for (let start = 0; start < requests.length; start += mostItems) {
    const some = requests.slice(start, start + mostItems);
    if (stop === undefined && !mayGoOn()) stop = cancelledProblem();
    const answer = stop === undefined ? await send(some) : fail(stop);
    if (!answer.ok && concernsAll(answer.error)) stop ??= answer.error;
    for (const { channelId } of some) outcomes.set(channelId, outcomeIn(answer, channelId));
  }
  return outcomes;
}

function outcomeIn(
  answer: Result<SubscribeOutcomes, ZohoProblem>,
  channelId: string,
): Result<SubscribeOutcome, ZohoProblem> {
  return answer.ok ? (answer.value.get(channelId) ?? fail(cancelledProblem())) : answer;
}

/** True where other channels of the same connection would fare no better. */
export function concernsAll(problem: Problem): boolean {
  return !["invalid", "not-subscribed", "unreadable", "cancelled", "other"].includes(problemKind(problem));
}
