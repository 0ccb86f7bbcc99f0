import * as l10n from "@vscode/l10n";
import { type Clock, minute } from "../base/clock.ts";
import { retryAfter, serverProblem, tokenThrottleProblem } from "./apiProblem.ts";
import { signedOutProblem } from "./apiRefusals.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";

/** What was asked of the accounts server: the same error means different things for a code and for a refresh token. */
export type OAuthStep = "authorize" | "exchange" | "refresh" | "revoke";

/** What an error of the accounts server means. `code` is the `error` of its answer, or of the browser's callback. */
export function oauthProblem(code: string, step: OAuthStep, answer: HttpAnswer, clock: Clock): ZohoProblem {
  switch (code) {
    case "invalid_code":
    case "invalid_grant":
      return step === "exchange" ? codeProblem(code) : signedOutProblem(code);
    case "Access Denied":
      return tokenThrottleProblem(code, clock.now() + (retryAfter(answer, clock) ?? 10 * minute), clock);
    case "general_error":
    case "server_error":
    case "temporarily_unavailable":
      return serverProblem(code, answer.status);
    default:
      return Object.hasOwn(refusals, code) ? (refusals[code]?.() ?? otherRefusal(code)) : otherRefusal(code);
  }
}

/** The code of a sign-in is no good. */
function codeProblem(code: string): ZohoProblem {
  return {
    kind: "code",
    code,
    message: l10n.t(
      "Zoho does not accept the code: it works once and for a few minutes only. Make a new one and sign in again.",
    ),
    remedy: "sign-in",
  };
}

const refusals: Readonly<Record<string, () => ZohoProblem>> = {
  access_denied: () => ({
    kind: "denied",
    code: "access_denied",
    message: l10n.t("The access was declined on Zoho's consent page. Sign in again and accept it to connect."),
    remedy: "sign-in",
  }),
  invalid_client: () =>
    clientProblem(
      "invalid_client",
      l10n.t(
        "Zoho does not know this client ID. Check it, and that the data centre is the one where it was registered.",
      ),
    ),
  invalid_client_secret: () =>
    clientProblem(
      "invalid_client_secret",
      l10n.t(
        "The client secret is not the one of this client. Copy it again from Zoho's API console and sign in again.",
      ),
    ),
  unauthorized_client: () =>
    clientProblem(
      "unauthorized_client",
      l10n.t("This client may not sign in this way. Use one of the right type from Zoho's API console."),
    ),
  invalid_redirect_uri: () =>
    clientProblem(
      "invalid_redirect_uri",
      l10n.t(
        "The redirect address is not registered with this client. Add it in Zoho's API console, exactly as this sign-in uses it.",
      ),
    ),
  redirect_uri_mismatch: () =>
    clientProblem(
      "redirect_uri_mismatch",
      l10n.t(
        "The redirect address is not registered with this client. Add it in Zoho's API console, exactly as this sign-in uses it.",
      ),
    ),
  invalid_scope: () => ({
    kind: "scope",
    code: "invalid_scope",
    message: l10n.t(
      "Zoho does not know one of the permissions (scopes) that were asked for. Check that the client is one for Zoho CRM.",
    ),
    remedy: "sign-in",
  }),
};

function clientProblem(code: string, message: string): ZohoProblem {
  return { kind: "client", code, message, remedy: "sign-in" };
}

function otherRefusal(code: string): ZohoProblem {
  return {
    kind: "denied",
    code,
    message: l10n.t(
      "Zoho refused the sign-in with the code {0}. Sign in again; if it stays, check the client in Zoho's API console.",
      code,
    ),
    remedy: "sign-in",
  };
}
