import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Slots } from "../../../../src/core/forwarding/slots.ts";

const never = new AbortController().signal;

describe("slots", () => {
  it("are taken in the order in which they were asked for, as many at a time as there are", async () => {
    const slots = new Slots(1);
    const taken: string[] = [];
    const take = async (name: string): Promise<void> => {
      if (await slots.take(never)) taken.push(name);
    };
    await take("first");
    const others = ["second", "third"].map(take);
    assert.deepEqual(taken, ["first"]);
    slots.release();
    await others[0];
    assert.deepEqual(taken, ["first", "second"]);
    slots.release();
    await others[1];
    assert.deepEqual(taken, ["first", "second", "third"]);
  });

  it("are free again when they were given back and nobody waits", async () => {
    const slots = new Slots(1);
    await slots.take(never);
    slots.release();
    assert.equal(await slots.take(AbortSignal.any([])), true);
    const waiting = new AbortController();
    const another = slots.take(waiting.signal);
    waiting.abort();
    assert.equal(await another, false);
  });

  it("are not for those who stop waiting, or never began to", async () => {
    const slots = new Slots(1);
    await slots.take(never);
    const impatient = new AbortController();
    const waiting = slots.take(impatient.signal);
    const next = slots.take(never);
    impatient.abort();
    assert.deepEqual([await waiting, await slots.take(impatient.signal)], [false, false]);
    slots.release();
    assert.equal(await next, true);
  });
});
