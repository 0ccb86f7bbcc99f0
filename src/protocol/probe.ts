import { type CapturedRequest, headerValue } from "./capturedRequest.ts";

/**
 * The header that marks a test event of Diagnose, with a marker that is used once. It proves nothing about the sender,
 * and hides nothing: what is shown as a test event is only what is no notification of Zoho's anyway.
 */
export const probeHeader = "x-zoho-crm-notifications-test";

/** The marker of a test event; undefined for every other request. */
export function probeMarkerOf(request: Pick<CapturedRequest, "headers">): string | undefined {
  return headerValue(request, probeHeader);
}
