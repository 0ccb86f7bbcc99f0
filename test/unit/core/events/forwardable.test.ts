import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Forwardable, forwardable } from "../../../../src/core/events/forwardable.ts";
import { lanesOf } from "../../../../src/core/events/lanes.ts";
import { type ReadEvent, readEvent } from "../../../../src/core/events/readEvent.ts";
import { type EventSource, type Verification, eventSources } from "../../../../src/protocol/event.ts";
import { notificationBody } from "../../../support/eventBodies.ts";
import { aReadGap, aReadRequest, aStoredRecovery, aStoredRequest } from "./aStoredEvent.ts";

function answer(read: ReadEvent, verification: Verification = "verified"): string {
  const found: Forwardable = forwardable(read, verification);
  return found.kind === "yes" ? "yes" : `${found.kind}: ${found.why}`;
}

function withHeader(name: string, source: EventSource = "delivered"): ReadEvent {
  return aReadRequest(notificationBody(), { headers: [[name, "1"]] }, { source });
}

describe("whether an event may be forwarded", () => {
  it("is yes for what was delivered, also for a webhook", () => {
    const read = aReadRequest(notificationBody());
    const found = forwardable(read, "verified");
    assert.ok(found.kind === "yes" && read.kind === "request");
    assert.equal(found.request, read.request);
    assert.equal(answer(aReadRequest("a=1", {}, { source: "webhook" }), "unknown"), "yes");
  });

  it("depends on the token where the subscription's is known; Zoho leaves it out of deletions alone", () => {
    const answers = (["verified", "unknown", "absent", "mismatch"] as const).map(verification => [
      answer(aReadRequest(notificationBody()), verification),
      answer(aReadRequest(notificationBody({ operation: "delete" })), verification),
    ]);
    assert.deepEqual(answers, [
      ["yes", "yes"],
      ["yes", "yes"],
      ["withheld: no-token", "yes"],
      ["withheld: wrong-token", "withheld: wrong-token"],
    ]);
  });

  it("is for a person to say of tests of Diagnose, and of what a rule led back here", () => {
    assert.equal(answer(withHeader("X-Zoho-CRM-Notifications-Test")), "by-hand: test");
    assert.equal(answer(withHeader("x-zoho-crm-notifications-event")), "by-hand: forwarded-before");
    assert.equal(answer(withHeader("x-zoho-crm-notifications-event"), "mismatch"), "by-hand: forwarded-before");
  });

  it("is for a person to say of what no relay delivered", () => {
    const bySource = eventSources.map(source => answer(aReadRequest(notificationBody(), {}, { source }), "mismatch"));
    assert.deepEqual(new Set(bySource), new Set(["withheld: wrong-token", "by-hand: made-here"]));
    assert.equal(bySource.filter(each => each.startsWith("withheld")).length, 2);
  });

  it("is no where there is no request", () => {
    assert.equal(answer(aReadGap), "no: gap");
    assert.equal(answer(readEvent(aStoredRecovery)), "no: recovered");
    assert.equal(answer(readEvent(aStoredRequest("", {}, { unreadable: "no-key" }))), "no: undecodable");
  });
});

describe("the lanes of an event", () => {
  it("are its records, each once", () => {
    assert.deepEqual(lanesOf(aReadRequest(notificationBody({ ids: ["1", "2", "1"] }))), ["1", "2"]);
  });

  it("are none where it is about no record", () => {
    assert.deepEqual(lanesOf(aReadRequest("a=1")), []);
    assert.deepEqual(lanesOf(aReadGap), []);
  });
});
