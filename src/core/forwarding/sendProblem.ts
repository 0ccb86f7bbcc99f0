import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { shownTarget } from "./forwardTarget.ts";

/** Why there was no answer, and whether there may be one a little later. */
export interface SendFailure {
  readonly problem: Problem;
  readonly transient: boolean;
}

/** What Node's client gave, in words. */
export function failureOf(cause: unknown, url: URL): SendFailure {
  const where = shownTarget(url);
  const code = codeOf(cause);
  if (code === "ECONNREFUSED") {
    const message = l10n.t("Nothing listens at {0}. Start your handler and send again.", where);
    return passing({ code: "FORWARD_REFUSED", message, remedy: "none", cause });
  }
  if (code === "ECONNRESET" || code === "EPIPE") {
    const message = l10n.t("The handler at {0} broke the connection off before it had answered.", where);
    return passing({ code: "FORWARD_BROKEN_OFF", message, remedy: "none", cause });
  }
  if (code?.startsWith("HPE_") === true || code === "EPROTO" || code?.startsWith("ERR_SSL") === true) {
    const message = l10n.t(
      "What listens at {0} does not speak HTTP as asked. Check http or https, and the port.",
      where,
    );
    return lasting({ code: "FORWARD_NOT_HTTP", message, remedy: "none", cause });
  }
  if (code !== undefined && unreachable.has(code)) {
    const message = l10n.t("{0} cannot be reached.", where);
    return passing({ code: "FORWARD_UNREACHABLE", message, remedy: "none", cause });
  }
  return lasting({
    code: "FORWARD_FAILED",
    message: l10n.t("The event could not be sent to {0}. The log has the details.", where),
    remedy: "open-log",
    cause,
  });
}

const unreachable: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ENOTFOUND",
]);

/** The answer did not end within `milliseconds`. */
export function lateFailure(url: URL, milliseconds: number): SendFailure {
  const message = l10n.t("The handler at {0} did not answer within {1} s.", shownTarget(url), milliseconds / 1000);
  return passing({ code: "FORWARD_TIMEOUT", message, remedy: "none" });
}

/** Somebody called it off. */
export function stoppedFailure(): SendFailure {
  return lasting({ code: "FORWARD_STOPPED", message: l10n.t("Stopped."), remedy: "none" });
}

/** Nobody was there any more to hear the answer. */
export function abandonedFailure(): SendFailure {
  const message = l10n.t("The window closed before the handler had answered; the handler may have had the event.");
  return lasting({ code: "FORWARD_ABANDONED", message, remedy: "none" });
}

/** The path of the request leads out of the handler's. */
export function pathFailure(url: URL): SendFailure {
  const message = l10n.t("The request's path leads out of {0}, so it is not sent.", shownTarget(url));
  return lasting({ code: "FORWARD_PATH", message, remedy: "none" });
}

function passing(problem: Problem): SendFailure {
  return { problem, transient: true };
}

function lasting(problem: Problem): SendFailure {
  return { problem, transient: false };
}

/** Where several addresses were tried, the error has the code that they share. */
function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}
