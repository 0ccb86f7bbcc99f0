import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { comparedText } from "../../../../src/core/exchange/comparedText.ts";
import type { StoredRequest } from "../../../../src/core/events/storedEvent.ts";
import { formatEventDocument } from "../../../../src/core/inspector/eventDocument.ts";
import type { TokenVerifier } from "../../../../src/core/events/verification.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";

function anEvent(body: string | Uint8Array, request: Partial<CapturedRequest> = {}): StoredRequest {
  const place = { id: 7, sequence: 7, receivedAt: Date.UTC(2026, 0, 5), storedAt: Date.UTC(2026, 0, 5) };
  return { kind: "request", ...place, source: "delivered", payload: capturedPost(body, request) };
}

const tokens: TokenVerifier = { verify: () => "verified" };
const sorted = { sortKeys: true };

describe("an event beside another", () => {
  it("is the same text where it says the same, however it is written", () => {
    const one = anEvent('{"b":1,"a":{"d":2,"c":10000000000000000001}}', {
      headers: [
        ["B", "2"],
        ["a", "1"],
      ],
    });
    const other = anEvent('{ "a": {"c":10000000000000000001, "d":2},\n"b":1 }', {
      headers: [
        ["A", "1"],
        ["b", "2"],
      ],
    });
    assert.deepEqual(comparedText(one, sorted), comparedText(other, sorted));
    assert.match(comparedText(one, sorted).text, /"c": 10000000000000000001,\n/);
    assert.notEqual(comparedText(one, { sortKeys: false }).text, comparedText(other, { sortKeys: false }).text);
  });

  it("marks what differs in every event", () => {
    const { text } = comparedText(
      anEvent(notificationBody(), {
        headers: [
          ["Date", "now"],
          ["X", "y"],
        ],
      }),
      sorted,
    );
    assert.match(text, /^ {2}"server_time": 1750102639787, \/\/ differs in every event$/m);
    assert.match(text, /^\/\/ date: now \(differs in every event\)\n\/\/ x: y$/m);
    assert.equal(text.match(/differs/g)?.length, 2);
  });

  it("is read as JSON where it is, else as it was sent", () => {
    assert.equal(comparedText(anEvent("[1]"), sorted).language, "jsonc");
    assert.deepEqual(comparedText(anEvent("a=1&b=2", { headers: [] }), sorted), {
      language: "http",
      text: "POST /\n\na=1&b=2\n",
    });
    assert.match(comparedText(anEvent(Buffer.from([255])), sorted).text, /\n\n\/w==\n$/);
  });
});

describe("an event as a document", () => {
  it("has the whole of a large body, laid out and with all digits", () => {
    const large = `{"id":6756839000000575405,"text":"${"x".repeat(2 * 1024 * 1024)}"}`;
    const { language, text } = formatEventDocument(anEvent(large), tokens);
    assert.equal(language, "jsonc");
    assert.match(text, /^ {2}"id": 6756839000000575405,$/m);
    assert.ok(text.length > large.length);
    assert.match(text, /^\/\/ POST \/\n\/\/ Content-Type: application\/json\n\n\{$/m);
  });

  it("lets nothing that came from outside end a comment", () => {
    const request = { headers: [["X", "a\u2028b"]], path: "/\n}" } as const;
    const { text } = formatEventDocument(anEvent("{}", request), tokens);
    const beforeBody = text.slice(0, text.indexOf("{}"));
    for (const line of beforeBody.split(/[\n\r\u2028\u2029]/)) assert.match(line, /^(?:\/\/.*)?$/);
  });

  it("shows a body that is not JSON as it was sent, and bytes as base64", () => {
    const form = formatEventDocument(anEvent("a=1&b=2"), tokens);
    assert.equal(form.language, "http");
    assert.match(form.text, /\n\nPOST \/\nContent-Type: application\/json\n\na=1&b=2$/);
    assert.match(formatEventDocument(anEvent(Buffer.from([255])), tokens).text, /# The body is not text; .*\n\/w==$/);
  });
});
