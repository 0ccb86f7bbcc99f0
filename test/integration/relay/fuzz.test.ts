import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "node:test";
import { Assault, assertUntouched, batches, marker, unlimited } from "../../support/assault.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

/** The same input each time, unless FUZZ_SEED says otherwise: what is found is found again. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_105);
const wanted = 100_000;

describe("hostile input", () => {
  it("breaks nothing, gets no wrong 200 and reaches no other channel", async test => {
    test.diagnostic(`FUZZ_SEED=${seed}`);
    const { url } = await startTestRelay(test, unlimited);
    const targets = { mine: await createTestChannel(url), other: await createTestChannel(url) };
    assert.equal(await post(targets.other.ingestUrl, marker), 200);
    const assault = new Assault(url, targets);
    const numRuns = Math.ceil(wanted / 184);
    await fc.assert(
      fc.asyncProperty(batches(targets), async batch => assault.send(batch)),
      { seed, numRuns, endOnFailure: true },
    );
    test.diagnostic(`${assault.sent} requests and frames, ${assault.acknowledged} kept`);
    assert.ok(assault.sent >= wanted, `${assault.sent} sent`);
    await assertUntouched(url, targets, assault.acknowledged);
  });
});
