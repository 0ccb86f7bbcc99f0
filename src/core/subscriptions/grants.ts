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

/**
 * The modules that were granted, by each of their names: a module may be listed by another name than its events have, as
 * "Meetings" with "Events.create". `listed` tells which belong together.
 */
export function grantedModules(
  { granted }: SubscribeOutcome,
  listed: readonly Subscription[],
): ReadonlyMap<string, GrantedSubscription> {
  const byName = new Map(granted.map(each => [each.module, each]));
  for (const names of listed.map(({ module, events }) => [module, ...events.map(moduleOf)])) {
    const grant = names.map(name => byName.get(name)).find(each => each !== undefined);
    if (grant !== undefined) for (const name of names) if (!byName.has(name)) byName.set(name, grant);
  }
  return byName;
}

/** The modules that were asked for and not granted. */
export function missingModules(
  outcome: SubscribeOutcome,
  events: readonly string[],
  listed: readonly Subscription[] = [],
): readonly string[] {
  const granted = grantedModules(outcome, listed);
  return [...new Set(events.map(moduleOf))].filter(module => !granted.has(module));
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
  listed: readonly Subscription[] = [],
): readonly Problem[] {
  const { granted, refused } = outcome;
  const missing = missingModules(outcome, asked.events, listed);
  const warnings: Problem[] = [];
  if (missing.length > 0) warnings.push(notGranted(missing, refused[0]));
  else warnings.push(...refused);
  const expiresAt = earliestExpiry(granted);
  if (expiresAt < asked.expiresAt - tolerance) warnings.push(shortened(expiresAt - now));
  return warnings;
}

/** The modules of events that were asked for of which none is among those that are there. */
export function modulesWithout(asked: readonly string[], there: readonly string[]): readonly string[] {
  const modules = new Set(there.map(moduleOf));
  return [...new Set(asked.map(moduleOf))].filter(module => !modules.has(module));
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
