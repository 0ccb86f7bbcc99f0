import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import { type TokenVerifier, isGenuine, verificationOf } from "../../../../src/core/events/verification.ts";
import type { Verification } from "../../../../src/protocol/event.ts";
import { notificationBody } from "../../../support/eventBodies.ts";
import { aReadGap, aReadRequest } from "./aStoredEvent.ts";

const book = new TokenBook();
book.learn("7", "right");

function verified(members: Readonly<Record<string, unknown>>): Verification {
  return verificationOf(aReadRequest(notificationBody({ channel_id: "7", ...members })), book);
}

describe("the verification of an event", () => {
  it("goes by the token that its channel was given", () => {
    assert.equal(verified({ token: "right" }), "verified");
    assert.equal(verified({ token: "wrong" }), "mismatch");
    assert.equal(verified({ token: null }), "absent");
    assert.equal(verified({ channel_id: "8", token: "right" }), "unknown");
  });

  it("is unknown of what names no channel, and of what is no notification", () => {
    const credulous: TokenVerifier = { verify: () => "verified" };
    const nameless = aReadRequest(notificationBody({ channel_id: undefined }));
    for (const read of [nameless, aReadRequest("a=1"), aReadGap]) {
      assert.equal(verificationOf(read, credulous), "unknown");
    }
  });

  it("changes with what is learned later, for the same reading", () => {
    const late = new TokenBook();
    const read = aReadRequest(notificationBody({ channel_id: "7", token: "late" }));
    assert.equal(verificationOf(read, late), "unknown");
    late.learn("7", "late");
    assert.equal(verificationOf(read, late), "verified");
  });
});

describe("a delivery", () => {
  it("is taken for Zoho's unless it has another token, or none where Zoho sends one", () => {
    const operations = ["create", "edit", "delete", "undelete", undefined];
    const genuine = (verification: Verification): (string | undefined)[] =>
      operations.filter(operation => isGenuine(verification, operation));
    assert.deepEqual(genuine("verified"), operations);
    assert.deepEqual(genuine("unknown"), operations);
    assert.deepEqual(genuine("absent"), ["delete"]);
    assert.deepEqual(genuine("mismatch"), []);
  });
});
