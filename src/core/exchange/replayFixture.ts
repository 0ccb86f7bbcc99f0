import type { Problem } from "../../base/problem.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import type { SendOutcome } from "../forwarding/sendOutcome.ts";
import { type ExpectedStatus, isExpected, usualExpectation } from "./expectedStatus.ts";
import type { Fixture } from "./fixture.ts";
import { needsToken, withToken } from "./fixtureToken.ts";

/** What came of sending a fixture to a handler. */
export interface Replayed {
  readonly passed: boolean;
  readonly status?: number;
  /** From the first byte sent to the last byte of the answer. */
  readonly milliseconds: number;
  /** Why there was no answer. */
  readonly problem?: Problem;
  readonly expected: readonly ExpectedStatus[];
}

/** Sends requests to handlers; core/forwarding has the one that there is. */
export interface FixtureSender {
  send(
    target: string,
    request: CapturedRequest,
    options: { readonly marks: { readonly replay: true }; readonly signal?: AbortSignal },
  ): Promise<SendOutcome>;
}

export interface ReplayOptions {
  readonly target: string;
  /** Stands where the fixture has the place for it; undefined: the placeholder goes out as it is. */
  readonly token?: string | undefined;
  /** Goes before what the fixture expects. */
  readonly expected?: readonly ExpectedStatus[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a fixture as it stands and says whether the answer is the expected one. */
export async function replayFixture(
  fixture: Fixture,
  sender: FixtureSender,
  options: ReplayOptions,
): Promise<Replayed> {
  const { target, token, signal } = options;
  const outcome = await sender.send(target, requestToSend(fixture, token), {
    marks: { replay: true },
    ...(signal === undefined ? {} : { signal }),
  });
  return judge(outcome, options.expected ?? (fixture.expected.length === 0 ? usualExpectation : fixture.expected));
}

/** The fixture's request with the token in its place. */
export function requestToSend({ request }: Fixture, token: string | undefined): CapturedRequest {
  return token === undefined || !needsToken(request) ? request : withToken(request, token);
}

function judge(outcome: SendOutcome, expected: readonly ExpectedStatus[]): Replayed {
  const { milliseconds } = outcome;
  if (outcome.kind === "failed") return { passed: false, milliseconds, problem: outcome.problem, expected };
  const { status } = outcome;
  return { passed: isExpected(status, expected), status, milliseconds, expected };
}
