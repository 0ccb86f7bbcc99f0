import { given } from "../../base/given.ts";
import type { Problem } from "../../base/problem.ts";
import type { Header } from "../../protocol/capturedRequest.ts";
import type { Handling } from "../../protocol/event.ts";
import { type HttpFault, describeHttpFault } from "./httpFault.ts";

/** What came of sending a request once. Any status is an answer; a redirect is one too, and is not followed. */
export type SendOutcome = HandlerAnswer | NoAnswer;

export interface HandlerAnswer {
  readonly kind: "answered";
  readonly status: number;
  /** From the first byte sent to the last byte of the answer. */
  readonly milliseconds: number;
  readonly headers: readonly Header[];
  /** The first {@link keptAnswerBytes} of it. */
  readonly body: Uint8Array;
  /** How long the whole body was. */
  readonly bytes: number;
  /** What it does that HTTP does not allow: asked again, the handler would do the same. */
  readonly fault?: HttpFault;
}

export interface NoAnswer {
  readonly kind: "failed";
  readonly problem: Problem;
  /** The same request may well be answered a little later. */
  readonly transient: boolean;
  readonly milliseconds: number;
}

/** As much of an answer is kept: enough for an error page with its stack. */
export const keptAnswerBytes = 64 * 1024;

/** How an event stands after its last attempt. */
export function handlingAfter(outcome: SendOutcome): Omit<Handling, "attempts"> {
  const { milliseconds } = outcome;
  if (outcome.kind === "answered") {
    const problem = outcome.fault === undefined ? undefined : describeHttpFault(outcome.fault);
    return { state: "answered", status: outcome.status, milliseconds, ...given({ problem }) };
  }
  return { state: "failed", milliseconds, problem: outcome.problem.message };
}
