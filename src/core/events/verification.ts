import { assertNever } from "../../base/assertNever.ts";
import type { Verification } from "../../protocol/event.ts";
import { type ReadEvent, notificationOf } from "./readEvent.ts";

/** Tells whether a delivery comes from the subscription it names. */
export interface TokenVerifier {
  verify(channelId: string, token: string | undefined): Verification;
}

/** Whether an event comes from the subscription it names; one that names none cannot be held against any. */
export function verificationOf(read: ReadEvent, tokens: TokenVerifier): Verification {
  const { channelId, token } = notificationOf(read) ?? {};
  return channelId === undefined ? "unknown" : tokens.verify(channelId, token);
}

/**
 * Whether a delivery with this operation is taken for Zoho's. Zoho leaves the token out of deletions. Where no token is
 * known, a delivery cannot be held against any.
 */
export function isGenuine(verification: Verification, operation: string | undefined): boolean {
  switch (verification) {
    case "verified":
    case "unknown":
      return true;
    case "absent":
      return operation === "delete";
    case "mismatch":
      return false;
    default:
      return assertNever(verification);
  }
}
