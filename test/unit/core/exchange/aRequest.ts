import fc from "fast-check";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import type { CapturedRequest, Header } from "../../../../src/protocol/capturedRequest.ts";
import { notificationBody } from "../../../support/eventBodies.ts";

/** A delivery as the relay takes it, with `changes` over the usual one. */
export function aRequest(changes: Partial<CapturedRequest> = {}): CapturedRequest {
  return {
    method: "POST",
    path: "",
    query: "",
    headers: [["Content-Type", "application/json"]],
    body: utf8Encode(notificationBody()),
    ...changes,
  };
}

/** Whatever a shell, a terminal or a language might take for its own. */
const tricks = [
  ...["'", '"', "`", "\\", "$", "$(id)", "${HOME}", "%PATH%", "^", "!", "!!", "&", "|", ";", "\n", "\r\n", "\t", "\0"],
  ...[
    "\u001b[201~",
    "\u0003",
    "\u2018",
    "\u2019",
    "\u2028",
    "\u202e",
    "</script>",
    "#",
    "*",
    "~",
    "--data",
    "@/etc/passwd",
  ],
  ...["-K", "{a,b}", "[1-9]", "\\\\", '\\"', "EOF", "\u009b", "\ufeff", "𝄞"],
];

/** Text that is made of what hurts, and of whatever else there is. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...tricks), fc.string({ unit: "grapheme", maxLength: 8 })), { maxLength: 8 })
  .map(parts => parts.join(""));

const hostileBody = fc.oneof(
  hostileText.map(utf8Encode),
  fc.uint8Array({ maxLength: 64 }),
  fc.json().map(utf8Encode),
  fc.json().map(json => utf8Encode(json + "\n")),
);

const headerName = fc
  .stringMatching(/^X-[A-Za-z0-9!#$%&'*+.^`|~-]{1,12}$/)
  .filter(name => !/token|secret|passw|api-?key/i.test(name));
const headerValue = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/);
const hostileHeaders = fc.array(fc.tuple(headerName, headerValue), { maxLength: 4 }) as fc.Arbitrary<Header[]>;

const urlText = /^[A-Za-z0-9'"!$&()*+,;=:@/._~[\]{}|^`%-]*$/;

/** Requests as a stranger may send them to an address that he knows. */
export const hostileRequest: fc.Arbitrary<CapturedRequest> = fc.record({
  method: fc.constantFrom("POST", "PUT", "PATCH", "DELETE"),
  path: fc.stringMatching(/^\/[A-Za-z0-9'!$&()*+,;=:@_~-]{0,12}$/),
  query: fc.stringMatching(urlText).filter(query => !/(^|&)token=/.test(query)),
  headers: hostileHeaders,
  body: hostileBody,
});
