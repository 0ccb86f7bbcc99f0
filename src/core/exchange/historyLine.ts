import * as v from "valibot";
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { parseJson } from "../../base/json.ts";
import { JsonSource } from "../../base/jsonSource.ts";
import type { Steps } from "../../base/steps.ts";
import { type CapturedRequest, encodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import { type Attempt, operations } from "../../protocol/event.ts";
import type { ImportedEntry } from "../history/importLog.ts";
import { readEvent, requestOf } from "../events/readEvent.ts";
import { parseRecoveredPayload } from "../events/recoveredPayload.ts";
import type { StoredEvent, StoredRecovery, StoredRequest } from "../events/storedEvent.ts";
import { type RedactedBody, type Redaction, rendered } from "../events/redaction.ts";
import { shownAttempts } from "./har.ts";
import { type Secrets, outgoingWhole } from "./outgoingRequest.ts";

/**
 * A history in a file: JSON Lines, described in docs/export-format.md. The first line says what it is; each line after
 * that is an entry.
 */
const historyFormat = "zoho-crm-events";
export const historyVersion = 1;

/** The first line. */
export function headLine(exportedAt: number, secrets: Secrets): string {
  return JSON.stringify({
    format: historyFormat,
    version: historyVersion,
    exportedAt: new Date(exportedAt).toISOString(),
    secrets,
  });
}

/**
 * An entry as a line, without its line break; with everything that is in it where there is no `redaction`. In steps, as a
 * large one takes its time.
 */
export function* entryLine(
  event: StoredEvent,
  attempts: readonly Attempt[],
  redaction: Redaction | undefined,
): Steps<string> {
  const { sequence, source, pinned } = event;
  const common = { receivedAt: new Date(event.receivedAt).toISOString(), source, sequence, pinned };
  switch (event.kind) {
    case "gap":
      return JSON.stringify({ kind: "gap", ...common, count: event.count, reason: event.reason });
    case "recovered":
      return recoveredLine(event, common, redaction);
    default:
      return JSON.stringify({
        kind: "request",
        ...common,
        ...(yield* requestMembers(event, attempts, redaction)),
      });
  }
}

/** What is kept of the change is JSON already, and goes into the line as it is. */
function recoveredLine(event: StoredRecovery, common: object, redaction: Redaction | undefined): string {
  const { operation, recordId, subject } = event;
  const changedAt = new Date(event.changedAt).toISOString();
  const line = JSON.stringify({ kind: "recovered", ...common, operation, ...subject, recordId, changedAt });
  const isRead = readEvent(event).kind === "recovered";
  const kept = utf8Decode(event.payload);
  return isRead ? `${line.slice(0, -1)},"kept":${redaction?.marked(kept) ?? kept}}` : line;
}

function* requestMembers(
  event: StoredRequest,
  attempts: readonly Attempt[],
  redaction: Redaction | undefined,
): Steps<object> {
  const request = requestOf(readEvent(event));
  const own = request === undefined ? redaction : redaction?.of(request);
  const shown = yield* shownAttempts(attempts, own);
  return { ...(yield* storedMembers(event, request, own)), ...(shown.length === 0 ? {} : { attempts: shown }) };
}

/** In words that can be read where they give the same bytes again, or need not; sealed bytes stay sealed. */
function* storedMembers(
  { payload, unreadable }: StoredRequest,
  request: CapturedRequest | undefined,
  redaction: Redaction | undefined,
): Steps<object> {
  if (unreadable !== undefined) return { unreadable, sealed: base64(payload) };
  if (request === undefined)
    return redaction === undefined ? { payload: base64(payload) } : { leftOut: payload.byteLength };
  const words = yield* requestObject(request, redaction);
  return redaction !== undefined || isExact(words, payload) ? { request: words } : { payload: base64(payload) };
}

/** Whether words are read back to the same bytes. */
function isExact(words: object, payload: Uint8Array): boolean {
  const read = v.safeParse(requestSchema, words);
  return read.success && Buffer.from(encodeRequest(read.output)).equals(payload);
}

function* requestObject(request: CapturedRequest, redaction: Redaction | undefined): Steps<object> {
  const { method, path, query, headers, body } = yield* outgoingWhole(request, redaction);
  return { method, path, query: rendered(query, "placeholder"), headers, ...bodyMembers(body) };
}

function bodyMembers(body: RedactedBody): object {
  if (body.kind === "none") return {};
  return body.kind === "text" ? { text: rendered(body.parts, "placeholder") } : { base64: base64(body.bytes) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

const headSchema = v.object({ format: v.literal(historyFormat), version: v.number() });

/** The version of a history whose first line this is; undefined where it is none. */
export function versionOf(line: string): number | undefined {
  const json = parseJson(line);
  const head = json.ok ? v.safeParse(headSchema, json.value) : undefined;
  return head?.success === true ? head.output.version : undefined;
}

const instant = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform(text => Date.parse(text)),
);
const bytes = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text): Uint8Array => Buffer.from(text, "base64")),
);
const token = v.pipe(v.string(), v.regex(/^[\w!#$%&'*+.^`|~-]+$/));
const visibleText = v.pipe(v.string(), v.regex(/^[\u0021-\uffff]*$/));
const requestSchema = v.object({
  method: token,
  path: visibleText,
  query: visibleText,
  headers: v.array(v.strictTuple([token, v.pipe(v.string(), v.regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/))])),
  text: v.optional(v.string()),
  base64: v.optional(bytes),
});
const entrySchema = v.variant("kind", [
  v.object({
    kind: v.literal("request"),
    receivedAt: instant,
    unreadable: v.optional(v.picklist(["no-key", "damaged"])),
    sealed: v.optional(bytes),
    payload: v.optional(bytes),
    request: v.optional(requestSchema),
  }),
  v.object({
    kind: v.literal("recovered"),
    receivedAt: instant,
    operation: v.picklist(operations),
    module: v.string(),
    channelId: v.string(),
    recordId: v.string(),
    changedAt: instant,
    kept: v.record(v.string(), v.unknown()),
  }),
  v.object({ kind: v.literal("gap") }),
]);
type EntryLine = v.InferOutput<typeof entrySchema>;

/**
 * The entry that a line holds. `skipped`: a gap, which says something of the machine that it was exported from only;
 * `malformed`: none of ours.
 */
export function parseEntry(line: string): ImportedEntry | "skipped" | "malformed" {
  const json = parseJson(line);
  const parsed = json.ok ? v.safeParse(entrySchema, json.value) : undefined;
  if (parsed?.success !== true) return "malformed";
  const entry = parsed.output;
  if (entry.kind === "gap") return "skipped";
  return (entry.kind === "recovered" ? toRecovery(entry, line) : toRequest(entry)) ?? "malformed";
}

function toRequest(entry: EntryLine & { kind: "request" }): ImportedEntry | undefined {
  const { receivedAt, unreadable, sealed, request } = entry;
  const payload = sealed ?? entry.payload ?? (request === undefined ? undefined : encodeRequest(request));
  return payload === undefined ? undefined : { kind: "request", receivedAt, payload, unreadable };
}

function encodeRequest({ text, base64: binary, ...head }: v.InferOutput<typeof requestSchema>): Uint8Array {
  return encodeCapturedRequest({ ...head, body: binary ?? utf8Encode(text ?? "") });
}

function toRecovery(entry: EntryLine & { kind: "recovered" }, line: string): ImportedEntry | undefined {
  const { receivedAt, operation, module, channelId, recordId, changedAt } = entry;
  const source = JsonSource.parse(line);
  const kept = source.ok ? source.value.member(source.value.root, "kept") : undefined;
  const payload = source.ok && kept !== undefined ? parseRecoveredPayload(source.value.literal(kept)) : undefined;
  if (payload === undefined) return undefined;
  return { kind: "recovered", receivedAt, recovery: { operation, module, channelId, recordId, changedAt, payload } };
}
