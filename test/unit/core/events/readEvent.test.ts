import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { contentOf } from "../../../../src/core/events/content.ts";
import { largestDecoded } from "../../../../src/core/events/decodedBody.ts";
import {
  type RequestReading,
  bodyOf,
  notificationOf,
  readEvent,
  readRequest,
  requestOf,
  textOf,
} from "../../../../src/core/events/readEvent.ts";
import { presentRow } from "../../../../src/core/inspector/presentRow.ts";
import { probeHeader } from "../../../../src/protocol/probe.ts";
import { capturedPost, latinBody, notificationBody } from "../../../support/eventBodies.ts";
import { oddDelivery } from "../../../support/oddDeliveries.ts";
import { aReadGap, aReadRequest, aStoredRecovery, aStoredRequest } from "./aStoredEvent.ts";

function readingOf(...parts: Parameters<typeof aReadRequest>): RequestReading {
  const read = aReadRequest(...parts);
  assert.ok(read.kind === "request");
  return read.reading;
}

const marked = { headers: [[probeHeader, "m1"]] } as const;
const plainText = { headers: [["Content-Type", "text/plain"]] } as const;

describe("the reader", () => {
  it("reads a notification, whatever its content type, and keeps its text beside", () => {
    const reading = readingOf(notificationBody({ module: "Deals" }), plainText);
    assert.ok(reading.kind === "notification");
    assert.equal(reading.notification.module, "Deals");
    assert.equal(reading.body.text, notificationBody({ module: "Deals" }));
    assert.deepEqual([reading.body.charset, reading.body.codings, reading.body.isLossy], ["utf-8", [], false]);
    assert.equal(reading.body.contentType, "text/plain");
  });

  it("reads a notification with bytes that are no characters, and says that some were lost", () => {
    const read = aReadRequest(latinBody());
    assert.ok(read.kind === "request" && read.reading.kind === "notification");
    assert.ok(read.reading.body.isLossy);
    assert.match(read.reading.body.text ?? "", /Andr\uFFFD/);
    assert.equal(textOf(read), undefined);
    assert.deepEqual(Buffer.from(bodyOf(read)), Buffer.from(latinBody()));
  });

  it("takes a notification for one though it is marked as a test of Diagnose", () => {
    assert.equal(readingOf(notificationBody(), marked).kind, "notification");
  });

  it("knows a test of Diagnose by its marker, also one without a text", () => {
    const probe = readingOf('{"test":"…"}', marked);
    assert.ok(probe.kind === "probe");
    assert.equal(probe.marker, "m1");
    assert.equal(readingOf(Uint8Array.of(0xff), marked).kind, "probe");
  });

  it("takes any other request for a webhook, with its text where it has one", () => {
    const form = readingOf("a=1", { headers: [["Content-Type", "application/x-www-form-urlencoded"]] });
    assert.deepEqual([form.kind, form.body.text], ["webhook", "a=1"]);
    const bytes = readingOf(Uint8Array.of(0xff, 0x00), plainText);
    assert.deepEqual([bytes.kind, bytes.body.text, bytes.body.charset], ["webhook", undefined, undefined]);
    assert.equal(readingOf('{"deal":1}').kind, "webhook");
    assert.equal(readingOf("").kind, "webhook");
  });

  it("says of a body that seems to be a notification why it cannot be read", () => {
    const broken = readingOf('{"ids":["1"],"operation":"edit","channel_id":"7",x}');
    assert.ok(broken.kind === "unreadable");
    assert.deepEqual(broken.fault, { kind: "json", position: 49 });
    const binary = readingOf(Uint8Array.of(0xff, 0x00));
    assert.ok(binary.kind === "unreadable");
    assert.deepEqual(binary.fault, { kind: "not-text" });
  });

  it("knows a notification that is too large to be looked into by the marks at both of its ends", () => {
    const long = JSON.stringify("ab<b>".repeat(largestDecoded / 4));
    const large = readingOf(`{"server_time":1,"affected_values":[${long}],"operation":"edit","channel_id":"7"}`);
    assert.ok(large.kind === "unreadable");
    assert.deepEqual(large.fault, { kind: "too-large" });
    const webhook = readingOf(`{"deal":${long}}`);
    assert.deepEqual([webhook.kind, webhook.body.fault], ["webhook", { kind: "too-large" }]);
  });

  it("reads what was found in the CRM, with its record in the place of a body", () => {
    const read = readEvent(aStoredRecovery);
    assert.ok(read.kind === "recovered");
    assert.equal(read.payload.changedBy, "Ann");
    assert.deepEqual(JSON.parse(textOf(read) ?? ""), { id: "1", Amount: "12345678901234567890" });
    assert.equal(requestOf(read), undefined);
    assert.equal(notificationOf(read), undefined);
  });

  it("keeps the bytes of what was not opened, and of what is stored in no form that is known", () => {
    const sealed = Uint8Array.of(1, 2, 3);
    for (const unreadable of ["no-key", "damaged"] as const) {
      const read = readEvent(aStoredRequest("", {}, { payload: sealed, unreadable }));
      assert.ok(read.kind === "undecodable");
      assert.equal(read.why, unreadable);
      assert.equal(bodyOf(read), sealed);
    }
    for (const event of [aStoredRequest("", {}, { payload: sealed }), { ...aStoredRecovery, payload: sealed }]) {
      const read = readEvent(event);
      assert.ok(read.kind === "undecodable");
      assert.equal(read.why, "stored-form");
      assert.equal(requestOf(read), undefined);
    }
  });

  it("reads a gap as nothing", () => {
    assert.equal(bodyOf(aReadGap).byteLength, 0);
    assert.equal(textOf(aReadGap), "");
  });

  it("reads a stored request as the request itself, and gives the row what it read", () => {
    fc.assert(
      fc.property(fc.oneof(oddDelivery, fc.string()), body => {
        const event = aStoredRequest(body);
        const read = readEvent(event);
        assert.ok(read.kind === "request");
        assert.deepEqual(readRequest(read.request), read.reading);
        assert.deepEqual(presentRow(event, { verify: () => "verified" }).content.kind, kinds[read.reading.kind]);
      }),
      { numRuns: 300 },
    );
  });
});

const kinds = { notification: "notification", webhook: "other", probe: "other", unreadable: "unreadable" } as const;

describe("what a row says of a reading", () => {
  it("is a sentence where a body cannot be read", () => {
    const content = contentOf(aReadRequest('{"ids":["1"],"operation":"edit","channel_id":"7",x}'), "unknown");
    assert.deepEqual(content, {
      kind: "unreadable",
      problem: "The body begins like JSON but is broken at character 50.",
    });
  });

  it("is that something is a test, and no summary of it", () => {
    const content = contentOf(aReadRequest("{}", { ...marked, path: "/a" }), "unknown");
    assert.deepEqual(content, { kind: "other", method: "POST", path: "/a", contentType: "", probe: true });
  });

  it("is the size of what was sent", () => {
    const event = aStoredRequest("abc", plainText, { payload: capturedPost("abc", plainText) });
    assert.equal(presentRow(event, { verify: () => "unknown" }).bytes, 3);
  });
});
