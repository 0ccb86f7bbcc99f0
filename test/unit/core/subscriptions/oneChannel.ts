import { type Result, fail } from "../../../../src/base/result.ts";
import type { Problem } from "../../../../src/base/problem.ts";
import type { RenewOutcome, SubscriptionService } from "../../../../src/core/subscriptions/subscriptionService.ts";

type Outcome = Result<RenewOutcome, Problem>;

/** Renews one channel by hand, by default for as long as can be. */
export async function renew(
  service: SubscriptionService,
  id: string,
  channelId: string,
  ms?: number,
): Promise<Outcome> {
  return only(await service.renewMany(id, [channelId], ms === undefined ? {} : { expiresInMs: ms }), channelId);
}

/** Makes one channel again by hand. */
export async function recreate(service: SubscriptionService, id: string, channelId: string): Promise<Outcome> {
  return only(await service.recreateMany(id, [channelId]), channelId);
}

function only(outcomes: ReadonlyMap<string, Outcome>, channelId: string): Outcome {
  return outcomes.get(channelId) ?? fail({ code: "NO_OUTCOME", message: "", remedy: "none" });
}
