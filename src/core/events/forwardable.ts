import { type CapturedRequest, headerValue } from "../../protocol/capturedRequest.ts";
import type { EventSource, Verification } from "../../protocol/event.ts";
import { probeMarkerOf } from "../../protocol/probe.ts";
import { type ReadEvent, notificationOf } from "./readEvent.ts";
import { isGenuine } from "./verification.ts";

/** The header by which an event that was sent to a handler is known again, where that leads back here. */
export const forwardedHeader = "X-Zoho-Crm-Notifications-Event";

/** Whether an event may be sent to a handler, and what stands in the way. */
export type Forwardable =
  | { readonly kind: "yes"; readonly request: CapturedRequest }
  /** Its token proves too little: a rule sends it only where the rule says so; a person may. */
  | { readonly kind: "withheld"; readonly why: "wrong-token" | "no-token"; readonly request: CapturedRequest }
  /** No rule sends it; a person may. */
  | { readonly kind: "by-hand"; readonly why: WhyByHand; readonly request: CapturedRequest }
  /** There is no request that could be sent. */
  | { readonly kind: "no"; readonly why: "gap" | "recovered" | "undecodable" };

/** It was made or imported on this machine, a handler led it back here, or Diagnose sent it. */
export type WhyByHand = "made-here" | "forwarded-before" | "test";

/** The one answer to whether an event may be sent to a handler, and why not. */
export function forwardable(read: ReadEvent, verification: Verification): Forwardable {
  if (read.kind !== "request") return { kind: "no", why: read.kind };
  const { request, event } = read;
  const why = whyByHand(request, event.source);
  if (why !== undefined) return { kind: "by-hand", why, request };
  if (isGenuine(verification, notificationOf(read)?.operation)) return { kind: "yes", request };
  return { kind: "withheld", why: verification === "absent" ? "no-token" : "wrong-token", request };
}

function whyByHand(request: CapturedRequest, source: EventSource): WhyByHand | undefined {
  if (source !== "delivered" && source !== "webhook") return "made-here";
  if (headerValue(request, forwardedHeader) !== undefined) return "forwarded-before";
  return probeMarkerOf(request) === undefined ? undefined : "test";
}
