import type { TextParts } from "../../base/shell.ts";
import type { Steps } from "../../base/steps.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import { type RedactedBody, type Redaction, exactBody, headersOfRewritten } from "../events/redaction.ts";
import { endToEndHeaders } from "../forwarding/outgoingHeaders.ts";

/** Whether what leaves the editor has the token of the channel and credentials in it. */
export type Secrets = "hidden" | "shown";

/** A request on its way into the words of another tool: what is secret is left to a variable, or left out. */
export interface OutgoingRequest {
  readonly method: string;
  /** What follows the address of the handler. */
  readonly path: string;
  readonly query: TextParts;
  readonly headers: readonly Header[];
  readonly body: RedactedBody;
}

/**
 * The request as it is handed on: without its secrets, or as it is where there is no `redaction`. In steps, as a large
 * body takes its time.
 */
export function outgoing(request: CapturedRequest, redaction: Redaction | undefined): Steps<OutgoingRequest> {
  return outgoingWhole({ ...request, headers: endToEndHeaders(request.headers) }, redaction);
}

/** The same with the headers of the connection that the request came by. */
export function* outgoingWhole(request: CapturedRequest, redaction: Redaction | undefined): Steps<OutgoingRequest> {
  const { method, path, query, headers, body } = request;
  if (redaction === undefined) return { method, path, query: [query], headers, body: exactBody(body) };
  const own = redaction.of(request);
  const redacted = yield* own.body(request);
  const isAsSent = redacted.kind === "none" || isSame(redacted, exactBody(body));
  return {
    method,
    path: own.path(path),
    query: own.fields(query),
    headers: own.headers(isAsSent ? headers : headersOfRewritten(headers), "left-out"),
    body: redacted,
  };
}

/** The value of the first header of that name; empty where there is none. */
export function headerValue(headers: readonly Header[], name: string): string {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? "";
}

function isSame(one: RedactedBody, other: RedactedBody): boolean {
  if (one.kind === "text" && other.kind === "text") return one.parts.length === 1 && one.parts[0] === other.parts[0];
  return one.kind === "bytes" && other.kind === "bytes";
}
