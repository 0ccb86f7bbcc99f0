import { STATUS_CODES } from "node:http";
import type { TextParts } from "../../base/shell.ts";
import type { Header } from "../../protocol/capturedRequest.ts";
import type { Attempt } from "../../protocol/event.ts";
import { handlerUrl } from "./handlerUrl.ts";
import { type OutgoingBody, type OutgoingRequest, headerValue, isSecretHeader } from "./outgoingRequest.ts";

/** An event for an HTTP Archive. */
export interface HarEvent {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly request: OutgoingRequest;
  /** Each becomes an entry of its own; an event without any is one entry without an answer. */
  readonly attempts: readonly Attempt[];
}

/** What stands in an archive where a secret was. */
const hiddenInHar = "(hidden)";

/** The beginning of an archive (HAR 1.2), up to its first entry; entries follow with commas between, then {@link harEnd}. */
export function harStart(creatorVersion: string): string {
  const creator = { name: "Zoho CRM Notifications for VS Code", version: creatorVersion };
  return `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[`;
}

export const harEnd = "]}}";

/** The whole archive of a few events, indented. */
export function harOf(events: readonly HarEvent[], creatorVersion: string, handler: string): string {
  const entries = events.flatMap(event => harEntries(event, handler));
  const text = `${harStart(creatorVersion)}${entries.map(entry => JSON.stringify(entry)).join(",")}${harEnd}`;
  return JSON.stringify(JSON.parse(text), undefined, 2);
}

/** What HAR 1.2 says of one exchange; members that begin with "_" are ours, as it allows. */
export type HarEntry = Readonly<Record<string, unknown>>;

/** The entries of one event. `handler` is the address of a handler that an event was not sent to yet. */
export function harEntries(event: HarEvent, handler: string): readonly HarEntry[] {
  return event.attempts.length === 0
    ? [entryOf(event, handler, undefined)]
    : event.attempts.map(attempt => entryOf(event, attempt.target, attempt));
}

function entryOf({ id, receivedAt, request }: HarEvent, handler: string, attempt: Attempt | undefined): HarEntry {
  const time = attempt?.milliseconds ?? 0;
  return {
    startedDateTime: new Date(attempt?.startedAt ?? receivedAt).toISOString(),
    time,
    request: harRequest(request, handler),
    response: harResponse(attempt),
    cache: {},
    timings: { send: 0, wait: time, receive: 0 },
    _zohoCrmEvent: { id, receivedAt: new Date(receivedAt).toISOString() },
  };
}

function harRequest(request: OutgoingRequest, handler: string): HarEntry {
  const { method, headers, body } = request;
  const url = visible(handlerUrl(handler, request));
  return {
    method,
    url,
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: harHeaders(headers),
    queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value })),
    ...(body.kind === "none" ? {} : { postData: postData(body, headerValue(headers, "content-type")) }),
    headersSize: -1,
    bodySize: sizeOf(body),
  };
}

/** The format knows no binary requests: their base64 is marked as such, in the way of `content`. */
function postData(body: Exclude<OutgoingBody, { kind: "none" }>, mimeType: string): HarEntry {
  if (body.kind === "text") return { mimeType, text: visible(body.parts) };
  return { mimeType, text: Buffer.from(body.bytes).toString("base64"), _encoding: "base64" };
}

/** Where there was no answer the status is 0, as browsers write it. */
function harResponse(attempt: Attempt | undefined): HarEntry {
  const status = attempt?.status ?? 0;
  const answer = attempt?.answer;
  const headers = (answer?.headers ?? []).map((header): Header => header);
  const problem = attempt?.problem;
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: harHeaders(headers.map(([name, value]) => [name, isSecretHeader(name) ? hiddenInHar : value])),
    content: {
      size: answer?.bytes ?? 0,
      mimeType: headerValue(headers, "content-type"),
      ...(answer === undefined ? {} : { text: answer.text }),
    },
    redirectURL: headerValue(headers, "location"),
    headersSize: -1,
    bodySize: answer?.bytes ?? -1,
    ...(problem === undefined ? {} : { _error: problem }),
  };
}

function harHeaders(headers: readonly Header[]): readonly HarEntry[] {
  return headers.map(([name, value]) => ({ name, value }));
}

function visible(parts: TextParts): string {
  return parts.map(part => (typeof part === "string" ? part : hiddenInHar)).join("");
}

function sizeOf(body: OutgoingBody): number {
  if (body.kind === "none") return 0;
  return body.kind === "bytes" ? body.bytes.byteLength : Buffer.byteLength(visible(body.parts));
}
