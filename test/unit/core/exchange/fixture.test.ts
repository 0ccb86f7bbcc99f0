import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { finished } from "../../../../src/base/steps.ts";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { parseExpected, isExpected } from "../../../../src/core/exchange/expectedStatus.ts";
import { type Fixture, fixtureSchema, formatFixture, parseFixture } from "../../../../src/core/exchange/fixture.ts";
import { needsToken, withToken } from "../../../../src/core/exchange/fixtureToken.ts";
import { Redaction } from "../../../../src/core/events/redaction.ts";
import { outgoing } from "../../../../src/core/exchange/outgoingRequest.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { notificationBody } from "../../../support/eventBodies.ts";
import { aRequest, hostileRequest } from "./aRequest.ts";

function read(file: string): Fixture {
  const fixture = parseFixture(file);
  assert.ok(fixture.ok, fixture.ok ? "" : fixture.error.message);
  return fixture.value;
}

function saved(request: CapturedRequest): string {
  return formatFixture(finished(outgoing(request, undefined)), "what it is");
}

function problemOf(file: string): string {
  const fixture = parseFixture(file);
  return fixture.ok ? "" : fixture.error.message;
}

const sent = (request: CapturedRequest): unknown => ({ ...request, body: Buffer.from(request.body) });

describe("a fixture", () => {
  it("gives back any request to the byte", () => {
    fc.assert(
      fc.property(hostileRequest, request => {
        assert.deepEqual(sent(read(saved(request)).request), sent(request));
      }),
    );
  });

  it("keeps headers that come twice, in whatever order, and peculiar names", () => {
    for (const names of [
      ["A", "B", "A"],
      ["2", "1"],
      ["constructor", "X"],
      ["a", "A"],
    ]) {
      const request = aRequest({ headers: names.map((name, index) => [name, String(index)]) });
      assert.deepEqual(read(saved(request)).request.headers, request.headers);
    }
  });

  it("shows a JSON body as JSON with all digits of its ids", () => {
    const body = '{"channel_id":1105420521999070702,"ids":["6756839000000575405"],"amount":1.10,"a":"\\u0041"}';
    const file = saved(aRequest({ body: utf8Encode(body) }));
    assert.match(file, /^ {6}"channel_id": 1105420521999070702,$/m);
    assert.equal(Buffer.from(read(file).request.body).toString(), body);
  });

  it("is sent as it was edited", () => {
    const file = saved(aRequest()).replace('"555-1111"', '  "555-2222" ');
    assert.equal(Buffer.from(read(file).request.body).toString(), notificationBody().replace("555-1111", "555-2222"));
  });

  it("keeps other bodies as text, or as base64", () => {
    assert.match(saved(aRequest({ body: utf8Encode('{ "a": 1 }\n') })), /"text": "\{ \\"a\\": 1 \}\\n"/);
    assert.match(saved(aRequest({ body: Buffer.from([0xff]) })), /"base64": "\/w=="/);
    assert.match(saved(aRequest({ body: utf8Encode("\ufeff{}") })), /"base64"/);
    assert.equal(read('{"request":{"json":null}}').request.body.byteLength, 4);
    assert.equal(read('{"request":{}}').request.body.byteLength, 0);
  });

  it("leaves a place for the token, and fills it as the place wants it", () => {
    const token = 'a"b&c';
    const json = `{"token":${JSON.stringify(token)},"ids":[]}`;
    const form: [string, string][] = [["Content-Type", "application/x-www-form-urlencoded"]];
    const requests = [
      aRequest({ body: utf8Encode(json), query: `token=${encodeURIComponent(token)}&a=1` }),
      aRequest({ body: utf8Encode(`x=1&token=${encodeURIComponent(token)}`), headers: form }),
    ];
    for (const request of requests) {
      const file = formatFixture(finished(outgoing(request, new Redaction([]))), "");
      assert.ok(!file.includes("b&c") && !file.includes("b%26c"), file);
      const fixture = read(file);
      assert.ok(needsToken(fixture.request));
      assert.deepEqual(sent(withToken(fixture.request, token)), sent(request));
    }
    assert.ok(!needsToken(read(saved(aRequest())).request));
  });

  it("is refused with the place and the reason where it is none", () => {
    assert.match(problemOf("{"), /^This is not JSON: see line 1, column 2\.$/);
    assert.match(problemOf(`[${"0,".repeat(2_000_000)}0]`), /^It has more than 2,000,000 values\.$/);
    assert.match(problemOf("1"), /one object with a “request”/);
    assert.match(problemOf("{}"), /“request” is missing/);
    assert.match(problemOf('{"request":{"jsn":1}}'), /“request.jsn” is no member/);
    assert.match(problemOf('{"request":{"method":"post"}}'), /“request.method” has to be a method in capitals/);
    assert.match(problemOf('{"request":{"path":"hook"}}'), /“request.path” has to be empty or begin with “\/”/);
    assert.match(problemOf('{"request":{"json":1,"text":"1"}}'), /Only one of json, text can be the body/);
    assert.match(problemOf('{"request":{"base64":"?"}}'), /“request.base64” is no base64/);
    assert.match(problemOf('{"request":{"headers":[["A b","c"]]}}'), /“request.headers.*” is no name of a header/);
    assert.match(
      problemOf('{"request":{"headers":[["A","c\\nInjected: yes"]]}}'),
      /characters that no header can have/,
    );
    assert.match(problemOf('{"request":{},"expect":{"status":"ok"}}'), /“expect.status”/);
  });

  it("says which answers it expects", () => {
    assert.deepEqual(read('{"request":{},"expect":{"status":[200,"4xx"]}}').expected, [200, "4xx"]);
    assert.deepEqual(parseExpected("2xx, 404"), ["2xx", "404"]);
    assert.equal(parseExpected("fine"), undefined);
    assert.ok(isExpected(204, ["2xx"]) && isExpected(404, [404]) && isExpected(404, ["404"]));
    assert.ok(!isExpected(500, ["2xx", 404]));
  });
});

describe("the JSON schema of fixtures", () => {
  const node = v.looseObject({ description: v.optional(v.string()) });
  const objectNode = v.object({ properties: v.record(v.string(), node), additionalProperties: v.literal(false) });
  const file = new URL("../../../../media/schemas/zoho-event.schema.json", import.meta.url);
  const schema = v.parse(
    v.object({ properties: v.object({ $schema: node, description: node, request: objectNode, expect: objectNode }) }),
    JSON.parse(readFileSync(file, "utf8")),
  );

  it("knows the same members as the reader, and describes each", () => {
    const { entries } = fixtureSchema;
    assert.deepEqual(Object.keys(schema.properties), Object.keys(entries));
    assert.deepEqual(Object.keys(schema.properties.request.properties), Object.keys(entries.request.entries));
    assert.deepEqual(Object.keys(schema.properties.expect.properties), Object.keys(entries.expect.wrapped.entries));
    const described = [
      ...Object.values(schema.properties.request.properties),
      ...Object.values(schema.properties.expect.properties),
    ];
    for (const each of described) assert.ok((each.description ?? "").length > 20);
  });
});
