import assert from "node:assert/strict";
import { it } from "node:test";
import { failureLine, simulateMany } from "./manySeeds.ts";

/** As many as anybody looks at. */
const mostFailures = 5;

/** A test of so many seeds; those of one file run in one process. It ends early where several break a rule. */
export function assertNoRuleIsBroken({ first, count }: { readonly first: number; readonly count: number }): void {
  it(`breaks no rule in ${count} runs from seed ${first} on`, async () => {
    const { seeds, failures } = await simulateMany(first, count, mostFailures);
    assert.equal(failures.length, 0, ["", ...failures.map(failureLine)].join("\n"));
    assert.equal(seeds, count);
  });
}
