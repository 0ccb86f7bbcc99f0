import { type CapturedRequest, type Header, headerValue } from "../../protocol/capturedRequest.ts";
import type { ForwardRule } from "./forwardRule.ts";
import { isPassedOn } from "./outgoingHeaders.ts";

/** A header's name (RFC 9110, 5.1). */
const name = /^[\w!#$%&'*+.^`|~-]+$/;

/** What may stand in a header's value (RFC 9110, 5.5). */
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a rule may add a header of this name and value, before its variables are filled in. */
export function isRuleHeader(header: string, text: string): boolean {
  return name.test(header) && isPassedOn(header) && value.test(text);
}

/**
 * What a rule adds to a request, in the place of equal names: its own headers, in whose values `${env:NAME}` stands for a
 * variable of the environment, and where the request went first, where the rule says so.
 */
export function ruleHeaders(
  { headers = {}, forwarded }: Pick<ForwardRule, "headers" | "forwarded">,
  request: CapturedRequest,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Header[] {
  const own = Object.entries(headers).map(([header, text]) => [header, filled(text, environment)] as const);
  return [...(forwarded === true ? forwardedHeaders(request) : []), ...own.filter(([, text]) => value.test(text))];
}

function filled(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$\{env:([^}]+)\}/g, (_, variable: string) => environment[variable] ?? "");
}

/** A relay's public address speaks HTTPS; a proxy before it has said so already, and from whom it is. */
function forwardedHeaders(request: CapturedRequest): readonly Header[] {
  const host = headerValue(request, "Host");
  const protocol =
    headerValue(request, "X-Forwarded-Proto") === undefined ? [["X-Forwarded-Proto", "https"] as const] : [];
  const hasHost = host === undefined || headerValue(request, "X-Forwarded-Host") !== undefined;
  return hasHost ? protocol : [["X-Forwarded-Host", host] as const, ...protocol];
}
