import { type Problem, ProblemError } from "../base/problem.ts";
import type { Result } from "../base/result.ts";

/** The value, or the problem thrown on its way to the command boundary. */
export function orThrow<T>(result: Result<T, Problem>): T {
  if (result.ok) return result.value;
  throw new ProblemError(result.error);
}
