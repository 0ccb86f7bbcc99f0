import * as l10n from "@vscode/l10n";
import { day, hour, minute } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import {
  type GrantedSubscription,
  type SubscribeRequest,
  type Subscription,
  moduleOf,
} from "../../zoho/subscription.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
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

/** The modules that were asked for and not granted. */
export function missingModules({ granted }: SubscribeOutcome, events: readonly string[]): readonly string[] {
  const answered = new Set(granted.map(({ module }) => module));
  return [...new Set(events.map(moduleOf))].filter(module => !answered.has(module));
}

/** Why a renewal that granted some modules and not these is none; whether to try again is for the reason to say. */
export function partlyRenewed(missing: readonly string[], { refused: [reason] }: SubscribeOutcome): ZohoProblem {
  const names = missing.join(", ");
  const code = "PARTLY_RENEWED";
  if (reason === undefined || !isAboutModules(reason)) {
    const message = l10n.t("Zoho renewed this subscription, but not {0}, and doesn't say why.", names);
    return { kind: "unreadable", code, message, remedy: "retry" };
  }
  const message = l10n.t("Zoho renewed this subscription, but not {0}. {1}", names, reason.message);
  return { ...reason, code, message };
}

/** What says that the whole channel is gone, or that nobody waits any more, is no reason of a module. */
function isAboutModules({ kind }: ZohoProblem): boolean {
  return kind !== "not-subscribed" && kind !== "cancelled";
}

/** In sentences, what of an answer is not as it was asked for. */
export function warningsOf(
  outcome: SubscribeOutcome,
  asked: { readonly events: readonly string[]; readonly expiresAt: number },
  now: number,
): readonly Problem[] {
  const { granted, refused } = outcome;
  const missing = missingModules(outcome, asked.events);
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
