import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MovableClock } from "../../../src/sandbox/state/movableClock.ts";
import { FakeClock } from "../../support/fakeClock.ts";

describe("the sandbox's clock", () => {
  it("runs what falls due when it is moved, in order, and each once", () => {
    const { system, clock, ran } = setUp({ late: 30, early: 10, middle: 20 });
    clock.advance(20);
    assert.deepEqual(ran, ["early", "middle"]);
    system.advance(100);
    assert.deepEqual([ran, system.pending], [["early", "middle", "late"], 0]);
  });

  it("lets what is left of a wait pass by the clock beneath", () => {
    const { system, clock, ran } = setUp({ one: 30 });
    clock.advance(20);
    system.advance(9);
    assert.deepEqual(ran, []);
    system.advance(1);
    assert.deepEqual(ran, ["one"]);
  });

  it("forgets what was cancelled", () => {
    const { system, clock, ran } = setUp({});
    clock.after(10, () => ran.push("cancelled")).dispose();
    clock.advance(100);
    assert.deepEqual([ran, system.pending], [[], 0]);
  });

  it("may be asked to wait again by what it runs", () => {
    const { system, clock, ran } = setUp({});
    clock.after(10, () => clock.after(10, () => ran.push("second")));
    clock.advance(10);
    system.advance(10);
    assert.deepEqual(ran, ["second"]);
  });
});

function setUp(waits: Readonly<Record<string, number>>): { system: FakeClock; clock: MovableClock; ran: string[] } {
  const system = new FakeClock();
  const clock = new MovableClock(system);
  const ran: string[] = [];
  for (const [name, delay] of Object.entries(waits)) clock.after(delay, () => ran.push(name));
  return { system, clock, ran };
}
