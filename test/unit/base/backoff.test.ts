import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { backoffDelay } from "../../../src/base/backoff.ts";

const options = { first: 1_000, longest: 30_000 };

describe("backoffDelay", () => {
  it("doubles up to the longest delay", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 60].map(attempt => backoffDelay(attempt, options, () => 1));
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("spreads clients over the upper half of the delay", () => {
    assert.equal(
      backoffDelay(3, options, () => 0),
      2_000,
    );
    assert.equal(
      backoffDelay(3, options, () => 0.5),
      3_000,
    );
  });
});
