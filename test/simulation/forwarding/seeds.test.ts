import assert from "node:assert/strict";
import { it } from "node:test";
import { simulateForwarding } from "./simulateForwarding.ts";

it("forwards in order, once, and loses nothing in 150 runs of three windows in which anything fails", async () => {
  const outcomes = await simulateForwarding(1, 150);
  assert.ok(outcomes.every(({ sent }) => sent > 0));
  assert.deepEqual(
    outcomes.filter(({ violations }) => violations.length > 0).map(({ seed, violations }) => [seed, violations[0]]),
    [],
  );
});
