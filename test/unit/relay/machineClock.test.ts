import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, second } from "../../../src/base/clock.ts";
import { elapsedWithSleep, machineClock } from "../../../src/relay/machineClock.ts";

describe("the time that has passed on a machine", () => {
  it("includes what it slept, within a second of waking up", () => {
    let [awake, asleep] = [0, 0];
    const elapsed = elapsedWithSleep(
      () => awake,
      () => awake + asleep + hour,
    );
    const begun = elapsed();
    awake += 500;
    assert.equal(elapsed() - begun, 500);
    asleep += 8 * hour;
    awake += second;
    assert.equal(elapsed() - begun, 8 * hour + 1_500);
  });

  it("never falls, though the other clock may be less exact", () => {
    let awake = 0;
    const elapsed = elapsedWithSleep(
      () => awake,
      () => Math.floor(awake / 10) * 10,
    );
    let before = elapsed();
    for (; awake < 5 * second; awake += 7) {
      assert.ok(elapsed() >= before);
      before = elapsed();
    }
    assert.ok(machineClock.elapsed() <= machineClock.elapsed());
  });
});
