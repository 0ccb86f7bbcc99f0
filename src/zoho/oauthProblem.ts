import * as l10n from "@vscode/l10n";
import { type Clock, minute } from "../base/clock.ts";
import { problemOfAnswer, retryAfter, serverProblem, tokenThrottleProblem } from "./apiProblem.ts";
import { signedOutProblem } from "./apiRefusals.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { unreadableProblem } from "./wire.ts";

/** What was asked of the accounts server: the same error means different things for a code and for a refresh token. */
export type OAuthStep = "authorize" | "exchange" | "refresh" | "credentials" | "device" | "revoke";

/** What an error of the accounts server means. `code` is the `error` of its answer, or of the browser's callback. */
export function oauthProblem(code: string, step: OAuthStep, answer: HttpAnswer, clock: Clock): ZohoProblem {
  if (carriesRefusals(answer)) return knownProblem(code, step, answer, clock) ?? otherRefusal(code);
  const known = gatewayWords.includes(code) ? undefined : knownProblem(code, step, answer, clock);
  return known ?? uncodedProblem(answer, clock);
}

/** True with a status that the accounts server refuses with. With another, a word that is not its own is a gateway's. */
function carriesRefusals({ status }: HttpAnswer): boolean {
  return status === 400 || (status >= 200 && status < 300);
}

/** Words of the accounts server that gateways have, too. */
const gatewayWords = ["Access Denied", "access_denied"];

/** What a word of the accounts server means; undefined where it is not one. */
function knownProblem(code: string, step: OAuthStep, answer: HttpAnswer, clock: Clock): ZohoProblem | undefined {
  switch (code) {
    case "invalid_code":
    case "invalid_grant":
      return invalidGrantProblem(code, step);
    case "expired":
    case "expired_token":
      return step === "device" ? deviceCodeExpiredProblem() : undefined;
    case "Access Denied":
      return tokenThrottleProblem(code, clock.now() + (retryAfter(answer, clock) ?? 10 * minute), clock);
    case "access_denied":
      return step === "credentials" ? credentialsForbiddenProblem(code) : declinedProblem();
    case "unauthorized_client":
      return step === "credentials" ? credentialsForbiddenProblem(code) : wrongClientTypeProblem(step);
    case "general_error":
    case "server_error":
    case "temporarily_unavailable":
      return serverProblem(code, answer.status);
    default:
      return Object.hasOwn(refusals, code) ? refusals[code]?.() : undefined;
  }
}

/**
 * What an answer without one of the accounts server's error codes means. Zoho's refusals have one, so that a bare 401 or
 * 403 is from what stands between, and says nothing about the sign-in.
 */
export function uncodedProblem(answer: HttpAnswer, clock: Clock): ZohoProblem {
  const problem = problemOfAnswer(answer, clock);
  return ["throttled", "server", "unsupported"].includes(problem.kind) ? problem : unreadableProblem(answer.status);
}

/** The time that a device code is good for is over. */
export function deviceCodeExpiredProblem(): ZohoProblem {
  return {
    kind: "code",
    code: "DEVICE_CODE_EXPIRED",
    message: l10n.t("The code wasn't entered in time, so it's no longer valid. Sign in again to get a new one."),
    remedy: "sign-in",
  };
}

function invalidGrantProblem(code: string, step: OAuthStep): ZohoProblem {
  if (step === "exchange") return codeProblem(code);
  return step === "device" ? deviceCodeExpiredProblem() : signedOutProblem(code);
}

function declinedProblem(): ZohoProblem {
  return {
    kind: "denied",
    code: "access_denied",
    message: l10n.t("The access was declined on Zoho's consent page. Sign in again and accept it to connect."),
    remedy: "sign-in",
  };
}

/** Zoho may say either about an organisation that doesn't allow it; what else is likely differs, and comes first. */
function credentialsForbiddenProblem(code: "access_denied" | "unauthorized_client"): ZohoProblem {
  const message =
    code === "access_denied"
      ? l10n.t(
          "Zoho doesn't give this client access to the organisation. Check the organisation's ID; if it's right, ask an administrator to allow client credentials, or use a self-client code.",
        )
      : l10n.t(
          "This client can't sign in with its credentials alone. Use one of the type Self Client; if it is one, ask an administrator to allow client credentials, or use a self-client code.",
        );
  return { kind: "denied", code, message, remedy: "sign-in" };
}

function wrongClientTypeProblem(step: OAuthStep): ZohoProblem {
  const message =
    step === "device"
      ? l10n.t(
          "This client can't sign in with a code on another device. In Zoho's API console, create one of the type Non-browser Application.",
        )
      : l10n.t("This client may not sign in this way. Use one of the right type from Zoho's API console.");
  return clientProblem("unauthorized_client", message);
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
  missing_org_info: () =>
    clientProblem(
      "missing_org_info",
      l10n.t("Zoho needs to know the organisation. Sign in again and enter the organisation's ID."),
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
