import { type BackoffOptions, backoffDelay } from "../base/backoff.ts";
import { type Clock, second } from "../base/clock.ts";
import type { Result } from "../base/result.ts";
import { retryAfter } from "./apiProblem.ts";
import { creditsIn } from "./credits.ts";
import type { HttpAnswer, HttpRequest } from "./httpTransport.ts";
import { isLoopback } from "./loopback.ts";
import type { OfflineReason, ZohoProblem } from "./problem.ts";

/** How often and for how long a request is tried again. Durations in milliseconds. */
export interface RetryLimits {
  readonly mostRetries: number;
  /** No try begins later than this after the first: somebody may be waiting for the answer. */
  readonly patience: number;
  readonly backoff: BackoffOptions;
}

/** Three more tries within 20 seconds: what passes by itself mostly does so in that time. */
export const defaultRetryLimits: RetryLimits = {
  mostRetries: 3,
  patience: 20 * second,
  backoff: { first: second / 2, longest: 8 * second },
};

/** What became of a try. */
export type Outcome = Result<HttpAnswer, ZohoProblem>;

/** What does not pass by itself. */
const lasting: readonly OfflineReason[] = ["certificate", "proxy-password"];

/** Errors of the network before anything was sent. */
const notSent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"];

/**
 * True where a request may be sent again after `outcome`: what went wrong may pass, and doing it twice is as good as
 * once. GET, PUT, PATCH and DELETE say how something is to be, in the watch API too; a POST is sent again only where it
 * certainly was not carried out.
 */
export function mayRepeat(request: HttpRequest, outcome: Outcome): boolean {
  if (outcome.ok) return mayRepeatAfterAnswer(request, outcome.value);
  const problem = outcome.error;
  if (problem.kind !== "offline" || lasting.includes(problem.reason)) return false;
  // A server on this machine that does not listen has to be started, not waited for.
  if (problem.reason === "refused" && isLoopback(request.url)) return false;
  return request.method !== "POST" || problem.reason === "proxy" || notSent.includes(problem.code);
}

function mayRepeatAfterAnswer(request: HttpRequest, answer: HttpAnswer): boolean {
  // With no credits left none come back within our patience; a token call that is throttled makes it worse.
  if (answer.status === 429) return creditsIn(answer) !== 0 && !isTokenCall(request);
  return answer.status >= 500 && request.method !== "POST";
}

function isTokenCall({ url }: HttpRequest): boolean {
  return new URL(url).pathname.startsWith("/oauth/");
}

/** Milliseconds before retry number `retry` (1 is the first): what the answer asks for, or a growing, jittered while. */
export function retryDelay(
  retry: number,
  outcome: Outcome,
  { backoff }: RetryLimits,
  clock: Clock,
  random: () => number,
): number {
  const asked = outcome.ok ? retryAfter(outcome.value, clock) : undefined;
  return Math.max(asked ?? 0, backoffDelay(retry, backoff, random));
}
