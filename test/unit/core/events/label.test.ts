import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventLabel, fileNameOf } from "../../../../src/core/events/label.ts";

describe("the name of an event", () => {
  it("says what it is, and makes a file name on every system", () => {
    const labelOf = (...recordIds: string[]): string =>
      eventLabel({
        ...{ kind: "notification", operation: "edit", module: "Deals", changedFields: [], channelId: "1", recordIds },
        verification: "verified",
      });
    assert.equal(labelOf("67"), "Deals edit 67");
    assert.equal(labelOf("67", "68", "69"), "Deals edit 67 +2");
    assert.equal(eventLabel({ kind: "other", method: "POST", path: "", contentType: "" }), "POST /");
    assert.equal(fileNameOf("Deals edit 67 +2"), "Deals-edit-67-2");
    assert.equal(fileNameOf("../../etc/passwd"), "etc-passwd");
    assert.equal(fileNameOf("POST /"), "POST");
    assert.equal(fileNameOf("/.."), "event");
  });
});
