import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { type Result, succeed } from "../base/result.ts";
import { sealingKeySchema } from "../protocol/sealing.ts";
import { parseJsonBody, readSmallBody } from "./readJsonBody.ts";
import { type RelayFailure, failures } from "./respond.ts";

const bodySchema = v.object({ publicKey: v.optional(sealingKeySchema) });

/** The public key in the body of a request; undefined when there is no body, or no key in it. */
export async function readPublicKey(request: IncomingMessage): Promise<Result<string | undefined, RelayFailure>> {
  const text = await readSmallBody(request);
  if (!text.ok) return text;
  if (text.value === "") return succeed(undefined);
  const parsed = parseJsonBody(text.value, bodySchema, failures.malformedPublicKey);
  return parsed.ok ? succeed(parsed.value.publicKey) : parsed;
}
