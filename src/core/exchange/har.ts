import { STATUS_CODES } from "node:http";
import type { Steps } from "../../base/steps.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import type { Attempt } from "../../protocol/event.ts";
import { type RedactedBody, type Redaction, rendered } from "../events/redaction.ts";
import { handlerUrl } from "./handlerUrl.ts";
import { type OutgoingRequest, headerValue, outgoing } from "./outgoingRequest.ts";

/** An event for an HTTP Archive. */
export interface HarEvent {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly request: OutgoingRequest;
  /** Each becomes an entry of its own, as it is given; an event without any is one entry without an answer. */
  readonly attempts: readonly Attempt[];
}

/**
 * An event with what was made of it, without secrets, or with everything where there is no `redaction`: in steps, as a
 * large one takes its time.
 */
export function* harEventOf(
  { id, receivedAt }: Pick<HarEvent, "id" | "receivedAt">,
  request: CapturedRequest,
  attempts: readonly Attempt[],
  redaction: Redaction | undefined,
): Steps<HarEvent> {
  const shown = yield* shownAttempts(attempts, redaction?.of(request));
  return { id, receivedAt, request: yield* outgoing(request, redaction), attempts: shown };
}

/** What was made of an event, without secrets where there is a `redaction`. */
export function* shownAttempts(
  attempts: readonly Attempt[],
  redaction: Redaction | undefined,
): Steps<readonly Attempt[]> {
  if (redaction === undefined) return attempts;
  const shown: Attempt[] = [];
  for (const attempt of attempts) {
    shown.push(redaction.attempt(attempt));
    yield undefined;
  }
  return shown;
}

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
    _zohoCrmEvent: {
      ...{ id, receivedAt: new Date(receivedAt).toISOString() },
      ...{ path: request.path, query: rendered(request.query, "mark") },
    },
  };
}

function harRequest(request: OutgoingRequest, handler: string): HarEntry {
  const { method, headers, body } = request;
  const url = rendered(handlerUrl(handler, request), "mark");
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
function postData(body: Exclude<RedactedBody, { kind: "none" }>, mimeType: string): HarEntry {
  if (body.kind === "text") return { mimeType, text: rendered(body.parts, "mark") };
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
    headers: harHeaders(headers),
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

function sizeOf(body: RedactedBody): number {
  if (body.kind === "none") return 0;
  return body.kind === "bytes" ? body.bytes.byteLength : Buffer.byteLength(rendered(body.parts, "mark"));
}
