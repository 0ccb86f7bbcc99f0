import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { finished } from "../../../../src/base/steps.ts";
import { harEventOf, harOf } from "../../../../src/core/exchange/har.ts";
import { Redaction } from "../../../../src/core/events/redaction.ts";
import type { Secrets } from "../../../../src/core/exchange/outgoingRequest.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import type { Attempt } from "../../../../src/protocol/event.ts";
import { notificationBody } from "../../../support/eventBodies.ts";
import { aRequest } from "./aRequest.ts";

/** Names that HAR 1.2 knows, and whether they must be there; anything else has to begin with an underscore. */
const own = { comment: v.optional(v.string()) };
const pair = v.strictObject({ name: v.string(), value: v.string(), ...own });
const size = v.pipe(v.number(), v.integer(), v.minValue(-1));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const message = {
  httpVersion: v.string(),
  cookies: v.array(pair),
  headers: v.array(pair),
  headersSize: size,
  bodySize: size,
};
const entrySchema = v.strictObject({
  startedDateTime: v.pipe(v.string(), v.isoTimestamp()),
  time: milliseconds,
  request: v.strictObject({
    ...message,
    method: v.string(),
    url: v.pipe(v.string(), v.url()),
    queryString: v.array(pair),
    postData: v.optional(v.strictObject({ mimeType: v.string(), text: v.string() })),
  }),
  response: v.strictObject({
    ...message,
    status: v.pipe(v.number(), v.integer()),
    statusText: v.string(),
    content: v.strictObject({
      size: v.number(),
      mimeType: v.string(),
      text: v.optional(v.string()),
      encoding: v.optional(v.literal("base64")),
    }),
    redirectURL: v.string(),
  }),
  cache: v.strictObject({}),
  timings: v.strictObject({ send: milliseconds, wait: milliseconds, receive: milliseconds }),
});
const harSchema = v.strictObject({
  log: v.strictObject({
    version: v.literal("1.2"),
    creator: v.strictObject({ name: v.string(), version: v.string() }),
    entries: v.array(entrySchema),
  }),
});

/** Custom members are allowed where they begin with an underscore. */
function withoutCustom(key: string, value: unknown): unknown {
  return key.startsWith("_") ? undefined : value;
}

function archive(request: CapturedRequest, attempts: readonly Attempt[], secrets: Secrets = "shown"): string {
  const redaction = secrets === "hidden" ? new Redaction([]) : undefined;
  const event = finished(harEventOf({ id: 7, receivedAt: Date.UTC(2026, 0, 5) }, request, attempts, redaction));
  return harOf([event], "0.1.0", "http://127.0.0.1:3000/hook");
}

function entriesOf(har: string): v.InferOutput<typeof entrySchema>[] {
  return v.parse(harSchema, JSON.parse(har, withoutCustom)).log.entries;
}

const answered: Attempt = {
  ...{ id: 1, origin: "rule", target: "http://localhost:8080/crm", startedAt: Date.UTC(2026, 0, 6) },
  ...{ milliseconds: 12.5, status: 500 },
  answer: {
    headers: [
      ["Content-Type", "text/plain"],
      ["Set-Cookie", "secret"],
    ],
    text: "broken",
    bytes: 6,
  },
};
const refused: Attempt = {
  id: 2,
  origin: "retry",
  target: "http://localhost:8080/crm",
  startedAt: 0,
  problem: "Nothing listens.",
};

describe("an event as an HTTP Archive", () => {
  it("has all that HAR 1.2 requires, and nothing that it does not know", () => {
    for (const body of [new Uint8Array(), Buffer.from([255, 0]), aRequest().body]) {
      for (const attempts of [[], [answered], [answered, refused]]) {
        const request = aRequest({ body, path: "/more", query: "a=1&a=2&b=%20", headers: [] });
        const entries = entriesOf(archive(request, attempts));
        assert.equal(entries.length, Math.max(1, attempts.length));
        assert.deepEqual(entries[0]?.request.queryString, [
          { name: "a", value: "1" },
          { name: "a", value: "2" },
          { name: "b", value: " " },
        ]);
      }
    }
  });

  it("has each attempt as an exchange of its own with the answer of the handler", () => {
    const [first, second] = entriesOf(archive(aRequest(), [answered, refused]));
    assert.equal(first?.request.url, "http://localhost:8080/crm");
    assert.equal(first.request.postData?.text, notificationBody());
    assert.deepEqual(
      [first.response.status, first.response.statusText, first.time],
      [500, "Internal Server Error", 12.5],
    );
    assert.equal(first.response.content.text, "broken");
    assert.deepEqual([second?.response.status, second?.response.bodySize], [0, -1]);
  });

  it("says where the request would go when it was sent nowhere yet", () => {
    const [entry] = entriesOf(archive(aRequest({ path: "/more" }), []));
    assert.equal(entry?.request.url, "http://127.0.0.1:3000/hook/more");
    assert.equal(entry.startedDateTime, "2026-01-05T00:00:00.000Z");
  });

  it("is whole where a rule's address was none, so that the request went nowhere", () => {
    for (const target of ["localhost:3000", "nonsense", "", "ftp://localhost", "http://me:secret@localhost"]) {
      const attempts: Attempt[] = [{ ...refused, target, problem: "Give the address of your handler." }];
      const [entry] = entriesOf(archive(aRequest({ path: "/more", query: "a=1" }), attempts));
      assert.equal(entry?.request.url, "http://127.0.0.1:3000/more?a=1", target);
      assert.deepEqual(entry.request.queryString, [{ name: "a", value: "1" }]);
    }
  });

  it("keeps secrets to itself, of requests and of answers, unless they are wanted", () => {
    const request = aRequest({ headers: [["Authorization", "secret"]], query: "token=token-of-the-test" });
    const hidden = archive(request, [answered], "hidden");
    assert.ok(!hidden.includes("token-of-the-test") && !hidden.includes("secret"), hidden);
    assert.equal(entriesOf(hidden)[0]?.request.postData?.text, notificationBody({ token: "(hidden)" }));
    assert.match(archive(request, [], "shown"), /token-of-the-test/);
  });

  it("keeps 64-bit ids as they are, and bytes that are no text", () => {
    const big = Buffer.from('{"id":6756839000000575405}');
    assert.equal(entriesOf(archive(aRequest({ body: big }), []))[0]?.request.postData?.text, big.toString());
    assert.match(archive(aRequest({ body: Buffer.from([255]) }), []), /"text": "\/w==",\s*"_encoding": "base64"/);
  });
});
