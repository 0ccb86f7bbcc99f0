import type { Verification } from "../../protocol/event.ts";
import type { Notification } from "../../zoho/notification.ts";

/** Tells whether a delivery comes from the subscription it names. */
export interface TokenVerifier {
  verify(channelId: string, token: string | undefined): Verification;
}

/** Whether a notification comes from the subscription it names; one that names none cannot be held against any. */
export function verificationOf({ channelId, token }: Notification, tokens: TokenVerifier): Verification {
  return channelId === undefined ? "unknown" : tokens.verify(channelId, token);
}
