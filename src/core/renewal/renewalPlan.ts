import { createHash } from "node:crypto";
import { backoffDelay } from "../../base/backoff.ts";
import { hour, minute, second } from "../../base/clock.ts";
import type { ZohoProblemKind } from "../../zoho/problem.ts";

/**
 * When a channel is renewed. By default after a quarter of its life and a little: renewing is cheap (fifty to a request),
 * and what is left has to last while the editor is closed, such as from Thursday evening to Tuesday morning.
 */
const shareLeft = 0.7;

/** By this share of their lives channels are renewed apart from each other, so that not all come at once. */
const jitterShare = 0.1;

/** A channel that is due this share of its life later may be renewed along with one that is due. */
const companyShare = 0.05;

const retry = { first: minute, longest: hour };

/** However short the lives are that Zoho grants, and whatever clocks say, a channel is not renewed more often than this. */
const floor = 5 * minute;

/** The least time between two tries, also where little is left. */
const leastDelay = 30 * second;

/** How much expiry may differ and still be the one that was granted: Zoho drops fractions of a second. */
const sameExpiry = minute;

/** What is remembered of a channel. Instants are milliseconds since 1970. */
export interface RenewalMemory {
  /** What was last granted, and when. */
  readonly expiresAt?: number | undefined;
  readonly grantedAt?: number | undefined;
  /** When it was last renewed from this machine. */
  readonly renewedAt?: number | undefined;
  /** Not before then, after a failure. */
  readonly retryAt?: number | undefined;
}

export interface RenewalPlan {
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** From then on it may be renewed along with others. */
  readonly fromAt: number;
}

/**
 * When to renew a channel that ends at `expiresAt`. Where it is not remembered when that was granted, it counts as a life
 * of `usualLife` milliseconds, which is what a renewal would give it.
 */
export function planRenewal(
  channel: { readonly channelId: string; readonly expiresAt: number },
  memory: RenewalMemory,
  usualLife: number,
): RenewalPlan {
  const life = grantedLife(channel.expiresAt, memory) ?? usualLife;
  const dueAt = channel.expiresAt - life * (shareLeft + jitterShare * fractionOf(channel.channelId));
  const { retryAt = -Infinity, renewedAt = -Infinity } = memory;
  const earliest = Math.max(retryAt, renewedAt + floor);
  return { dueAt: Math.max(dueAt, earliest), fromAt: Math.max(dueAt - life * companyShare, earliest) };
}

function grantedLife(expiresAt: number, memory: RenewalMemory): number | undefined {
  if (memory.grantedAt === undefined || !isSameExpiry(memory.expiresAt, expiresAt)) return undefined;
  return Math.max(expiresAt - memory.grantedAt, 0);
}

/** True where both are the end that was granted with one answer. */
export function isSameExpiry(one: number | undefined, other: number): boolean {
  return one !== undefined && Math.abs(one - other) <= sameExpiry;
}

/** A number in [0, 1) that is the same for the same channel, in every window and on every day. */
function fractionOf(channelId: string): number {
  return createHash("sha256").update(channelId).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * When to try again after failure number `failures` of a channel that has `left` milliseconds to live. While there is
 * time, at least two more tries fit into it. A throttle has its `wait`, in milliseconds: `now` is Zoho's time, and an
 * instant of this machine's would be another. `random` gives [0, 1).
 */
export function retryAt(
  now: number,
  left: number,
  failures: number,
  problem: { readonly kind: string; readonly wait?: number },
  random: () => number,
): number {
  const patient = needsPerson(problem.kind) ? retry.longest : backoffDelay(failures, retry, random);
  const inTime = left > 0 ? Math.max(Math.min(patient, left / 3), leastDelay) : patient;
  return now + Math.max(inTime, problem.kind === "throttled" ? (problem.wait ?? 0) : 0);
}

const forThePerson: readonly string[] = [
  "signed-out",
  "scope",
  "denied",
  "client",
  "code",
  "invalid",
  "unsupported",
] satisfies ZohoProblemKind[];

/** True where trying again does not help until somebody does something. */
export function needsPerson(kind: string): boolean {
  return forThePerson.includes(kind);
}
