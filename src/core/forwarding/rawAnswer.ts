import type { Header } from "../../protocol/capturedRequest.ts";
import type { HttpFault } from "./httpFault.ts";
import { pairs } from "./requestHead.ts";
import { keptAnswerBytes } from "./sendOutcome.ts";

/** What a handler answered. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** The first {@link keptAnswerBytes} of it. */
  readonly body: Uint8Array;
  /** How long the whole body was. */
  readonly bytes: number;
  /** What it does that HTTP does not allow. */
  readonly fault?: HttpFault;
}

/** What of Node's answer is read here. */
export interface AnswerStream extends AsyncIterable<unknown> {
  readonly statusCode?: number | undefined;
  readonly rawHeaders: readonly string[];
}

/** Reads an answer to its end, be that too early; rejects where `signal` aborts before. */
export async function readAnswer(response: AnswerStream, signal: AbortSignal): Promise<RawAnswer> {
  const kept: Buffer[] = [];
  let bytes = 0;
  const answer = (): RawAnswer => ({
    ...{ status: response.statusCode ?? 0, headers: pairs(response.rawHeaders), body: Buffer.concat(kept), bytes },
  });
  try {
    for await (const chunk of response) {
      const piece = Buffer.from(chunk as Uint8Array);
      const room = keptAnswerBytes - bytes;
      if (room > 0) kept.push(piece.subarray(0, room));
      bytes += piece.byteLength;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...answer(), fault: { kind: "cut-short", said: lengthIn(response.rawHeaders), came: bytes } };
  }
  return answer();
}

function lengthIn(rawHeaders: readonly string[]): number | undefined {
  const length = pairs(rawHeaders).find(([name]) => name.toLowerCase() === "content-length")?.[1];
  return length === undefined ? undefined : Number(length);
}
