import type { Header } from "../../protocol/capturedRequest.ts";
import { forwardedHeader } from "../events/forwardable.ts";

/** What a handler is told beside what Zoho said, so that it can tell repetitions apart. */
export const markHeaders = {
  /** The event's id in the history of this machine; the same however often it is sent. */
  event: forwardedHeader,
  /** The event's place in its relay channel. */
  sequence: "X-Zoho-Crm-Notifications-Sequence",
  /** 1 for the first sending of the event, then one more for each. */
  attempt: "X-Zoho-Crm-Notifications-Attempt",
  /** `true` where a person or a fixture had it sent. */
  replay: "X-Zoho-Crm-Notifications-Replay",
} as const;

/** Values of {@link markHeaders}; those that do not apply are left out. */
export interface Marks {
  readonly event?: number;
  readonly sequence?: number;
  readonly attempt?: number;
  readonly replay?: true;
}

/** About one connection or one hop, not about the message (RFC 9110, 7.6.1), or made anew for the handler. */
const notPassedOn: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "content-length",
  ...Object.values(markHeaders).map(name => name.toLowerCase()),
]);

/** Whether a header of this name is about the message, and not about the connection. */
export function isPassedOn(name: string): boolean {
  return !notPassedOn.has(name.toLowerCase());
}

/** Headers with others in the place of those of the same names. */
export function withHeaders(headers: readonly Header[], others: readonly Header[]): readonly Header[] {
  const names = new Set(others.map(([name]) => name.toLowerCase()));
  return [...headers.filter(([name]) => !names.has(name.toLowerCase())), ...others];
}

/** The headers as they came, duplicates and order kept, less those of the connection that they came by. */
export function endToEndHeaders(headers: readonly Header[]): readonly Header[] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(","))
    .map(name => name.trim().toLowerCase());
  const dropped = new Set([...notPassedOn, ...named]);
  return headers.filter(([name]) => !dropped.has(name.toLowerCase()));
}

/** The marks as headers, in a fixed order. */
export function headersOf(marks: Marks): readonly Header[] {
  const { event, sequence, attempt, replay } = marks;
  return Object.entries({ event, sequence, attempt, replay }).flatMap(([key, value]) =>
    value === undefined || !isMark(key) ? [] : [[markHeaders[key], String(value)] as const],
  );
}

function isMark(key: string): key is keyof typeof markHeaders {
  return Object.hasOwn(markHeaders, key);
}
