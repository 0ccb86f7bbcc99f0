import { type Result, fail, succeed } from "../base/result.ts";
import type { ZohoProblem } from "./problem.ts";
import type { Grant, ToldOutcome, ToldOutcomes } from "./subscribeAnswer.ts";
import type { GrantedSubscription, Subscription } from "./subscription.ts";
import { type SubscribeOutcome, type SubscribeOutcomes, unansweredProblem } from "./watchAnswer.ts";

/** True where an answer does not say until when a module was granted. */
export function lacksExpiry(told: ToldOutcomes): boolean {
  return [...told.values()].some(
    each => each.ok && each.value.granted.some(({ expiresAt }) => expiresAt === undefined),
  );
}

/** What was granted, with the expiry of the list where the answer gave none: what is in neither is not known. */
export function toOutcomes(told: ToldOutcomes, listed: readonly Subscription[]): SubscribeOutcomes {
  const outcomes = [...told].map(([id, each]) => [id, each.ok ? outcomeOf(each.value, listed) : each] as const);
  return new Map(outcomes);
}

function outcomeOf(
  { granted, refused }: ToldOutcome,
  listed: readonly Subscription[],
): Result<SubscribeOutcome, ZohoProblem> {
  const known = granted.flatMap(grant => withExpiry(grant, listed) ?? []);
  const problems = known.length < granted.length ? [...refused, unansweredProblem()] : refused;
  return known.length > 0 ? succeed({ granted: known, refused: problems }) : fail(problems[0] ?? unansweredProblem());
}

function withExpiry(grant: Grant, listed: readonly Subscription[]): GrantedSubscription | undefined {
  const { channelId, module } = grant;
  const found = listed.find(each => each.channelId === channelId && each.module === module);
  const expiresAt = grant.expiresAt ?? found?.expiresAt;
  return expiresAt === undefined ? undefined : { ...grant, expiresAt };
}
