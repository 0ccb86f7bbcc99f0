import { utf8Decode } from "../../../base/bytes.ts";

/** A part of a body; see the inspector protocol's `body`. */
export interface BodySlice {
  readonly from: number;
  readonly next: number;
  readonly text?: string;
  readonly base64?: string;
}

/** How many bytes of text, and of other bytes, one slice has; the latter by three, so that Base64 can be put together. */
const textSlice = 1024 * 1024;
const binarySlice = 3 * 256 * 1024;

/** The part of a body from the byte `from` on. A slice of text never ends within a character. */
export function sliceBody(body: Uint8Array, from: number, isText: boolean): BodySlice {
  if (!isText) {
    const part = body.subarray(from, from + binarySlice);
    return { from, next: from + part.byteLength, base64: Buffer.from(part).toString("base64") };
  }
  const next = startOfCharacter(body, Math.min(from + textSlice, body.byteLength));
  const text = utf8Decode(body.subarray(from, next));
  return { from, next, text };
}

/** Goes back over the bytes that continue a character. */
function startOfCharacter(body: Uint8Array, at: number): number {
  let start = at;
  while (start < body.byteLength && ((body[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}
