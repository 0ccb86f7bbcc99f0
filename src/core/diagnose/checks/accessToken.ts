import * as l10n from "@vscode/l10n";
import type { Result } from "../../../base/result.ts";
import type { ZohoProblem } from "../../../zoho/problem.ts";
import { type Finding, brokenBy, ok } from "../finding.ts";

/**
 * The refresh token brings access tokens, and the API takes them: `token` is the outcome of getting one, `call` that of
 * using it.
 */
export function checkAccessToken(
  token: Result<unknown, ZohoProblem>,
  call: Result<unknown, ZohoProblem> | undefined,
): Finding {
  if (!token.ok) return brokenBy(token.error);
  if (call?.ok === false && refusesToken(call.error)) return brokenBy(call.error);
  return ok(l10n.t("Zoho gives access tokens to this sign-in, and the API takes them."));
}

/** Kinds that say nothing about the call, but that the token or the way to the server is no good. */
function refusesToken({ kind }: ZohoProblem): boolean {
  return ["signed-out", "offline", "unreadable", "client"].includes(kind);
}
