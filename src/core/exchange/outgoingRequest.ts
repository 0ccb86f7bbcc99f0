import { exactText } from "../../base/bytes.ts";
import type { TextParts } from "../../base/shell.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import { channelTokenVariable, splitAtTokens } from "../../zoho/hiddenTokens.ts";
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
  readonly body: OutgoingBody;
}

export type OutgoingBody =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly parts: TextParts }
  /** No UTF-8, or with a byte order mark, which readers of text drop. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** The request as it is handed on, with or without its secrets. */
export function outgoing(request: CapturedRequest, secrets: Secrets): OutgoingRequest {
  return outgoingWhole({ ...request, headers: endToEndHeaders(request.headers) }, secrets);
}

/** The same with the headers of the connection that the request came by. */
export function outgoingWhole(request: CapturedRequest, secrets: Secrets): OutgoingRequest {
  const { method, path, query, headers, body } = request;
  if (secrets === "shown") return { method, path, query: [query], headers, body: bodyOf(body, text => [text]) };
  return {
    method,
    path,
    query: withoutTokenField(query),
    headers: headers.filter(([name]) => !isSecretHeader(name)),
    body: bodyOf(body, text => (isForm(headers) ? withoutTokenField(text) : withoutTokenMember(text))),
  };
}

/** The value of the first header of that name; empty where there is none. */
export function headerValue(headers: readonly Header[], name: string): string {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? "";
}

/** Whether the value of such a header opens something. */
export function isSecretHeader(name: string): boolean {
  return /^(?:cookie|set-cookie|authorization|proxy-authorization)$|api-?key|token|secret|passw/i.test(name);
}

function bodyOf(bytes: Uint8Array, toParts: (text: string) => TextParts): OutgoingBody {
  if (bytes.byteLength === 0) return { kind: "none" };
  const text = exactText(bytes);
  return text === undefined ? { kind: "bytes", bytes } : { kind: "text", parts: toParts(text) };
}

function isForm(headers: readonly Header[]): boolean {
  return headerValue(headers, "content-type").toLowerCase().startsWith("application/x-www-form-urlencoded");
}

function withoutTokenMember(json: string): TextParts {
  return joinWithToken(splitAtTokens(json));
}

/** Of a query or a form: the value of the field `token`. */
function withoutTokenField(fields: string): TextParts {
  return joinWithToken(fields.split(/(?<=(?:^|&)token=)[^&]*/));
}

function joinWithToken([first = "", ...others]: readonly string[]): TextParts {
  return [first, ...others.flatMap(text => [{ variable: channelTokenVariable }, text])];
}
