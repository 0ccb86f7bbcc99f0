import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { utf8Decode } from "../base/bytes.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { MemoryBudget } from "./memoryBudget.ts";
import { readBody } from "./readBody.ts";
import { type RelayFailure, failures } from "./respond.ts";

/** Enough for a key with what is around it. */
const smallBytes = 1024;

/** The text of a body of at most `maxBodyBytes`; empty where there is none. */
export async function readSmallBody(
  request: IncomingMessage,
  maxBodyBytes = smallBytes,
): Promise<Result<string, RelayFailure>> {
  const body = await readBody(request, maxBodyBytes, new MemoryBudget(maxBodyBytes).hold());
  if (!body.ok) return fail(body.error === "too-large" ? failures.tooLarge : failures.unreadableBody);
  return succeed(utf8Decode(body.value));
}

/** What a small JSON body says; `malformed` where it is something else. */
export async function readJsonBody<T>(
  request: IncomingMessage,
  schema: v.GenericSchema<unknown, T>,
  malformed: RelayFailure,
  maxBodyBytes = smallBytes,
): Promise<Result<T, RelayFailure>> {
  const text = await readSmallBody(request, maxBodyBytes);
  return text.ok ? parseJsonBody(text.value, schema, malformed) : text;
}

export function parseJsonBody<T>(
  text: string,
  schema: v.GenericSchema<unknown, T>,
  malformed: RelayFailure,
): Result<T, RelayFailure> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return parsed.success ? succeed(parsed.output) : fail(malformed);
}
