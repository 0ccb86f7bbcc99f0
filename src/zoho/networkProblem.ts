import * as l10n from "@vscode/l10n";
import type { Remedy } from "../base/problem.ts";
import type { OfflineReason, ZohoProblem } from "./problem.ts";

/** What went wrong with the server that was asked. */
type HostReason = Exclude<OfflineReason, "proxy" | "proxy-password">;

const reasons: Readonly<Record<string, HostReason>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  ETIMEDOUT: "timeout",
  ECONNABORTED: "timeout",
  ENETUNREACH: "interrupted",
  EHOSTUNREACH: "interrupted",
  ENETDOWN: "interrupted",
  EPROTO: "certificate",
  CERT_HAS_EXPIRED: "certificate",
  CERT_NOT_YET_VALID: "certificate",
  CERT_UNTRUSTED: "certificate",
  CERT_REVOKED: "certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate",
  UNABLE_TO_GET_ISSUER_CERT: "certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate",
  HOSTNAME_MISMATCH: "certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate",
};

/** Why a connection failed, by the error code of Node's network stack. */
export function offlineReason(code: string): HostReason {
  return reasons[code] ?? "interrupted";
}

/** What a failed request to `host` (name and port) means, by the error code of Node's network stack. */
export function networkProblem(code: string, host: string): ZohoProblem {
  return offlineProblem(offlineReason(code), code, host);
}

/** The proxy at `proxy` could not be reached, and so not `host` behind it. */
export function proxyProblem(code: string, proxy: string, host: string): ZohoProblem {
  const message = l10n.t(
    "The proxy {0} of this network cannot be reached, and without it neither can {1}. Check the network connection and the setting http.proxy.",
    proxy,
    host,
  );
  return { kind: "offline", reason: "proxy", code, message, remedy: "retry" };
}

/** The proxy on the way to `host` answered that it wants a password (407). */
export function proxyPasswordProblem(host: string): ZohoProblem {
  const message = l10n.t(
    "The proxy of this network wants a user and a password before it lets anybody through to {0}. Put them into the setting http.proxy, as in http://user:password@proxy:8080.",
    host,
  );
  return { kind: "offline", reason: "proxy-password", code: "HTTP_407", message, remedy: "retry" };
}

/** The time that a request may take ran out. */
export function timeoutProblem(host: string): ZohoProblem {
  return offlineProblem("timeout", "DEADLINE", host);
}

/** The same problem with what can be done about it where the server is one that we can start ourselves. */
export function withOfflineRemedy(problem: ZohoProblem, remedy: Remedy): ZohoProblem {
  return problem.kind === "offline" && !isOfProxy(problem.reason) ? { ...problem, remedy } : problem;
}

/** Whether it is what stands between that keeps us from the server. */
export function isOfProxy(reason: OfflineReason): boolean {
  return reason === "proxy" || reason === "proxy-password";
}

function offlineProblem(reason: HostReason, code: string, host: string): ZohoProblem {
  return { kind: "offline", reason, code, message: sentences[reason](host), remedy: "retry" };
}

const sentences: Readonly<Record<HostReason, (host: string) => string>> = {
  refused: host =>
    l10n.t("Nothing is listening at {0}. Check that the address is right and the server is running.", host),
  unresolved: host => l10n.t("The name {0} cannot be found. Check the network connection and the address.", host),
  timeout: host => l10n.t("{0} did not answer in time. Check the network connection and try again.", host),
  certificate: host =>
    l10n.t(
      "The secure connection to {0} could not be set up: its certificate is not trusted here. " +
        "Check whether a proxy on this network replaces certificates.",
      host,
    ),
  interrupted: host => l10n.t("The connection to {0} failed. Check the network connection and try again.", host),
};
