import { assertNever } from "../../base/assertNever.ts";
import { utf8Encode } from "../../base/bytes.ts";
import type { EventDetail, EventRow } from "../../protocol/inspector.ts";
import { readRequest } from "../events/readEvent.ts";
import { redactHeader, redactJson, redactParameters, redactText } from "./redaction.ts";

/** Parts of an event that a model asks for by name; the summary is always there. */
export const eventParts = ["body", "request", "changes", "attempts"] as const;
export type EventPart = (typeof eventParts)[number];

export interface ReportOptions {
  readonly parts: readonly EventPart[];
  /** Of a longer body only so many characters. */
  readonly longestBody: number;
  /** Channel tokens that the editor knows. */
  readonly secrets: readonly string[];
}

/** Behind the end of what is shown: enough that a secret is seen whole before the text is cut. */
const redactionMargin = 4_096;
const mostHeaders = 60;
const mostAttempts = 10;
const mostChanges = 100;
const mostNames = 100;
const longestValue = 2_000;

/** An event as a model reads it: bounded, and without secrets. */
export function reportEvent(detail: EventDetail, options: ReportOptions): Readonly<Record<string, unknown>> {
  const known = [...options.secrets, ...tokenOf(detail)];
  const wants = (part: EventPart): boolean => options.parts.includes(part);
  return {
    ...reportRow(detail.row, known),
    meaning: redactText(detail.explanation, known),
    ...(detail.warning === undefined ? {} : { warning: redactText(detail.warning, known) }),
    ...(detail.serverTime === undefined ? {} : { changedAt: instant(detail.serverTime) }),
    ...(detail.subscription === undefined ? {} : { subscription: detail.subscription.label }),
    ...(detail.parentId === undefined ? {} : { madeFromEvent: detail.parentId }),
    ...(wants("request") ? { request: reportRequest(detail, known) } : {}),
    ...(wants("body") ? { body: reportBody(detail, known, options.longestBody) } : {}),
    ...(wants("changes") ? { changes: reportChanges(detail, known) } : {}),
    ...(wants("attempts") ? { attempts: reportAttempts(detail, known) } : {}),
  };
}

function reportRow({ id, receivedAt, bytes, content, source, pinned, handling }: EventRow, known: readonly string[]) {
  return {
    id,
    receivedAt: instant(receivedAt),
    bytes,
    ...reportContent(content, known),
    ...(source === undefined ? {} : { source }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(handling === undefined ? {} : { handling }),
  };
}

function reportContent(content: EventRow["content"], known: readonly string[]): Readonly<Record<string, unknown>> {
  switch (content.kind) {
    case "notification": {
      const { recordIds, changedFields, ...rest } = content;
      return { ...rest, recordIds: first(recordIds, mostNames), changedFields: first(changedFields, mostNames) };
    }
    case "recovered":
      return { ...content, changedAt: instant(content.changedAt) };
    case "other":
      return { ...content, path: redactText(content.path, known) };
    case "unreadable":
    case "gap":
      return content;
    default:
      return assertNever(content);
  }
}

function reportRequest({ request }: EventDetail, known: readonly string[]): Readonly<Record<string, unknown>> {
  const { method, path, query, headers } = request;
  return {
    method,
    path: shorten(redactText(path, known)),
    query: shorten(redactParameters(query, known)),
    headers: first(
      headers.map(header => redactHeader(header, known).map(shorten)),
      mostHeaders,
    ),
  };
}

function reportBody({ body, row }: EventDetail, known: readonly string[], longest: number): unknown {
  if (body.text === undefined) return { kind: "binary", bytes: row.bytes };
  const redactedText = redactBody(body.text.slice(0, longest + redactionMargin), known);
  const isCut = body.truncated || redactedText.length > longest;
  return { kind: "text", text: redactedText.slice(0, longest), ...(isCut ? { cut: true } : {}) };
}

function redactBody(text: string, known: readonly string[]): string {
  return redactParameters(redactJson(text, known), known);
}

function reportChanges({ changes = [] }: EventDetail, known: readonly string[]): unknown {
  const hide = (value: string | undefined): string | undefined => value && shorten(redactJson(value, known));
  const shown = changes.map(change => {
    const { before, after, ...rest } = change;
    return { ...rest, before: hide(before), after: hide(after) };
  });
  return first(shown, mostChanges);
}

function reportAttempts({ attempts = [] }: EventDetail, known: readonly string[]): unknown {
  const shown = attempts.slice(-mostAttempts).map(({ answer, target, startedAt, ...rest }) => ({
    ...rest,
    startedAt: instant(startedAt),
    target: redactParameters(target, known),
    ...(answer === undefined
      ? {}
      : { answer: { bytes: answer.bytes, text: shorten(redactBody(answer.text.slice(0, longestValue * 2), known)) } }),
  }));
  return first(shown, mostAttempts);
}

/** The event's own token: Zoho repeats it in every delivery, and a handler may log it into its answer. */
function tokenOf({ body, request }: EventDetail): string[] {
  if (body.text === undefined || body.truncated) return [];
  const reading = readRequest({ ...request, body: utf8Encode(body.text) });
  const token = reading.kind === "notification" ? reading.notification.token : undefined;
  return token === undefined ? [] : [token];
}

function first<T>(list: readonly T[], most: number): readonly (T | string)[] {
  return list.length <= most ? list : [...list.slice(0, most), `… and ${list.length - most} more`];
}

function shorten(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (cut)`;
}

/** Zoho's time of a change can be out of what a date can be. */
function instant(milliseconds: number): string | number {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? milliseconds : date.toISOString();
}
