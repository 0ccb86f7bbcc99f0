import { given } from "../../base/given.ts";
import { utf8Decode } from "../../base/bytes.ts";
import type { AttemptOutcome } from "../history/attemptLog.ts";
import { describeHttpFault } from "./httpFault.ts";
import type { SendOutcome } from "./sendOutcome.ts";

/** What came of sending, as it is written down. */
export function toAttempt(outcome: SendOutcome): AttemptOutcome {
  if (outcome.kind === "failed") return { milliseconds: outcome.milliseconds, problem: outcome.problem.message };
  const { milliseconds, status, headers, body, bytes } = outcome;
  const answer = {
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    // For people to read: one that is not text is shown as what it may have been meant as.
    text: utf8Decode(body),
    bytes,
  };
  const problem = outcome.fault === undefined ? undefined : describeHttpFault(outcome.fault);
  return { milliseconds, status, answer, ...given({ problem }) };
}
