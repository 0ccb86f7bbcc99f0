import { assertNever } from "../../base/assertNever.ts";
import { utf8Encode } from "../../base/bytes.ts";
import { given } from "../../base/given.ts";
import type { Attempt } from "../../protocol/event.ts";
import type { EventDetail, EventRow } from "../../protocol/inspector.ts";
import { Redaction, headersOfRewritten, rendered } from "../events/redaction.ts";

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
  const redaction = redactionFor(detail, options.secrets);
  const wants = (part: EventPart): boolean => options.parts.includes(part);
  return redaction.deep({
    ...reportRow(detail.row),
    meaning: detail.explanation,
    ...(detail.warning === undefined ? {} : { warning: detail.warning }),
    ...(detail.serverTime === undefined ? {} : { changedAt: instant(detail.serverTime) }),
    ...(detail.subscription === undefined ? {} : { subscription: detail.subscription.label }),
    ...(detail.parentId === undefined ? {} : { madeFromEvent: detail.parentId }),
    ...(wants("request") ? { request: reportRequest(detail, redaction) } : {}),
    ...(wants("body") ? { body: reportBody(detail, redaction, options.longestBody) } : {}),
    ...(wants("changes") ? { changes: reportChanges(detail, redaction) } : {}),
    ...(wants("attempts") ? { attempts: reportAttempts(detail, redaction) } : {}),
  });
}

function reportRow({ id, receivedAt, bytes, content, source, pinned, handling }: EventRow) {
  return {
    id,
    receivedAt: instant(receivedAt),
    bytes,
    ...reportContent(content),
    ...(source === undefined ? {} : { source }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(handling === undefined ? {} : { handling }),
  };
}

function reportContent(content: EventRow["content"]): Readonly<Record<string, unknown>> {
  switch (content.kind) {
    case "notification": {
      const { recordIds, moreRecords, changedFields, moreFields, ...rest } = content;
      return {
        ...rest,
        recordIds: first(recordIds, mostNames, moreRecords),
        changedFields: first(changedFields, mostNames, moreFields),
      };
    }
    case "recovered":
      return { ...content, changedAt: instant(content.changedAt) };
    case "other":
    case "unreadable":
    case "gap":
      return content;
    default:
      return assertNever(content);
  }
}

function reportRequest({ request }: EventDetail, redaction: Redaction): Readonly<Record<string, unknown>> {
  const { method, path, query, headers } = request;
  return {
    method,
    path: shorten(redaction.marked(path)),
    query: shorten(rendered(redaction.fields(query), "mark")),
    headers: first(
      redaction.headers(headers, "marks").map(header => header.map(shorten)),
      mostHeaders,
    ),
  };
}

function reportBody({ body, request, row }: EventDetail, redaction: Redaction, longest: number): unknown {
  if (body.text === undefined) return { kind: "binary", bytes: row.bytes };
  const shown = body.text.slice(0, longest + redactionMargin);
  const redactedText = rendered(redaction.typed(shown, contentTypeOf(request.headers)), "mark");
  const isCut = body.truncated || redactedText.length > longest;
  return { kind: "text", text: redactedText.slice(0, longest), ...(isCut ? { cut: true } : {}) };
}

function reportChanges({ changes = [] }: EventDetail, redaction: Redaction): unknown {
  const shown = changes.map(({ before, after, now, ...rest }) => {
    const hide = (value: string | undefined): string | undefined =>
      value && shorten(redaction.named(rest.field, value));
    return { ...rest, ...given({ before: hide(before), after: hide(after), now: hide(now) }) };
  });
  return first(shown, mostChanges);
}

function reportAttempts({ attempts = [] }: EventDetail, redaction: Redaction): unknown {
  const shown = attempts.slice(-mostAttempts).map(({ answer, target, startedAt, ...rest }) => ({
    ...rest,
    startedAt: instant(startedAt),
    target: redaction.marked(target),
    ...(answer === undefined ? {} : { answer: { bytes: answer.bytes, text: shorten(answerText(answer, redaction)) } }),
  }));
  return first(shown, mostAttempts);
}

function answerText({ headers, text }: NonNullable<Attempt["answer"]>, redaction: Redaction): string {
  return rendered(redaction.typed(text.slice(0, longestValue * 2), contentTypeOf(headers)), "mark");
}

function contentTypeOf(headers: readonly (readonly [name: string, value: string])[]): string {
  return headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? "";
}

/** The event's own token: Zoho repeats it in every delivery, and a handler may log it into its answer. */
function redactionFor({ body, request }: EventDetail, secrets: readonly string[]): Redaction {
  const redaction = new Redaction(secrets);
  if (body.text === undefined || body.truncated) return redaction;
  return redaction.of({ ...request, headers: headersOfRewritten(request.headers), body: utf8Encode(body.text) });
}

function first<T>(list: readonly T[], most: number, beyond = 0): readonly (T | string)[] {
  const more = Math.max(0, list.length - most) + beyond;
  return more === 0 ? list : [...list.slice(0, most), `… and ${more} more`];
}

function shorten(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (cut)`;
}

/** Zoho's time of a change can be out of what a date can be. */
function instant(milliseconds: number): string | number {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? milliseconds : date.toISOString();
}
