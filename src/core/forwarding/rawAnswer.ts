import type { Header } from "../../protocol/capturedRequest.ts";
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
}

/** What of Node's answer is read here. */
export interface AnswerStream extends AsyncIterable<unknown> {
  readonly statusCode?: number | undefined;
  readonly rawHeaders: readonly string[];
}

/** Reads an answer to its end. */
export async function readAnswer(response: AnswerStream): Promise<RawAnswer> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = Buffer.from(chunk as Uint8Array);
    const room = keptAnswerBytes - bytes;
    if (room > 0) kept.push(piece.subarray(0, room));
    bytes += piece.byteLength;
  }
  return { status: response.statusCode ?? 0, headers: pairs(response.rawHeaders), body: Buffer.concat(kept), bytes };
}
