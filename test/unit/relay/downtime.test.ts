import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute } from "../../../src/base/clock.ts";
import { Downtime } from "../../../src/relay/downtime.ts";
import { FakeClock } from "../../support/fakeClock.ts";

/** Minute by minute, as a log looks. */
function look(downtime: Downtime, clock: FakeClock, minutes: number): ReturnType<Downtime["look"]> {
  for (let count = 0; count < minutes; count++) {
    clock.advance(minute);
    downtime.look();
  }
  return downtime.look();
}

describe("how long a log was stopped", () => {
  it("is what the clock says, once that was not set for ten minutes", () => {
    const clock = new FakeClock();
    const downtime = new Downtime(clock, clock.now() - 3 * hour);
    assert.deepEqual(look(downtime, clock, 9), { stopped: 3 * hour, isSettled: false });
    assert.deepEqual(look(downtime, clock, 1), { stopped: 3 * hour, isSettled: true });
  });

  it("is nothing of a new log, whose clock may be set as it likes", () => {
    const clock = new FakeClock();
    const downtime = new Downtime(clock, undefined);
    clock.setBack(-30 * day);
    assert.deepEqual(look(downtime, clock, 1), { stopped: 0, isSettled: true });
  });

  for (const wrong of [-300 * day, 300 * day]) {
    it(`is seen by the clock that was put right, after it was ${wrong > 0 ? "ahead" : "behind"} at first`, () => {
      const clock = new FakeClock();
      const lastSeen = clock.now() - 3 * hour;
      clock.setBack(-wrong);
      const downtime = new Downtime(clock, lastSeen);
      assert.equal(look(downtime, clock, 5).isSettled, false);
      clock.setBack(wrong);
      assert.deepEqual(look(downtime, clock, 10), { stopped: 3 * hour, isSettled: false });
      assert.deepEqual(look(downtime, clock, 1), { stopped: 3 * hour, isSettled: true });
    });
  }

  it("changes no more once it is certain, and is never less than nothing", () => {
    const clock = new FakeClock();
    const downtime = new Downtime(clock, clock.now() + day);
    assert.deepEqual(look(downtime, clock, 10), { stopped: 0, isSettled: true });
    clock.setBack(-30 * day);
    assert.deepEqual(look(downtime, clock, 10), { stopped: 0, isSettled: true });
  });
});
