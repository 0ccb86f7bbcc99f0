import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Randomness } from "./randomness.ts";

/**
 * Ids and tokens that the product draws, and the jitter that depends on them, come from the seed while `work` runs. The
 * product draws them from `node:crypto`, as it must.
 */
export async function withSeededCrypto<T>(randomness: Randomness, work: () => Promise<T>): Promise<T> {
  const { randomBytes, randomUUID } = crypto;
  const { random } = Math;
  replace(
    (size: number) => randomness.bytes(size),
    () => randomness.bytes(16).toString("hex"),
    randomness.next,
  );
  try {
    return await work();
  } finally {
    replace(randomBytes, randomUUID, random);
  }
}

function replace(randomBytes: unknown, randomUUID: unknown, random: () => number): void {
  Object.assign(crypto, { randomBytes, randomUUID });
  syncBuiltinESMExports();
  Math.random = random;
}
