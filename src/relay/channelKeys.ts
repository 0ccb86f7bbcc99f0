import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 192 random bits: part of the ingest address, so it must not be guessed. */
export function newChannelId(): string {
  return randomBytes(24).toString("base64url");
}

/** 256 random bits: whoever has it can read the channel. */
export function newReadKey(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a key. The keys are random, so a fast hash is as good as a slow one. */
export function hashKey(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}

/** Whether `key` is the one that `hash` was made from, in a time that tells nothing about where they differ. */
export function keyMatches(key: string, hash: Uint8Array): boolean {
  return hashesMatch(hashKey(key), hash);
}

/** Whether two hashes are of the same key, in a time that tells nothing about where they differ. */
export function hashesMatch(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}

/** The key in an `Authorization: Bearer …` header. */
export function bearerKey(header: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,256})$/i.exec(header ?? "")?.[1];
}

/** A name for a channel in logs, from which the channel's address cannot be told. */
export function channelFingerprint(channel: string): string {
  return createHash("sha256").update(channel).digest("hex").slice(0, 12);
}
