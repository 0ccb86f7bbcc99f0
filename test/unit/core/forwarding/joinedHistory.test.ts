import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { second } from "../../../../src/base/clock.ts";
import type { WrittenRule } from "../../../../src/core/forwarding/forwardRule.ts";
import type { Capture } from "../../../../src/core/events/capture.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";
import { World, type WorldWindow, about } from "./forwardingWorld.ts";
import { settled } from "./playedHandler.ts";

const urls = ["http://localhost:1", "http://localhost:2"];

/** A window whose history is in memory, in a world that has had one before; and what lets it have the file. */
async function inMemory(
  test: TestContext,
  rules: readonly WrittenRule[] = [{ url: "http://localhost:3000" }],
): Promise<{ readonly world: World; readonly window: WorldWindow; readonly letIn: () => Promise<void> }> {
  const world = new World(test);
  const before = world.open(rules);
  await before.wait(second);
  before.close();
  const giveBack = world.bar("events.sqlite");
  const window = world.open(rules);
  assert.equal(window.history.notice?.code, "HISTORY_NOT_KEPT");
  return { world, window, letIn: async () => (giveBack(), settled()) };
}

/** A delivery that every window gets by its own stream. */
function delivery(world: World, record: string): Capture {
  const payload = capturedPost(notificationBody(about(record)));
  return { sequence: world.nextSequence(), receivedAt: world.clock.now(), payload };
}

async function bring({ history }: WorldWindow, capture: Capture): Promise<void> {
  history.sinkFor("https://relay.example.com", "channel").store([capture]);
  await settled();
}

describe("an event of a window whose history was in memory", () => {
  it("is not sent again where it has been answered and another window has stored it, too", async test => {
    const { world, window, letIn } = await inMemory(test);
    const capture = delivery(world, "1");
    await bring(window, capture);
    await letIn();
    const other = world.open();
    await bring(other, capture);
    assert.deepEqual([other.history.newestId(), other.handling(1)?.state], [1, undefined]);
    await world.handler.answer(200);
    await window.wait(5 * second);
    for (const each of [window, other]) {
      await each.wait(2 * second);
      assert.deepEqual(each.handling(1), { state: "answered", status: 200, milliseconds: 5, attempts: 1 });
      assert.equal(each.history.attempts.list(1).length, 1);
    }
    assert.equal(world.handler.arrivals.length, 1);
  });

  it("is tried again from the file where it waits for that, in its turn", async test => {
    const { world, window, letIn } = await inMemory(test);
    const capture = delivery(world, "1");
    await letIn();
    await bring(world.open(), capture);
    window.history.pin([await arrived(window, capture)]);
    await world.handler.answer(503);
    world.handler.always = 200;
    for (let turn = 0; turn < 5; turn++) await window.wait(2 * second);
    assert.deepEqual(
      world.handler.arrivals.map(({ marks }) => marks.attempt),
      [1, 2],
    );
    assert.deepEqual([window.handling(1)?.state, window.event(1)?.pinned], ["answered", true]);
  });

  it("stays answered where another window has it in its queue", async test => {
    const { world, window, letIn } = await inMemory(test);
    const capture = delivery(world, "1");
    await bring(window, capture);
    await letIn();
    const other = world.open([{ url: "http://localhost:4" }]);
    other.forwarding.forwarder.stop();
    await bring(other, capture);
    assert.equal(other.handling(1)?.state, "held");
    await world.handler.answer(200);
    await window.wait(5 * second);
    assert.deepEqual([other.handling(1)?.state, other.forwarding.forwarder.held()], ["answered", []]);
  });

  it("stays as another window's handler answered it, with what was tried here beside", async test => {
    const { world, window, letIn } = await inMemory(test);
    const capture = delivery(world, "1");
    await bring(window, capture);
    await letIn();
    const other = world.open([{ url: "http://localhost:4" }]);
    await bring(other, capture);
    await world.handler.answer(503);
    await world.handler.answer(404);
    window.forwarding.forwarder.stop();
    await window.wait(5 * second);
    assert.deepEqual(other.handling(1), { state: "answered", status: 404, milliseconds: 5, attempts: 2 });
    assert.deepEqual(
      other.history.attempts.list(1).map(({ status }) => status),
      [404, 503],
    );
  });

  it("is still what one is made from that was made of it", async test => {
    const { world, window, letIn } = await inMemory(test, []);
    const capture = delivery(world, "1");
    await bring(window, capture);
    const request = window.forwarding.eventOf(1)?.request ?? assert.fail();
    window.history.addReplayed(request, 1);
    await letIn();
    await bring(world.open([]), capture);
    await window.wait(5 * second);
    const made = window.event(2);
    assert.ok(made?.kind === "request");
    assert.equal(made.parentId, 1);
  });

  it("ends as it went worst, over all addresses", async test => {
    const { world, window, letIn } = await inMemory(test, [{ url: urls }]);
    await bring(window, delivery(world, "1"));
    await letIn();
    await world.handler.answer(404);
    await world.handler.answer(503);
    world.handler.always = 200;
    const { forwarder } = window.forwarding;
    forwarder.stop();
    await window.wait(5 * second);
    forwarder.resume();
    forwarder.sendHeld();
    await window.wait(0);
    assert.deepEqual([window.handling(1)?.status, window.handling(1)?.attempts], [404, 3]);
  });
});

describe("an event that was taken away while the history was in memory", () => {
  for (const how of ["deleted", "cleared"] as const) {
    it(`does not come back, nor is it sent again, as it was ${how} once it was answered`, async test => {
      const { world, window, letIn } = await inMemory(test);
      world.handler.always = 200;
      const capture = delivery(world, "1");
      await takenAway(window, capture, how);
      await letIn();
      await window.wait(5 * second);
      const sink = window.history.sinkFor("https://relay.example.com", "channel");
      assert.equal(sink.lastSequence(), capture.sequence);
      await bring(window, capture);
      await bring(world.open(), capture);
      await window.wait(2 * second);
      assert.deepEqual([window.history.count(), world.handler.arrivals.length], [0, 1]);
      assert.equal(window.history.forgottenUntil(), world.clock.now() - 7 * second);
    });

    it(`leaves the file, where another window has it in its queue, as it was ${how}`, async test => {
      const { world, window, letIn } = await inMemory(test);
      world.handler.always = 200;
      const kept = delivery(world, "2");
      const capture = delivery(world, "1");
      await letIn();
      const other = world.open([{ url: "http://localhost:4" }]);
      other.forwarding.forwarder.stop();
      await bring(other, kept);
      await bring(other, capture);
      await takenAway(window, capture, how);
      await window.wait(5 * second);
      await other.wait(2 * second);
      assert.deepEqual([other.history.get(1)?.kind, other.history.get(2), other.state.held], ["request", undefined, 1]);
      other.forwarding.forwarder.resume();
      other.forwarding.forwarder.sendHeld();
      await other.wait(2 * second);
      assert.equal(world.handler.arrivals.length, 2);
    });
  }
});

async function takenAway(window: WorldWindow, capture: Capture, how: "deleted" | "cleared"): Promise<void> {
  const id = await arrived(window, capture);
  assert.equal(window.handling(id)?.state, "answered");
  if (how === "deleted") window.history.delete([id]);
  else window.history.clear();
}

async function arrived(window: WorldWindow, capture: Capture): Promise<number> {
  await bring(window, capture);
  return window.history.newestId();
}
