import { CancelledError, type Problem, ProblemError } from "../base/problem.ts";
import type { Result } from "../base/result.ts";
import { cancelledProblem } from "../zoho/problem.ts";

/** The value, or the problem thrown on its way to the command boundary, which is silent about what was cancelled. */
export function orThrow<T>(result: Result<T, Problem>): T {
  if (result.ok) return result.value;
  throw result.error.code === cancelledProblem().code ? new CancelledError() : new ProblemError(result.error);
}
