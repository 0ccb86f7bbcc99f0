import * as vscode from "vscode";
import { type Problem, ProblemError } from "../base/problem.ts";

/** Throws what {@link firstOf} says of these; nothing where there are none. */
export function throwFirst(problems: readonly Problem[]): void {
  const first = firstOf(problems);
  if (first !== undefined) throw new ProblemError(first);
}

/** One message at a time: the first problem stands for those like it, and the tree shows the rest. */
export function firstOf(problems: readonly Problem[]): Problem | undefined {
  const [first] = problems;
  if (first === undefined || problems.length === 1) return first;
  const message = vscode.l10n.t(
    "{0} subscriptions could not be changed. The first: {1}",
    problems.length,
    first.message,
  );
  return { ...first, message };
}
