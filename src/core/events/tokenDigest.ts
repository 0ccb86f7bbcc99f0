import { hash } from "node:crypto";

/** What a token is compared by and found by, so that it need not be kept itself: 64 characters, whatever its length. */
export function tokenDigest(token: string): string {
  return hash("sha256", token);
}
