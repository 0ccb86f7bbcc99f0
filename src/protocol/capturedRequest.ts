import * as v from "valibot";
import { type Allocate, allocateBytes, setUint32, utf8DecodeStrict, utf8Encode } from "../base/bytes.ts";
import { type Result, fail, succeed } from "../base/result.ts";

/** One HTTP request as the relay took it from the network: nothing added, nothing normalised, nothing left out. */
export interface CapturedRequest {
  readonly method: string;
  /** What followed the ingest address: empty, or beginning with "/"; percent-encoding as sent. */
  readonly path: string;
  /** What followed "?", as sent; empty when there was none. */
  readonly query: string;
  /** Name and value in the order, letter case and number in which they came; values are bytes read as Latin-1. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export type Header = readonly [name: string, value: string];

/** The first value of a header, whatever the letter case of its name. */
export function headerValue({ headers }: Pick<CapturedRequest, "headers">, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([each]) => each.toLowerCase() === wanted)?.[1];
}

/** A header that is a list, whatever the letter case of its name: lines of one name are one list (RFC 9110, 5.3). */
export function headerList({ headers }: Pick<CapturedRequest, "headers">, name: string): string {
  const wanted = name.toLowerCase();
  return headers.flatMap(([each, value]) => (each.toLowerCase() === wanted ? [value] : [])).join(", ");
}

const headSchema = v.strictObject({
  method: v.string(),
  path: v.string(),
  query: v.string(),
  headers: v.array(v.pipe(v.strictTuple([v.string(), v.string()]), v.readonly())),
});

const lengthBytes = 4;

/**
 * The request as one run of bytes: a big-endian 32-bit length, that many bytes of UTF-8 JSON with everything but the
 * body, then the body. This is what a relay stores and streams, and what sealing covers (docs/relay-protocol.md). All of
 * what `allocate` gives is written.
 */
export function encodeCapturedRequest(request: CapturedRequest, allocate: Allocate = allocateBytes): Uint8Array {
  const { method, path, query, headers, body } = request;
  const head = utf8Encode(JSON.stringify({ method, path, query, headers }));
  const bytes = allocate(lengthBytes + head.byteLength + body.byteLength);
  setUint32(bytes, 0, head.byteLength);
  bytes.set(head, lengthBytes);
  bytes.set(body, lengthBytes + head.byteLength);
  return bytes;
}

/** The reverse of {@link encodeCapturedRequest}; the error says which part is malformed. The body is a view, not a copy. */
export function decodeCapturedRequest(bytes: Uint8Array): Result<CapturedRequest, string> {
  if (bytes.byteLength < lengthBytes) return fail("captured request: shorter than its length field");
  const headLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const bodyStart = lengthBytes + headLength;
  if (bodyStart > bytes.byteLength) return fail("captured request: head runs past the end");
  const head = decodeHead(bytes.subarray(lengthBytes, bodyStart));
  return head === undefined
    ? fail("captured request: malformed head")
    : succeed({ ...head, body: bytes.subarray(bodyStart) });
}

function decodeHead(bytes: Uint8Array): v.InferOutput<typeof headSchema> | undefined {
  const text = utf8DecodeStrict(bytes);
  if (text === undefined) return undefined;
  try {
    const parsed = v.safeParse(headSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
