import type { Header } from "../protocol/capturedRequest.ts";
import { type IngestTarget, parseIngestTarget } from "./ingestTarget.ts";

/** A request to an ingest address of which there is only one reading, and which is here whole. */
export interface PlainRequest {
  readonly target: IngestTarget;
  readonly headers: readonly Header[];
  /** A view on what was read. */
  readonly body: Uint8Array;
}

export interface PlainRequestLimits {
  readonly maxHeadBytes: number;
  readonly maxHeaders: number;
  readonly maxBodyBytes: number;
}

const requestLine = /POST (\/in\/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*) HTTP\/1\.1\r\n/y;
const headerLine = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)\r\n/y;
const wholeNumber = /^\d{1,9}$/;
/** Of names that change how a request is read or answered: node:http knows what they mean. */
const special = /^(?:transfer-encoding|expect|upgrade|proxy-connection|trailer)$/i;
const endOfHead = "\r\n\r\n";

/**
 * Reads `bytes` if they are exactly one request, `POST /in/…`, as plain as nearly all of them are: HTTP/1.1, one Host,
 * one Content-Length, nothing that HTTP gives a meaning beyond its own. Anything else is undefined, also what is wrong
 * and what is merely unusual: there is node:http for that.
 */
export function parsePlainRequest(bytes: Buffer, limits: PlainRequestLimits): PlainRequest | undefined {
  // "P", so that little is spent on what comes from elsewhere.
  if (bytes[0] !== 0x50) return undefined;
  const end = bytes.indexOf(endOfHead);
  if (end === -1 || end > limits.maxHeadBytes) return undefined;
  const head = bytes.toString("latin1", 0, end + 2);
  requestLine.lastIndex = 0;
  const target = parseIngestTarget(requestLine.exec(head)?.[1] ?? "");
  if (target === undefined) return undefined;
  const fields = parseFields(head, requestLine.lastIndex, limits.maxHeaders);
  const bodyStart = end + endOfHead.length;
  if (fields === undefined || fields.length > limits.maxBodyBytes) return undefined;
  if (bytes.byteLength !== bodyStart + fields.length) return undefined;
  return { target, headers: fields.headers, body: bytes.subarray(bodyStart) };
}

interface Fields {
  readonly headers: readonly Header[];
  /** What Content-Length says. */
  readonly length: number;
}

function parseFields(head: string, start: number, maxHeaders: number): Fields | undefined {
  const headers: Header[] = [];
  let hosts = 0;
  let length: number | undefined;
  headerLine.lastIndex = start;
  while (headerLine.lastIndex < head.length) {
    const [, name, raw] = headerLine.exec(head) ?? [];
    if (name === undefined || raw === undefined || headers.length === maxHeaders || special.test(name))
      return undefined;
    const value = trimmed(raw);
    headers.push([name, value]);
    if (isNamed(name, "host")) hosts += 1;
    else if (isNamed(name, "connection") && !isNamed(value, "keep-alive")) return undefined;
    else if (isNamed(name, "content-length")) {
      if (length !== undefined || !wholeNumber.test(value)) return undefined;
      length = Number(value);
    }
  }
  return hosts === 1 && length !== undefined ? { headers, length } : undefined;
}

/** `expected` in lower case. */
function isNamed(name: string, expected: string): boolean {
  return name.length === expected.length && name.toLowerCase() === expected;
}

/** Without the blanks and tabs around it, as HTTP has it, and nothing else that text may have around it. */
function trimmed(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
