import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { utf8Decode } from "../base/bytes.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { sealingKeySchema } from "../protocol/sealing.ts";
import { MemoryBudget } from "./memoryBudget.ts";
import { readBody } from "./readBody.ts";
import { type RelayFailure, failures } from "./respond.ts";

const maxBodyBytes = 1024;
const bodySchema = v.pipe(v.string(), v.parseJson(), v.object({ publicKey: v.optional(sealingKeySchema) }));

/** The public key in the body of a request; undefined when there is no body, or no key in it. */
export async function readPublicKey(request: IncomingMessage): Promise<Result<string | undefined, RelayFailure>> {
  const body = await readBody(request, maxBodyBytes, new MemoryBudget(maxBodyBytes).hold());
  if (!body.ok) return fail(body.error === "too-large" ? failures.tooLarge : failures.unreadableBody);
  if (body.value.byteLength === 0) return succeed(undefined);
  const parsed = v.safeParse(bodySchema, utf8Decode(body.value));
  return parsed.success ? succeed(parsed.output.publicKey) : fail(failures.malformedPublicKey);
}
