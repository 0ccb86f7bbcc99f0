import type { IncomingMessage } from "node:http";
import type { MemoryHold } from "./memoryBudget.ts";
import { type Result, fail, succeed } from "../base/result.ts";

/** Why there is no body: more bytes than allowed, no room for them now, or the sender left before the end. */
export type BodyFailure = "too-large" | "no-room" | "incomplete";

/** Bytes read past the limit and thrown away, so that a sender that is still writing gets to see the refusal. */
const lingerBytes = 16 * 1024 * 1024;

const emptyBody = new Uint8Array(0);

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
  const chunks: Buffer[] = [];
  let length = 0;
  let keeps = true;
  let settled = false;
  const settle: BodyListener = body => {
    if (settled) return;
    settled = true;
    listener(body);
  };
  request.on("data", (chunk: Buffer) => {
    length += chunk.byteLength;
    keeps &&= length <= limit && held.add(chunk.byteLength);
    if (keeps) {
      chunks.push(chunk);
    } else {
      chunks.length = 0;
      held.release();
    }
    if (length > limit + lingerBytes) settle(fail("too-large"));
  });
  request.on("end", () => {
    if (keeps) settle(succeed(joined(chunks, length)));
    else settle(fail(length > limit ? "too-large" : "no-room"));
  });
  request.on("error", () => settle(fail("incomplete")));
  request.on("close", () => settle(fail("incomplete")));
}

function joined(chunks: readonly Buffer[], length: number): Uint8Array {
  const [first] = chunks;
  if (first === undefined) return emptyBody;
  return chunks.length === 1 ? first : Buffer.concat(chunks, length);
}
