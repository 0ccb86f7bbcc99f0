import { randomBytes } from "node:crypto";

/** A new channel id: a positive signed 64-bit number too large for a double, so that none is mistaken for a small one. */
export function newChannelId(): string {
  const bits = randomBytes(8).readBigUInt64BE();
  return ((bits >> 2n) | (1n << 61n)).toString();
}

/** A new token: 32 characters of 192 random bits. Zoho takes at most 50. */
export function newChannelToken(): string {
  return randomBytes(24).toString("base64url");
}
