import { type Clock, second, sleep } from "../../base/clock.ts";
import { assertNever } from "../../base/assertNever.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { DeviceCode, DevicePoll } from "../../zoho/deviceGrant.ts";
import { deviceCodeExpiredProblem } from "../../zoho/oauthProblem.ts";
import { type ZohoProblem, cancelledProblem } from "../../zoho/problem.ts";
import type { TokenGrant } from "../../zoho/tokenGrant.ts";
import { refusedServerProblem, trustedServer } from "./accountsServer.ts";

/** What Zoho asks for after `slow_down`: one poll in so many milliseconds. */
const slowInterval = 30 * second;

export interface DevicePolling {
  readonly code: Pick<DeviceCode, "deviceCode" | "interval" | "expiresAt">;
  /** Origin of the accounts server that gave the code. */
  readonly accountsUrl: string;
  /** Asks an accounts server once. */
  readonly poll: (accountsUrl: string, deviceCode: string) => Promise<Result<DevicePoll, ZohoProblem>>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Tokens, and the accounts server that gave them. */
export interface DeviceGrant {
  readonly grant: TokenGrant;
  readonly accountsUrl: string;
}

/** Where the polling stands: whom to ask, and after how many milliseconds. */
interface Course {
  readonly accountsUrl: string;
  readonly interval: number;
  readonly wait: number;
}

/**
 * Asks until the person has accepted or declined, the code is too old, or the sign-in is cancelled. The code's age is the
 * sum of the waits, as the clock may be set meanwhile; how long the polls took is left to Zoho, who says when it's too old.
 */
export async function awaitDeviceGrant(polling: DevicePolling): Promise<Result<DeviceGrant, Problem>> {
  const { code, clock, signal } = polling;
  let course = onward(polling.accountsUrl, code.interval);
  let left = code.expiresAt - clock.now();
  for (;;) {
    await sleep(clock, Math.min(course.wait, left), signal);
    if (signal?.aborted === true) return fail(cancelledProblem());
    if (course.wait >= left) return fail(deviceCodeExpiredProblem());
    const polled = await polling.poll(course.accountsUrl, code.deviceCode);
    const next = polled.ok ? afterPoll(polled.value, course) : afterFailure(polled.error, course, clock);
    if (!next.ok) return next;
    if ("grant" in next.value) return succeed(next.value);
    left -= course.wait;
    course = next.value;
  }
}

function afterPoll(poll: DevicePoll, course: Course): Result<Course | DeviceGrant, Problem> {
  const { accountsUrl, interval } = course;
  switch (poll.kind) {
    case "granted":
      return succeed({ grant: poll.grant, accountsUrl });
    case "pending":
      return succeed(onward(accountsUrl, interval));
    case "slow-down":
      return succeed(onward(accountsUrl, Math.max(interval, slowInterval)));
    case "other-centre":
      return elsewhere(poll.location, course);
    default:
      return assertNever(poll);
  }
}

/** A server that sends us to itself, to none, or to a stranger would have us poll for nothing, or give away the secret. */
function elsewhere(location: string | undefined, { accountsUrl, interval }: Course): Result<Course, Problem> {
  const other = trustedServer({ location }, accountsUrl);
  const moved = other !== undefined && other !== accountsUrl;
  return moved ? succeed(onward(other, interval)) : fail(refusedServerProblem({ location }, accountsUrl));
}

/** What passes by itself does not end the sign-in: the person may have accepted already. */
function afterFailure(
  problem: ZohoProblem,
  { accountsUrl, interval }: Course,
  clock: Clock,
): Result<Course, ZohoProblem> {
  switch (problem.kind) {
    case "offline":
    case "server":
    case "unreadable":
      return succeed(onward(accountsUrl, interval));
    case "throttled":
      return succeed({ accountsUrl, interval, wait: Math.max(problem.retryAt - clock.now(), interval) });
    default:
      return fail(problem);
  }
}

function onward(accountsUrl: string, interval: number): Course {
  return { accountsUrl, interval, wait: interval };
}
