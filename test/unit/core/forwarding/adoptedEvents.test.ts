import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, minute, second } from "../../../../src/base/clock.ts";
import { adoptedKey } from "../../../../src/core/forwarding/adoptedEvents.ts";
import type { WrittenRule } from "../../../../src/core/forwarding/forwardRule.ts";
import { World, type WorldWindow, about } from "./forwardingWorld.ts";
import { settled } from "./playedHandler.ts";

const former = { url: "http://localhost:3001", module: "Leads" };
const another = { url: "http://localhost:3003", module: "Contacts" };
const both = [{ url: ["http://localhost:3001", "http://localhost:3002"] }];

interface Adopting {
  readonly world: World;
  readonly window: WorldWindow;
  readonly ids: readonly number[];
}

/** Events that are held by rules whose window is closed, and a window whose rule fits none of them. */
async function heldByNobody(
  test: TestContext,
  { records = ["1"], rules = [former] }: { records?: readonly string[]; rules?: readonly WrittenRule[] } = {},
): Promise<Adopting> {
  const world = new World(test);
  const before = world.open(rules);
  await before.wait(2 * second);
  before.forwarding.forwarder.stop();
  const ids = await before.arrive(records.map(about));
  before.forwarding.forwarder.resume();
  before.close();
  world.clock.advance(day);
  const window = world.open([another]);
  await window.wait(10 * second);
  assert.deepEqual(window.forwarding.forwarder.held(), ids);
  return { world, window, ids };
}

/** The same, where a person of that window has sent them, and the handler said that it cannot now. */
async function waiting(test: TestContext): Promise<Adopting> {
  const adopting = await heldByNobody(test);
  adopting.window.forwarding.forwarder.sendHeld();
  await settled();
  await adopting.world.handler.answer(503);
  assert.deepEqual(adopting.window.states(adopting.ids), ["waiting"]);
  return adopting;
}

describe("an event that a person sends for a rule that nobody sees to", () => {
  it("is called off like any other while it waits to be tried again", async test => {
    const { world, window, ids } = await waiting(test);
    assert.equal(window.forwarding.stop(ids), 1);
    await window.wait(minute);
    assert.deepEqual([window.states(ids), world.handler.arrivals.length], [["stopped"], 1]);
  });

  it("is called off in another window, too", async test => {
    const { world, window, ids } = await waiting(test);
    const other = world.open([]);
    assert.equal(other.forwarding.stop(ids), 1);
    await window.wait(minute);
    assert.deepEqual([window.states(ids), world.handler.arrivals.length], [["stopped"], 1]);
  });

  it("goes on when the window is reloaded", async test => {
    const { world, window, ids } = await waiting(test);
    window.close();
    world.handler.always = 200;
    world.clock.advance(5 * second);
    const reloaded = world.open([another]);
    await reloaded.wait(minute);
    assert.deepEqual([reloaded.states(ids), world.handler.arrivals.length], [["answered"], 2]);
  });

  it("goes on in another window where the one that sends it is killed", async test => {
    const { world, window, ids } = await waiting(test);
    const other = world.open([]);
    await other.wait(0);
    window.crash();
    world.handler.always = 200;
    for (let time = 0; time < minute; time += 2 * second) await other.wait(2 * second);
    assert.deepEqual([other.states(ids), world.handler.arrivals.length], [["answered"], 2]);
  });

  it("waits for a word again after an absence, and goes by a rule that fits it by then", async test => {
    const { world, window, ids } = await waiting(test);
    window.close();
    world.clock.advance(day);
    const next = world.open([{ url: "http://localhost:3004" }]);
    await next.wait(minute);
    assert.deepEqual([next.states(ids), next.state.held], [["held"], 1]);
    world.handler.always = 200;
    next.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(
      [next.states(ids), world.handler.arrivals.at(-1)?.target],
      [["answered"], "http://localhost:3004"],
    );
  });

  it("is held like any other where forwarding is stopped while it is under way", async test => {
    const { world, window, ids } = await heldByNobody(test);
    window.forwarding.forwarder.sendHeld();
    await settled();
    window.forwarding.forwarder.stop();
    await world.handler.answer(503);
    assert.deepEqual([window.states(ids), window.forwarding.forwarder.held()], [["held"], ids]);
  });

  it("is held after one try where forwarding is stopped, and tried again where it was resumed since", async test => {
    const { world, window, ids } = await heldByNobody(test);
    window.forwarding.forwarder.stop();
    window.forwarding.forwarder.sendHeld();
    await settled();
    await world.handler.answer(503);
    assert.deepEqual(window.states(ids), ["held"]);
    window.forwarding.forwarder.resume();
    window.forwarding.forwarder.sendHeld();
    await settled();
    await world.handler.answer(503);
    assert.deepEqual(window.states(ids), ["waiting"]);
  });

  it("is tried again though the window that stopped forwarding was closed before it resumed", async test => {
    const { world, window, ids } = await heldByNobody(test);
    window.forwarding.forwarder.sendHeld();
    await settled();
    window.forwarding.forwarder.stop();
    await world.handler.answer(503);
    window.close();
    const next = world.open([]);
    await next.wait(10 * second);
    next.forwarding.forwarder.sendHeld();
    await settled();
    await world.handler.answer(503);
    assert.deepEqual(next.states(ids), ["waiting"]);
  });

  it("waits for an older one of its record that a rule of the window has still to send", async test => {
    const world = new World(test);
    const closed = world.open([{ ...former, operation: "edit" }]);
    await closed.wait(2 * second);
    const window = world.open([{ ...former, operation: "create" }]);
    await window.wait(2 * second);
    const [older = 0] = await window.arrive([{ ...about("1"), operation: "insert" }]);
    await closed.wait(2 * second);
    closed.forwarding.forwarder.stop();
    const [newer = 0] = await window.arrive([{ ...about("1"), operation: "update" }]);
    await closed.wait(2 * second);
    closed.forwarding.forwarder.resume();
    closed.close();
    for (let time = 0; time <= minute; time += 2 * second) await window.wait(2 * second);
    await world.handler.answer(503);
    assert.deepEqual(window.states([older, newer]), ["waiting", "held"]);
    window.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual([window.states([older, newer]), world.handler.under], [["waiting", "queued"], []]);
    world.handler.always = 200;
    await window.wait(minute);
    assert.deepEqual(world.handler.came, [older, older, newer]);
  });

  it("keeps the order of its record, whichever was held first", async test => {
    const world = new World(test);
    const closed = world.open([former]);
    const channel = "1105420521999070702";
    closed.tokens.learn(channel, "other");
    await closed.wait(2 * second);
    closed.forwarding.forwarder.stop();
    const [older = 0] = await closed.arrive([about("1")]);
    await closed.wait(2 * second);
    const [newer = 0] = await closed.arrive([{ ...about("1"), server_time: 2, token: "other" }]);
    await closed.wait(2 * second);
    assert.deepEqual(closed.states([older, newer]), ["withheld", "held"]);
    closed.tokens.learn(channel, "token-of-the-test");
    await closed.wait(4 * second);
    assert.deepEqual(closed.states([older, newer]), ["held", "held"]);
    closed.forwarding.forwarder.resume();
    closed.close();
    world.clock.advance(day);
    const window = world.open([another]);
    await window.wait(10 * second);
    world.handler.always = 200;
    window.forwarding.forwarder.sendHeld();
    await window.wait(second);
    assert.deepEqual(world.handler.came, [older, newer]);
  });

  it("waits for what a program sends of it to the same address, and the others go meanwhile", async test => {
    const { world, window, ids } = await heldByNobody(test, { records: ["1", "2"] });
    const [first = 0, second = 0] = ids;
    const request = window.forwarding.eventOf(first)?.request;
    assert.ok(request);
    const sending = window.forwarding.sendTo(former.url, request, { origin: "replay", eventId: first });
    await settled();
    assert.equal(window.forwarding.forwarder.sendHeld(), 2);
    await settled();
    assert.deepEqual(world.handler.under, [first, second]);
    world.handler.always = 200;
    await world.handler.answer(200);
    await sending;
    await world.handler.answer(200);
    assert.deepEqual(
      [window.states(ids), world.handler.came],
      [
        ["answered", "answered"],
        [first, second, first],
      ],
    );
  });

  it("keeps nobody else waiting, and what comes in meanwhile for the rule is left to that", async test => {
    const { world, window } = await waiting(test);
    const [forRule = 0, other = 0] = await window.arrive([about("9"), { ...about("9"), module: "Contacts" }]);
    assert.deepEqual([window.states([forRule, other]), world.handler.under], [[undefined, "sending"], [other]]);
    const back = world.open([former]);
    await back.wait(2 * second);
    assert.deepEqual(back.states([forRule]), ["held"]);
  });

  it("goes to each address that its rule had", async test => {
    const { world, window, ids } = await heldByNobody(test, { rules: both });
    world.handler.always = 200;
    window.forwarding.forwarder.sendHeld();
    await window.wait(0);
    assert.deepEqual(
      [window.states(ids), world.handler.arrivals.map(({ target }) => target)],
      [["answered"], both[0]?.url],
    );
  });

  it("leaves nothing behind once all are over, so that nothing is waited for", async test => {
    const { world, window, ids } = await heldByNobody(test);
    window.forwarding.forwarder.sendHeld();
    await settled();
    window.forwarding.forwarder.stop();
    window.forwarding.forwarder.resume();
    await window.wait(2 * second);
    assert.notEqual(window.history.outbox.rules.progress(adoptedKey), undefined);
    await world.handler.answer(200);
    await window.wait(4 * second);
    assert.deepEqual(window.states(ids), ["answered"]);
    assert.equal(window.history.outbox.rules.progress(adoptedKey), undefined);
  });
});
