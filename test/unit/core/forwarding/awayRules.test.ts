import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, minute, second } from "../../../../src/base/clock.ts";
import type { WrittenRule } from "../../../../src/core/forwarding/forwardRule.ts";
import { World, type WorldWindow, about } from "./forwardingWorld.ts";

const former = { url: "http://localhost:3001" };
const changed = { url: "http://localhost:3002" };
const another = { url: "http://localhost:3003", module: "Contacts" };

/** An event that waits to be tried again by a rule whose window is closed, and a window with others a day later. */
async function leftBehind(
  test: TestContext,
  rules: readonly WrittenRule[],
): Promise<{ readonly world: World; readonly window: WorldWindow; readonly left: number }> {
  const world = new World(test);
  const before = world.open([former]);
  const [left = 0] = await before.arrive([about("1")]);
  await world.handler.answer(503);
  before.close();
  world.clock.advance(day);
  const window = world.open(rules);
  await window.wait(10 * second);
  world.handler.arrivals.length = 0;
  world.handler.always = 200;
  return { world, window, left };
}

const targetsOf = (world: World): readonly (readonly [string, number | undefined])[] =>
  world.handler.arrivals.map(({ target, marks }) => [target, marks.event]);

describe("a rule that nobody sees to", () => {
  it("has what it was to send held and counted, with what waits behind, in whichever window", async test => {
    const { world, window, left } = await leftBehind(test, [changed]);
    const [next = 0, other = 0] = await window.arrive([about("1"), about("2")]);
    await window.wait(2 * second);
    assert.deepEqual(window.states([left, next, other]), ["held", "queued", "answered"]);
    assert.deepEqual([window.state.held, window.state.behind], [1, 1]);
    const without = world.open([]);
    await without.wait(10 * second);
    assert.deepEqual([without.state.kind, without.state.held], ["off", 1]);
    assert.deepEqual(without.forwarding.forwarder.held(), [left]);
  });

  it("has it sent by the rule of the window that releases it", async test => {
    const { world, window, left } = await leftBehind(test, [changed]);
    const [next = 0] = await window.arrive([about("1")]);
    assert.equal(window.forwarding.forwarder.sendHeld(), 1);
    await window.wait(0);
    assert.deepEqual(targetsOf(world), [
      [changed.url, left],
      [changed.url, next],
    ]);
    assert.deepEqual(window.states([left, next]), ["answered", "answered"]);
  });

  it("has it sent to where it was to go where none of that window fits it", async test => {
    const { world, window, left } = await leftBehind(test, [another]);
    window.forwarding.forwarder.sendHeld([left]);
    await window.wait(0);
    assert.deepEqual(targetsOf(world), [[former.url, left]]);
    assert.deepEqual(window.states([left]), ["answered"]);
    await window.wait(minute);
    assert.equal(window.state.held, 0);
  });

  it("has it left unsent where a window says so, and what waits behind goes", async test => {
    const { world, window, left } = await leftBehind(test, [changed]);
    const [next = 0] = await window.arrive([about("1")]);
    assert.equal(window.forwarding.forwarder.discardHeld(), 1);
    await window.wait(0);
    assert.deepEqual(window.states([left, next]), ["stopped", "answered"]);
    assert.deepEqual(targetsOf(world), [[changed.url, next]]);
  });

  it("is one a minute after its window closed, and not before", async test => {
    const world = new World(test);
    const window = world.open([changed]);
    const closed = world.open([former]);
    await window.wait(2 * second);
    window.setRules([another]);
    const ids = await closed.arrive([about("1")]);
    await world.handler.answer(503);
    closed.close();
    await window.wait(50 * second);
    assert.deepEqual([window.states(ids), window.state.held], [["waiting"], 0]);
    await window.wait(20 * second);
    assert.deepEqual([window.states(ids), window.state.held], [["held"], 1]);
  });

  it("is none as long as its window lives, whatever that does not get to", async test => {
    const world = new World(test);
    const window = world.open([another]);
    const busy = world.open([former]);
    const ids = await busy.arrive([about("1"), about("1")]);
    await window.wait(5 * minute);
    assert.deepEqual([window.states(ids), window.state.held], [["sending", "queued"], 0]);
    const { outbox } = window.history;
    assert.deepEqual(outbox.away(world.clock.now() + 5 * minute), [], "the clock may have been set meanwhile");
  });

  it("may be one that took the place of another in a window that was killed before it could write so", async test => {
    const world = new World(test);
    const window = world.open([former]);
    const ids = await window.arrive([about("1")]);
    await world.handler.answer(503);
    const free = world.lock("events.sqlite");
    window.setRules([changed]);
    window.crash();
    free();
    const next = world.open([another]);
    await next.wait(2 * minute);
    assert.deepEqual([next.states(ids), next.state.held], [["held"], 1]);
  });
});
