import * as vscode from "vscode";
import { type Problem, ProblemError } from "../base/problem.ts";

/** One message at a time: the first problem stands for those like it, and the tree shows the rest. */
export function throwFirst(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new ProblemError(first);
  const message = vscode.l10n.t(
    "{0} subscriptions could not be changed. The first: {1}",
    problems.length,
    first.message,
  );
  throw new ProblemError({ ...first, message });
}
