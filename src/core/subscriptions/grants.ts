import * as l10n from "@vscode/l10n";
import { day, hour, minute } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import {
  type GrantedSubscription,
  type SubscribeRequest,
  type Subscription,
  moduleOf,
} from "../../zoho/subscription.ts";
import type { SubscribeOutcome } from "../../zoho/watchAnswer.ts";
import { remainingWords } from "./channel.ts";

export { moduleOf } from "../../zoho/subscription.ts";

/** The longest life that is asked for: an hour under Zoho's week, as beyond its maximum Zoho grants an hour only. */
export const longestExpiry = 7 * day - hour;

/** How much less than asked for is no news: clocks differ, and Zoho drops fractions of a second. */
const tolerance = 5 * minute;

/** The channel's true end: the earliest that was granted. */
export function earliestExpiry(granted: readonly GrantedSubscription[]): number {
  return Math.min(...granted.map(({ expiresAt }) => expiresAt));
}

/** Subscriptions as they must be at the server now, for when it cannot be asked. */
export function toSubscriptions(
  granted: readonly GrantedSubscription[],
  request: SubscribeRequest,
): readonly Subscription[] {
  return granted.map(grant => ({
    ...grant,
    events: request.events.filter(event => moduleOf(event) === grant.module),
    notifyUrl: request.notifyUrl,
    notifyOnRelatedAction: request.notifyOnRelatedAction,
    returnAffectedFieldValues: request.returnAffectedFieldValues,
    ...(request.token === undefined ? {} : { token: request.token }),
    ...(request.notificationCondition === undefined ? {} : { notificationCondition: request.notificationCondition }),
  }));
}

/** In sentences, what of an answer is not as it was asked for. */
export function warningsOf(
  { granted, refused }: SubscribeOutcome,
  asked: { readonly events: readonly string[]; readonly expiresAt: number },
  now: number,
): readonly Problem[] {
  const answered = new Set(granted.map(({ module }) => module));
  const missing = [...new Set(asked.events.map(moduleOf))].filter(module => !answered.has(module));
  const warnings: Problem[] = [];
  if (missing.length > 0) warnings.push(notGranted(missing, refused[0]));
  else warnings.push(...refused);
  const expiresAt = earliestExpiry(granted);
  if (expiresAt < asked.expiresAt - tolerance) warnings.push(shortened(expiresAt - now));
  return warnings;
}

function notGranted(modules: readonly string[], reason: Problem | undefined): Problem {
  const names = modules.join(", ");
  return reason === undefined
    ? {
        code: "NOT_GRANTED",
        message: l10n.t("Zoho did not subscribe {0}, and does not say why.", names),
        remedy: "none",
      }
    : { ...reason, message: l10n.t("Zoho did not subscribe {0}. {1}", names, reason.message) };
}

function shortened(remaining: number): Problem {
  return {
    code: "EXPIRY_SHORTENED",
    message: l10n.t("Zoho granted less time than was asked for: {0}.", remainingWords(remaining)),
    remedy: "none",
  };
}
