import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forwardedEventOf } from "../../../../src/core/forwarding/forwardedEvent.ts";
import { capturedPost, latinBody } from "../../../support/eventBodies.ts";

describe("what is forwarded", () => {
  it("is a notification for the rules though a byte of it is not UTF-8, and goes on as it came", () => {
    const place = { id: 1, sequence: 1, receivedAt: 1_000, storedAt: 1_000, source: "delivered" } as const;
    const payload = capturedPost(latinBody());
    const forwarded = forwardedEventOf({ kind: "request", ...place, payload }, { verify: () => "verified" });
    assert.equal(forwarded?.notification?.module, "Leads");
    assert.deepEqual(forwarded.notification.recordIds, ["6756839000000575405"]);
    assert.deepEqual(Buffer.from(forwarded.request.body), Buffer.from(latinBody()));
  });
});
