import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { utf8Decode } from "../../base/bytes.ts";

/** One request as the handlers see it: read to the end, address taken apart, nothing interpreted yet. */
export interface SandboxRequest {
  readonly method: string;
  /** Path without the query, percent-decoding left to the router. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Larger than any body Zoho takes on the calls that exist here (100 records, 50 subscriptions). */
const largestBody = 4 * 1024 * 1024;

/** Reads the whole request; undefined when its body is larger than {@link largestBody} bytes. Rejects when it breaks off. */
export async function readRequest(message: IncomingMessage): Promise<SandboxRequest | undefined> {
  const body = await readBody(message);
  if (body === undefined) return undefined;
  const url = message.url ?? "/";
  const questionMark = url.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: questionMark < 0 ? url : url.slice(0, questionMark),
    query: new URLSearchParams(questionMark < 0 ? "" : url.slice(questionMark + 1)),
    headers: message.headers,
    body,
  };
}

async function readBody(message: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= largestBody) chunks.push(chunk);
  }
  return size > largestBody ? undefined : Buffer.concat(chunks);
}

export function bodyText(request: SandboxRequest): string {
  return utf8Decode(request.body);
}
