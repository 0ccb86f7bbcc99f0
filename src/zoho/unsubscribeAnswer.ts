import * as l10n from "@vscode/l10n";
import type { Clock } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { type UnsubscribeOutcome, unansweredProblem } from "./watchAnswer.ts";
import { type WatchResult, readResults } from "./watchResults.ts";

/**
 * Reads the answer to `DELETE ?channel_ids=`: one result for each (channel, module). A channel that is gone already is
 * answered by a result that names nobody, so what such results are about is told only where there is but one way to
 * read them; else it is not known what became of the channel.
 */
export function readUnsubscribeAnswer(
  answer: HttpAnswer,
  channelIds: readonly string[],
  clock: Clock,
): Result<UnsubscribeOutcome, ZohoProblem> {
  const results = readResults(answer, clock);
  if (results.ok) return succeed(outcomesOf(channelIds, results.value));
  const { code, kind } = results.error;
  if (code === "UNANSWERED") return succeed(everyOne(channelIds, results.error));
  if (kind !== "not-subscribed") return results;
  return succeed(everyOne(channelIds, channelIds.length === 1 ? results.error : unansweredProblem()));
}

function everyOne(channelIds: readonly string[], problem: ZohoProblem): UnsubscribeOutcome {
  return new Map(channelIds.map(channelId => [channelId, fail(problem)]));
}

function outcomesOf(channelIds: readonly string[], results: readonly WatchResult[]): UnsubscribeOutcome {
  const nameless = results.filter(result => result.channelIds.length === 0);
  const named = new Map(channelIds.map(id => [id, results.filter(result => result.channelIds.includes(id))]));
  const unnamed = removalOfUnnamed([...named.values()].filter(mine => mine.length === 0).length, nameless);
  const outcome = (mine: readonly WatchResult[]): Result<void, ZohoProblem> => {
    if (channelIds.length === 1) return removalOf([...mine, ...nameless]);
    return mine.length === 0 ? unnamed : amongNameless(removalOf(mine), nameless);
  };
  return new Map([...named].map(([channelId, mine]) => [channelId, outcome(mine)]));
}

/** What became of each of the channels that no result names: the same of all, or nobody knows. */
function removalOfUnnamed(count: number, nameless: readonly WatchResult[]): Result<void, ZohoProblem> {
  const [gone] = nameless;
  if (gone?.problem === undefined || nameless.length !== count || !nameless.every(isNotSubscribed)) {
    return fail(unansweredProblem());
  }
  return fail(gone.problem);
}

/** A result that names nobody may be about another module of a channel that others name, unless it says that it is gone. */
function amongNameless(
  removal: Result<void, ZohoProblem>,
  nameless: readonly WatchResult[],
): Result<void, ZohoProblem> {
  return nameless.every(isNotSubscribed) || !removal.ok ? removal : fail(unansweredProblem());
}

function isNotSubscribed({ problem }: WatchResult): boolean {
  return problem?.kind === "not-subscribed";
}

/** What became of a channel by all results about it. A module that was gone before makes no difference. */
function removalOf(results: readonly WatchResult[]): Result<void, ZohoProblem> {
  const isPartDone = results.some(({ problem }) => problem === undefined);
  const refused = results.find(result => result.problem !== undefined && !isNotSubscribed(result))?.problem;
  if (refused !== undefined) return fail(isPartDone ? partlyDeleted(refused) : refused);
  if (isPartDone) return succeed(undefined);
  return fail(results[0]?.problem ?? unansweredProblem());
}

function partlyDeleted(problem: ZohoProblem): ZohoProblem {
  return {
    ...problem,
    code: "PARTLY_DELETED",
    message: l10n.t(
      "Zoho deleted this subscription for some of its modules, and not for the others. {0}",
      problem.message,
    ),
    remedy: "refresh",
  };
}

/** Zoho's limits of the parameter `channel_ids`: ids, and characters with the commas. */
const mostIds = 50;
const mostCharacters = 512;

/** The ids, each once, in parts of which each fits into one request. */
export function partsOf(channelIds: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  for (const id of new Set(channelIds)) {
    const part = parts.at(-1);
    if (part !== undefined && part.length < mostIds && [...part, id].join(",").length <= mostCharacters) part.push(id);
    else parts.push([id]);
  }
  return parts;
}
