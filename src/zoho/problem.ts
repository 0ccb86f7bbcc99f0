import type { Problem } from "../base/problem.ts";

/**
 * Why the other side could not be reached. `proxy`: what stands between could not be reached itself; `proxy-password`: it
 * does not let us through without one.
 */
export type OfflineReason =
  "refused" | "unresolved" | "timeout" | "certificate" | "interrupted" | "proxy" | "proxy-password";

/**
 * What can go wrong between us and Zoho. `kind` says what to do about it; `code` is Zoho's own code where it sent one,
 * so that two faults of a kind can be told apart.
 */
export type ZohoProblem =
  /** No answer: the network, the name, the certificate, or the time ran out. Whether a write was done is not known. */
  | (Problem & { readonly kind: "offline"; readonly reason: OfflineReason })
  /** Whoever asked gave up waiting. Nothing to show. */
  | (Problem & { readonly kind: "cancelled" })
  /** The refresh or access token is no longer good: sign in again. */
  | (Problem & { readonly kind: "signed-out" })
  /** The code of the sign-in is wrong, used or too old. */
  | (Problem & { readonly kind: "code" })
  /** Client id, client secret or redirect address are not those of a registered client. */
  | (Problem & { readonly kind: "client" })
  /** The sign-in does not cover this. */
  | (Problem & { readonly kind: "scope" })
  /** A person or an administrator said no. */
  | (Problem & { readonly kind: "denied" })
  /** The channel does not exist, or no longer: it must be created again. */
  | (Problem & { readonly kind: "not-subscribed" })
  /** Zoho does not accept something that was sent. `field` is its name in the API. */
  | (Problem & { readonly kind: "invalid"; readonly field?: string })
  /** The address or the method does not exist on that server. */
  | (Problem & { readonly kind: "unsupported" })
  /** Too many requests: none before `retryAt` (milliseconds since 1970, by this machine's clock). */
  | (Problem & { readonly kind: "throttled"; readonly retryAt: number })
  /** Zoho failed. Whether a write was done is not known. */
  | (Problem & { readonly kind: "server"; readonly status: number })
  /** An answer came that is not one of Zoho's. Whether a write was done is not known. */
  | (Problem & { readonly kind: "unreadable" });

export type ZohoProblemKind = ZohoProblem["kind"];

/** True where the request may have been carried out although no good answer came. */
export function leavesOutcomeOpen(problem: Problem): boolean {
  return "kind" in problem && openKinds.includes(problem.kind);
}

const openKinds: readonly unknown[] = ["offline", "cancelled", "server", "unreadable"] satisfies ZohoProblemKind[];

/** True where nothing answered. */
export function isOffline(problem: Problem): boolean {
  return problemKind(problem) === "offline";
}

/** The kind that Zoho's problems have; problems of other origin have none. */
export function problemKind(problem: Problem): string {
  return "kind" in problem && typeof problem.kind === "string" ? problem.kind : "other";
}

export function cancelledProblem(): ZohoProblem {
  return {
    kind: "cancelled",
    code: "CANCELLED",
    message: "Cancelled.",
    remedy: "none",
  };
}
