import type { IncomingMessage } from "node:http";
import { BodyBuffer } from "./bodyBuffer.ts";
import type { MemoryHold } from "./memoryBudget.ts";
import { type Result, fail, succeed } from "../base/result.ts";

/** Why there is no body: more bytes than allowed, no room for them now, or the sender left before the end. */
export type BodyFailure = "too-large" | "no-room" | "incomplete";

/** Bytes read past the limit and thrown away, so that a sender that is still writing gets to see the refusal. */
const lingerBytes = 16 * 1024 * 1024;

type BodyListener = (body: Result<Uint8Array, BodyFailure>) => void;

/**
 * The whole body of a request, if it has at most `limit` bytes. Never holds more than that, counts what it holds in
 * `held`, and never rejects.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  held: MemoryHold,
): Promise<Result<Uint8Array, BodyFailure>> {
  return new Promise(resolve => receiveBody(request, limit, held, resolve));
}

/** The same for a listener, who hears once. */
export function receiveBody(request: IncomingMessage, limit: number, held: MemoryHold, listener: BodyListener): void {
  const body = new BodyBuffer(Math.min(limit, declaredLength(request)), held);
  let length = 0;
  let keeps = true;
  let settled = false;
  const settle: BodyListener = outcome => {
    if (settled) return;
    settled = true;
    listener(outcome);
  };
  request.on("data", (chunk: Buffer) => {
    length += chunk.byteLength;
    if (keeps && (length > limit || !body.add(chunk))) {
      keeps = false;
      body.clear();
    }
    if (length > limit + lingerBytes) settle(fail("too-large"));
  });
  request.on("end", () => {
    if (keeps) settle(succeed(body.bytes));
    else settle(fail(length > limit ? "too-large" : "no-room"));
  });
  request.on("error", () => settle(fail("incomplete")));
  request.on("close", () => settle(fail("incomplete")));
}

/** What the head says of the body's length, which only chunks leave open. */
function declaredLength({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? Infinity);
}
