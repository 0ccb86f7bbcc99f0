import { assertNever } from "../../base/assertNever.ts";
import type { SandboxBehaviour } from "../behaviour.ts";
import { refusals } from "../crm/apiError.ts";
import { type Answer, json } from "../http/answer.ts";
import { throttledAnswer } from "../oauth/throttled.ts";
import type { BrokenStatus, CallFault } from "./fault.ts";

/** What a fault does to one call. */
export type CallEffect =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "delay"; readonly milliseconds: number }
  | { readonly kind: "hang-up" };

export function callEffect(fault: CallFault, behaviour: SandboxBehaviour): CallEffect {
  switch (fault.kind) {
    case "status":
      return { kind: "answer", answer: statusAnswer(fault.status, behaviour) };
    case "slow":
      return { kind: "delay", milliseconds: fault.milliseconds };
    case "garbage":
      return { kind: "answer", answer: { ...json(200, null), body: '{"watch":[{"code":"SUCC' } };
    case "hang-up":
      return { kind: "hang-up" };
    case "oauth-error":
      return { kind: "answer", answer: oauthAnswer(fault.error) };
    default:
      return assertNever(fault);
  }
}

function oauthAnswer(error: string): Answer {
  return error === "Access Denied" ? throttledAnswer(400) : json(200, { error });
}

function statusAnswer(status: BrokenStatus, { tooManyRequestsBody }: SandboxBehaviour): Answer {
  switch (status) {
    case 401:
      return refusals.invalidToken();
    case 403:
      return refusals.noPermission("Crm_Implied_Api_Access");
    case 404:
      return refusals.urlPattern();
    case 429:
      return refusals.tooManyRequests(tooManyRequestsBody);
    case 500:
      return refusals.internalError();
    default:
      return { status, headers: { "Content-Type": "text/html" }, body: `<html><body><h1>${status}</h1></body></html>` };
  }
}
