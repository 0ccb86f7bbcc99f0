import { createHash, randomBytes } from "node:crypto";

/**
 * A proof (RFC 7636) that whoever redeems a code is who asked for it: the challenge goes out with the browser, the
 * verifier stays here until the token call.
 */
export interface ProofKey {
  /** 43 characters, of the 43 to 128 that Zoho takes. */
  readonly verifier: string;
  /** SHA-256 of the verifier in base64url, for the method S256. */
  readonly challenge: string;
}

/** A new proof from 256 random bits, for one sign-in. */
export function createProofKey(): ProofKey {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}
