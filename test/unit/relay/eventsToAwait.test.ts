import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventsToAwait } from "../../../src/relay/eventsToAwait.ts";

describe("what the next transaction waits for", () => {
  it("is nothing after a few events, however many have come in meanwhile", () => {
    for (const answered of [0, 1, 3]) assert.equal(eventsToAwait(answered, 30), 0);
  });

  it("is that all who were answered come again", () => {
    assert.deepEqual([eventsToAwait(4, 0), eventsToAwait(16, 16)], [4, 32]);
  });

  it("is nothing where half of them make a large transaction", () => {
    assert.deepEqual([eventsToAwait(24, 24), eventsToAwait(25, 24), eventsToAwait(4, 1_000)], [48, 0, 0]);
  });
});
