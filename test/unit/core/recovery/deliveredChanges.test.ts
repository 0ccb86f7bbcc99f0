import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredEvent } from "../../../../src/core/history/storedEvent.ts";
import { deliveredSince } from "../../../../src/core/recovery/deliveredChanges.ts";
import { capturedPost, latinBody } from "../../../support/eventBodies.ts";

describe("what was delivered", () => {
  it("includes a notification of which a byte is not UTF-8", async () => {
    const place = { id: 1, sequence: 1, receivedAt: 1_750_102_640_000, storedAt: 1_750_102_640_000 };
    const event: StoredEvent = { kind: "request", ...place, source: "delivered", payload: capturedPost(latinBody()) };
    const history = { select: () => ({ count: 1, page: () => [event] }) };
    const found = await deliveredSince(history, { channelId: "1105420521999070702", module: "Leads" }, 0);
    assert.deepEqual(
      found.map(({ recordId }) => recordId),
      ["6756839000000575405"],
    );
  });
});
