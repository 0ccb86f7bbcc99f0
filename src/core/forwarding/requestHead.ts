import type { Header } from "../../protocol/capturedRequest.ts";

/** The headers that begin and end the head of a request to `host`: equal on every way that it may take. */
export function headOf(
  {
    method,
    headers,
    body,
  }: { readonly method: string; readonly headers: readonly Header[]; readonly body: Uint8Array },
  host: string,
): readonly Header[] {
  return [["Host", host], ...headers, ...framing(method, body)];
}

/** Node would choose these by the method; a length is said wherever there may be a body. */
function framing(method: string, body: Uint8Array): readonly Header[] {
  const hasLength = body.byteLength > 0 || !["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"].includes(method);
  const length: readonly Header[] = hasLength ? [["Content-Length", String(body.byteLength)]] : [];
  return [...length, ["Connection", "close"]];
}

/** As Node's client takes headers that it is to write as they are. */
export function flat(headers: readonly Header[]): readonly string[] {
  return headers.flatMap(([name, value]) => [name, value]);
}

/** The same back. */
export function pairs(raw: readonly string[]): readonly Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""]);
}
