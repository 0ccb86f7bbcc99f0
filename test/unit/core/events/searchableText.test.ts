import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { searchableRecord, searchableText } from "../../../../src/core/events/searchableText.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { latinBody } from "../../../support/eventBodies.ts";
import { aReadRequest } from "./aStoredEvent.ts";

function textOf(body: string | Uint8Array, request: Partial<CapturedRequest> = {}): string {
  const read = aReadRequest(body, request);
  assert.ok(read.kind === "request");
  return searchableText(read);
}

describe("the text in which words are looked for", () => {
  it("has the body as people read it, the path, the query and the values of headers", () => {
    const form = [["Content-Type", "application/x-www-form-urlencoded"]] as const;
    assert.equal(
      textOf("name=Jo%C3%A3o+Silva", { headers: form, path: "/hook", query: "q=a%20b" }),
      "name  João Silva\n/hook\nq=a b\napplication/x-www-form-urlencoded",
    );
    assert.equal(textOf('{"a":"Z\\u00fcrich\\nNord"}', { headers: [] }), '{"a":"Zürich Nord"}\n\n');
  });

  it("has a notification though some of its bytes are no characters, and no other such body", () => {
    assert.match(textOf(latinBody()), /6756839000000575405/);
    assert.equal(textOf(Uint8Array.of(0x61, 0xff, 0), { headers: [] }), "\n\n");
  });

  it("has the names that a recovered change tells beside its record", () => {
    const text = searchableRecord({ changedBy: "Ann", name: "Acme", record: { Phone: "555" } });
    assert.deepEqual(text.match(/Ann|Acme|555/g), ["555", "Ann", "Acme"]);
  });
});
