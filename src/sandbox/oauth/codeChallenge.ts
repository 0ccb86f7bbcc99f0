import { createHash } from "node:crypto";

/** What was sent to the consent page (RFC 7636), for the token call to prove that it comes from the same program. */
export interface CodeChallenge {
  readonly method: "S256" | "plain";
  readonly value: string;
}

type Fields = Pick<ReadonlyMap<string, string>, "get">;

/** The challenge among the parameters of a consent request; undefined without one, and why where it is none. */
export function parseChallenge(fields: Fields): CodeChallenge | undefined | "malformed" {
  const value = fields.get("code_challenge");
  if (value === undefined) return undefined;
  const method = fields.get("code_challenge_method") ?? "plain";
  if (method !== "S256" && method !== "plain") return "malformed";
  return isVerifierText(value) ? { method, value } : "malformed";
}

/** Whether a token call's verifier is the one to the challenge. Without a challenge a verifier is not looked at. */
export function meetsChallenge(challenge: CodeChallenge | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined) return true;
  if (verifier === undefined || !isVerifierText(verifier)) return false;
  return challenge.value === (challenge.method === "plain" ? verifier : digestOf(verifier));
}

function isVerifierText(text: string): boolean {
  return /^[A-Za-z0-9\-._~]{43,128}$/.test(text);
}

function digestOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}
