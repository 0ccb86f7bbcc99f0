import type { TextParts } from "../../base/shell.ts";
import type { Header } from "../../protocol/capturedRequest.ts";
import { handlerUrl } from "./handlerUrl.ts";
import type { RedactedBody } from "../events/redaction.ts";
import type { OutgoingRequest } from "./outgoingRequest.ts";

/** The request as a call of JavaScript's `fetch`, for Node and its tests. */
export function fetchCall(request: OutgoingRequest, handler: string): string {
  const { method, headers, body } = request;
  const canHaveBody = method !== "GET" && method !== "HEAD";
  const bodyLine = !canHaveBody || body.kind === "none" ? [] : [`body: ${bodyExpression(body)}`];
  const options = [`method: ${literal(method)}`, `headers: ${headersExpression(headers)}`, ...bodyLine];
  const note =
    !canHaveBody && body.kind !== "none"
      ? "// The event has a body, which fetch does not send with this method.\n"
      : "";
  return `${note}await fetch(${expression(handlerUrl(handler, request))}, {\n${options.map(line => `  ${line},\n`).join("")}});\n`;
}

function headersExpression(headers: readonly Header[]): string {
  const lines = headers
    .filter(([name]) => name.toLowerCase() !== "accept-encoding")
    .map(([name, value]) => `    [${literal(name)}, ${literal(value)}],\n`);
  return lines.length === 0 ? "[]" : `[\n${lines.join("")}  ]`;
}

/** Text goes as bytes where there is no content type, as fetch would say one of its own for a string. */
function bodyExpression(body: Exclude<RedactedBody, { kind: "none" }>): string {
  if (body.kind === "text") return `new TextEncoder().encode(${expression(body.parts)})`;
  return `Uint8Array.from(atob(${literal(Buffer.from(body.bytes).toString("base64"))}), c => c.charCodeAt(0))`;
}

function expression(parts: TextParts): string {
  const terms = parts.map(part => (typeof part === "string" ? literal(part) : `process.env.${part.variable}`));
  return terms.length === 0 ? '""' : terms.join(" + ");
}

function literal(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u2028\u2029\u007f]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
