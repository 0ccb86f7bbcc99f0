import assert from "node:assert/strict";
import { it } from "node:test";
import { failureLine, simulateForwarding } from "./simulateForwarding.ts";

/** A test of so many seeds; those of one file run in one process. */
export function assertForwarded({ first, count }: { readonly first: number; readonly count: number }): void {
  it(`forwards in order and once, and loses nothing, in ${count} runs from seed ${first} on`, async () => {
    const outcomes = await simulateForwarding(first, count);
    const failures = outcomes.filter(({ violations }) => violations.length > 0);
    assert.equal(outcomes.length, count);
    assert.ok(outcomes.some(({ sent }) => sent > 0));
    assert.equal(failures.length, 0, ["", ...failures.map(failureLine)].join("\n"));
  });
}
