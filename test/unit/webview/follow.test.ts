import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FollowEvent, type FollowState, following, nextFollowState } from "../../../src/webview/list/follow.ts";

function after(...events: FollowEvent[]): FollowState {
  return events.reduce(nextFollowState, following);
}

const scrolledUp: FollowEvent = { kind: "scrolled", atEnd: false };
const appended: FollowEvent = { kind: "appended", count: 3 };

describe("following the newest event", () => {
  it("goes on as events come", () => {
    assert.deepEqual(after(appended, appended), following);
  });

  it("pauses when the person scrolls away, and counts what comes then", () => {
    assert.deepEqual(after(appended, scrolledUp, appended, scrolledUp, appended), { kind: "paused", unseen: 6 });
  });

  it("pauses when the person selects a row", () => {
    assert.deepEqual(after({ kind: "selected" }, appended), { kind: "paused", unseen: 3 });
  });

  it("goes on when the person scrolls back to the end, or asks for it", () => {
    assert.deepEqual(after(scrolledUp, appended, { kind: "scrolled", atEnd: true }), following);
    assert.deepEqual(after({ kind: "selected" }, appended, { kind: "resumed" }), following);
  });

  it("stays paused in another list, where nothing is unseen yet", () => {
    assert.deepEqual(after(scrolledUp, appended, { kind: "replaced" }), { kind: "paused", unseen: 0 });
    assert.deepEqual(after({ kind: "replaced" }), following);
  });
});
