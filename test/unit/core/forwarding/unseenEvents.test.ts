import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { second } from "../../../../src/base/clock.ts";
import type { WrittenRule } from "../../../../src/core/forwarding/forwardRule.ts";
import { World, type WorldWindow, about } from "./forwardingWorld.ts";

const former = { url: "http://localhost:3001" };
const changed = { url: "http://localhost:3002" };

/** A window that sees to rules, and another with the same that an event may come to first: neither has looked at it then. */
async function twoWindows(
  test: TestContext,
  rules: readonly WrittenRule[] = [former],
): Promise<{ readonly world: World; readonly sees: WorldWindow; readonly beside: WorldWindow }> {
  const world = new World(test);
  world.handler.always = 200;
  const [sees, beside] = [world.open(rules), world.open(rules)];
  await beside.wait(5 * second);
  return { world, sees, beside };
}

async function waitLong(window: WorldWindow): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await window.wait(2 * second);
}

const arrivalsOf = (world: World): readonly (readonly [string, number | undefined])[] =>
  world.handler.arrivals.map(({ target, marks }) => [target, marks.event]);

describe("an event that no window has looked at as its rule is replaced", () => {
  for (const first of ["sees", "beside"] as const)
    it(`goes by the rule in its place, where the window that ${first === "sees" ? "sees to it" : "waits"} changes first`, async test => {
      const { world, ...windows } = await twoWindows(test);
      const [id = 0] = await windows.beside.arrive([about("1")]);
      assert.deepEqual(windows.beside.states([id]), [undefined]);
      windows[first].setRules([changed]);
      windows[first === "sees" ? "beside" : "sees"].setRules([changed]);
      const [next = 0] = await windows.beside.arrive([about("1")]);
      await waitLong(windows.beside);
      assert.deepEqual(arrivalsOf(world), [
        [changed.url, id],
        [changed.url, next],
      ]);
    });

  it("stays the former rule's where another window keeps that", async test => {
    const { world, beside } = await twoWindows(test);
    const [id = 0] = await beside.arrive([about("1")]);
    beside.setRules([changed]);
    await waitLong(beside);
    assert.deepEqual(arrivalsOf(world), [[former.url, id]]);
  });

  it("goes by the rule in its place where what was chosen could not be written", async test => {
    const world = new World(test);
    world.handler.always = 200;
    const window = world.open([former]);
    const choose = test.mock.method(window.history.outbox, "choose", () => assert.fail("database is locked"));
    const [id = 0] = await window.arrive([about("1")]);
    choose.mock.restore();
    window.setRules([changed]);
    await window.wait(0);
    assert.deepEqual(arrivalsOf(world), [[changed.url, id]]);
  });

  for (const isBackSoon of [true, false])
    it(`${isBackSoon ? "goes by" : "is held for"} the rule in its place though its window was killed before that one's beginning could be written`, async test => {
      const world = new World(test);
      world.handler.always = 200;
      const window = world.open([former]);
      test.mock.method(window.history.outbox, "choose", () => assert.fail("database is locked"));
      const ids = await window.arrive([about("1")]);
      window.setRules([changed]);
      window.crash();
      const another = world.open([{ ...former, module: "Contacts" }]);
      await another.wait(30 * second);
      if (!isBackSoon) await waitLong(another);
      assert.equal(another.state.held, isBackSoon ? 0 : 1);
      const next = world.open([changed]);
      await next.wait(2 * second);
      assert.deepEqual(next.states(ids), [isBackSoon ? "answered" : "held"]);
    });

  it("is not sent where the former rule would not have, though the one in its place would", async test => {
    const contacts = { ...former, module: "Contacts" };
    const { world, sees, beside } = await twoWindows(test, [contacts]);
    const ids = await beside.arrive(["Deals", "Contacts"].map(module => ({ ...about(module), module })));
    for (const window of [beside, sees]) window.setRules([changed]);
    await waitLong(beside);
    assert.deepEqual(arrivalsOf(world), [[changed.url, ids[1]]]);
    assert.deepEqual(beside.states(ids), [undefined, "answered"]);
  });

  it("is left to the rule in its place where another window has that, and is about to look at it", async test => {
    const { world, sees, beside } = await twoWindows(test);
    const lenient = { ...changed, wrongToken: true };
    const another = world.open([lenient]);
    for (const window of [another, beside, sees]) window.tokens.learn("1105420521999070702", "the right one");
    await another.wait(5 * second);
    const [id = 0] = await beside.arrive([about("1")]);
    for (const window of [beside, sees]) window.setRules([lenient]);
    await waitLong(beside);
    assert.deepEqual(arrivalsOf(world), [[changed.url, id]]);
  });

  it("is left alone where no rule has that one's place", async test => {
    const { world, sees, beside } = await twoWindows(test);
    const ids = await beside.arrive([about("1")]);
    for (const window of [beside, sees]) window.setRules([{ ...changed, module: "Deals" }]);
    await waitLong(beside);
    assert.deepEqual([arrivalsOf(world), beside.states(ids)], [[], [undefined]]);
  });

  it("is held while forwarding is stopped", async test => {
    const { world, sees, beside } = await twoWindows(test);
    beside.forwarding.forwarder.stop();
    const ids = await beside.arrive([about("1")]);
    for (const window of [beside, sees]) window.setRules([changed]);
    await waitLong(beside);
    assert.deepEqual([arrivalsOf(world), beside.states(ids)], [[], ["held"]]);
  });

  it("is withheld where its token proves too little for either rule", async test => {
    for (const [before, after] of [
      [former, { ...changed, wrongToken: true }],
      [{ ...former, wrongToken: true }, changed],
    ] as const) {
      const { world, sees, beside } = await twoWindows(test, [before]);
      for (const window of [beside, sees]) window.tokens.learn("1105420521999070702", "the right one");
      const ids = await beside.arrive([about("1")]);
      for (const window of [beside, sees]) window.setRules([after]);
      await waitLong(beside);
      assert.deepEqual([arrivalsOf(world), beside.states(ids)], [[], ["withheld"]]);
    }
  });

  it("is held where it came in while nobody was connected", async test => {
    const { world, sees, beside } = await twoWindows(test);
    beside.become("catching-up");
    const ids = await beside.arrive([about("1")]);
    for (const window of [beside, sees]) window.setRules([changed]);
    await waitLong(beside);
    assert.deepEqual([arrivalsOf(world), beside.states(ids)], [[], ["held"]]);
  });

  it("is held where the window that saw to it crashed, a minute after, and newer ones of its record wait", async test => {
    const { world, sees, beside } = await twoWindows(test);
    sees.crash();
    const [id = 0] = await beside.arrive([about("1")]);
    beside.setRules([changed]);
    await beside.wait(30 * second);
    assert.deepEqual(beside.states([id]), [undefined]);
    const [next = 0] = await beside.arrive([about("1")]);
    await waitLong(beside);
    assert.deepEqual(beside.states([id, next]), ["held", "queued"]);
    beside.forwarding.forwarder.sendHeld();
    await waitLong(beside);
    assert.deepEqual(arrivalsOf(world), [
      [changed.url, id],
      [changed.url, next],
    ]);
  });
});
