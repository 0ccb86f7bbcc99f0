import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { minute, second } from "../../base/clock.ts";
import type { HandlerAnswer, SendOutcome } from "./sendOutcome.ts";

/** After which outcomes a request is sent again, and when. */
export interface RetryPolicy {
  /** How often it is sent at most. */
  readonly tries: number;
  readonly backoff: BackoffOptions;
  /** `passing`: what is likely to go away by itself. `any`: everything but success. */
  readonly after: "passing" | "any";
}

/** A handler that asks for more time than this is not waited for: its answer stands. */
const longestAskedFor = 5 * minute;

/** Statuses that say "not now" rather than "no". Other 4xx, and all 2xx and 3xx, stand. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Milliseconds until try number `tries + 1`, after `tries` of them; undefined when the outcome stands. Never sooner
 * than the handler asked for. `now` in milliseconds since 1970.
 */
export function retryDelay(
  policy: RetryPolicy,
  outcome: SendOutcome,
  tries: number,
  { now, random }: { readonly now: number; readonly random: () => number },
): number | undefined {
  if (tries >= policy.tries || !mayPass(policy, outcome)) return undefined;
  const asked = outcome.kind === "answered" ? retryAfter(outcome, now) : 0;
  if (asked > longestAskedFor) return undefined;
  return Math.max(backoffDelay(tries, policy.backoff, random), asked);
}

export function isSuccess(outcome: SendOutcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 200 && outcome.status <= 299;
}

function mayPass(policy: RetryPolicy, outcome: SendOutcome): boolean {
  if (policy.after === "any") return !isSuccess(outcome);
  if (outcome.kind === "failed") return outcome.transient;
  if (outcome.fault !== undefined) return false;
  return passingStatuses.has(outcome.status) || (outcome.status >= 500 && outcome.status <= 599);
}

/**
 * What the header Retry-After asks for, in milliseconds; 0 where it is missing or of no known form. A date is by the
 * handler's clock, which its own Date tells.
 */
function retryAfter(answer: HandlerAnswer, now: number): number {
  const value = headerOf(answer, "retry-after");
  if (/^\d+$/.test(value)) return Number(value) * second;
  const [until, sentAt] = [Date.parse(value), Date.parse(headerOf(answer, "date"))];
  return Number.isNaN(until) ? 0 : Math.max(0, until - (Number.isNaN(sentAt) ? now : sentAt));
}

function headerOf({ headers }: HandlerAnswer, name: string): string {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1].trim() ?? "";
}
