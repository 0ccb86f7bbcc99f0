import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, second } from "../../../src/base/clock.ts";
import { Readiness } from "../../../src/relay/readiness.ts";
import { FakeClock } from "../../support/fakeClock.ts";

class Probe {
  count = 0;
  isFailing = false;
  readonly run = async (): Promise<void> => {
    this.count++;
    return this.isFailing ? Promise.reject(new Error("full")) : Promise.resolve();
  };
}

describe("whether a relay is ready", () => {
  it("is found out once for all who ask at once or soon after", async () => {
    const [probe, clock] = [new Probe(), new FakeClock()];
    const readiness = new Readiness(probe.run, clock);
    assert.deepEqual(await Promise.all([1, 2, 3].map(async () => readiness.ask())), [true, true, true]);
    clock.advance(5 * second - 1);
    assert.equal(await readiness.ask(), true);
    assert.equal(probe.count, 1);
    clock.advance(1);
    assert.equal(await readiness.ask(), true);
    assert.equal(probe.count, 2);
  });

  it("is looked at again a second after it was not", async () => {
    const [probe, clock] = [new Probe(), new FakeClock()];
    const readiness = new Readiness(probe.run, clock);
    probe.isFailing = true;
    assert.equal(await readiness.ask(), false);
    probe.isFailing = false;
    clock.advance(second - 1);
    assert.equal(await readiness.ask(), false);
    clock.advance(1);
    assert.equal(await readiness.ask(), true);
  });

  it("is looked at again as soon where the clock was set back meanwhile", async () => {
    const [probe, clock] = [new Probe(), new FakeClock()];
    const readiness = new Readiness(probe.run, clock);
    probe.isFailing = true;
    assert.equal(await readiness.ask(), false);
    probe.isFailing = false;
    clock.setBack(hour);
    clock.advance(second);
    assert.equal(await readiness.ask(), true);
  });

  it("is no as soon as an event was refused, whatever was found before", async () => {
    const [probe, clock] = [new Probe(), new FakeClock()];
    const readiness = new Readiness(probe.run, clock);
    assert.equal(await readiness.ask(), true);
    readiness.refused();
    assert.equal(await readiness.ask(), false);
    assert.equal(probe.count, 1);
    clock.advance(second);
    assert.equal(await readiness.ask(), true);
  });
});
