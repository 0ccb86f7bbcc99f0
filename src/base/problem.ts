import * as l10n from "@vscode/l10n";
/**
 * What the person can do about a problem, as an action that a button can run. The words of the button belong to the
 * surface that shows it. `none`: the sentence says it all, or there is nothing to press.
 */
export type Remedy =
  | "none"
  | "retry"
  | "refresh"
  | "sign-in"
  | "create-subscription"
  | "renew-subscription"
  | "recreate-subscription"
  | "point-here"
  | "send-here"
  | "configure-relay"
  | "join-relay"
  | "get-address"
  | "reconnect-relay"
  | "start-sandbox"
  | "open-log";

/**
 * A failure that a person may see. `message` is one sentence, or two when the second says what to do; it holds no
 * secret, no payload and no stack. `code` is stable and is what code and tests recognise. `cause` is for the log only.
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: Remedy;
  readonly cause?: unknown;
}

/** A {@link Problem} on its way through `throw` or a rejected promise. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message, { cause: problem.cause });
    this.problem = problem;
  }
}

/** The person changed their mind: nothing to show, nothing to log. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";

  constructor() {
    super("Cancelled");
  }
}

/** Whatever was thrown, as a problem: those made for people pass through, all else becomes "see the log". */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return {
    code: "UNEXPECTED",
    message: l10n.t("Something went wrong that should not have. The log has the details."),
    remedy: "open-log",
    cause: thrown,
  };
}

/** The whole chain of causes, outermost first, one line each, for the log. Stacks only where nobody foresaw the error. */
export function describeCauses(thrown: unknown): string {
  const lines: string[] = [];
  let current = thrown;
  while (current !== undefined && current !== null && lines.length < 20) {
    lines.push(describeOne(current));
    current = nextCause(current);
  }
  return lines.join("\n  caused by: ");
}

function describeOne(thrown: unknown): string {
  if (thrown instanceof ProblemError) return `${thrown.problem.code}: ${thrown.message}`;
  if (thrown instanceof Error) return thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  if (isProblem(thrown)) return `${thrown.code}: ${thrown.message}`;
  return typeof thrown === "string" ? thrown : JSON.stringify(thrown);
}

function nextCause(thrown: unknown): unknown {
  return thrown instanceof Error || isProblem(thrown) ? thrown.cause : undefined;
}

function isProblem(thrown: unknown): thrown is Problem {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown && "remedy" in thrown;
}
