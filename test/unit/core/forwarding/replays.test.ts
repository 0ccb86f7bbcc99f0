import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import type { Replay } from "../../../../src/core/forwarding/replays.ts";
import { World, type WorldWindow, about } from "./forwardingWorld.ts";
import { settled } from "./playedHandler.ts";

const target = "http://localhost:3000/replayed";

function replaysOf(window: WorldWindow, ids: readonly number[]): Replay[] {
  return ids.flatMap(id => {
    const event = window.forwarding.eventOf(id);
    return event === undefined ? [] : [{ event, target }];
  });
}

describe("replaying", () => {
  it("sends events strictly one after another, each once, and says what came of each", async test => {
    const world = new World(test);
    const window = world.open([]);
    const ids = await window.arrive([about("1"), about("2"), about("3")]);
    const replaying = window.forwarding.replays.replay(replaysOf(window, ids));
    await settled();
    assert.deepEqual(world.handler.under, ids.slice(0, 1));
    await world.handler.answer(503);
    await world.handler.answer(200);
    await world.handler.answer(404);
    const results = await replaying;
    assert.deepEqual(
      results.map(({ handling }) => handling?.status),
      [503, 200, 404],
    );
    assert.deepEqual(world.handler.came, ids);
    assert.deepEqual(
      world.handler.arrivals.map(({ marks }) => [marks.attempt, marks.replay]),
      [
        [1, true],
        [1, true],
        [1, true],
      ],
    );
    assert.deepEqual(
      window.history.attempts.list(ids[0] ?? 0).map(({ origin }) => origin),
      ["replay"],
    );
    assert.deepEqual(window.forwarding.replays.running, []);
  });

  it("sends an event to each of its addresses, and says what went worst", async test => {
    const world = new World(test);
    const window = world.open([]);
    const ids = await window.arrive([about("1"), about("2")]);
    const urls = [target, "http://localhost:3001/other"];
    const both = replaysOf(window, ids).flatMap(({ event }) => urls.map(url => ({ event, target: url })));
    const replaying = window.forwarding.replays.replay(both);
    for (const status of [500, 200, 200, 200]) await world.handler.answer(status);
    const results = await replaying;
    assert.deepEqual(
      world.handler.arrivals.map(arrival => [arrival.marks.event, arrival.target]),
      ids.flatMap(id => urls.map(url => [id, url])),
    );
    assert.equal(results.length, 4);
    assert.deepEqual(
      ids.map(id => window.handling(id)?.status),
      [500, 200],
    );
  });

  it("lets one batch wait for no other", async test => {
    const world = new World(test);
    const window = world.open([]);
    const ids = await window.arrive([about("1"), about("2"), about("3"), about("4")]);
    void window.forwarding.replays.replay(replaysOf(window, ids.slice(0, 2)));
    void window.forwarding.replays.replay(replaysOf(window, ids.slice(2)));
    await settled();
    assert.deepEqual(window.states(ids), ["sending", "queued", "sending", "queued"]);
  });

  it("leaves no timer once nothing is sent any more", async test => {
    const world = new World(test);
    world.handler.always = 200;
    const window = world.open([]);
    const idle = world.clock.pending;
    await window.forwarding.replays.replay(replaysOf(window, await window.arrive([about("1")])));
    await window.wait(minute);
    assert.equal(world.clock.pending, idle);
  });

  it("takes an event from the rule that sends it, and from what is held", async test => {
    const world = new World(test);
    const window = world.open();
    const [sending = 0, waiting = 0] = await window.arrive([about("1"), about("2")]);
    await world.handler.answer(503);
    window.forwarding.forwarder.stop();
    const replaying = window.forwarding.replays.replay(replaysOf(window, [sending, waiting]));
    await settled();
    assert.deepEqual(world.handler.under, [waiting, sending]);
    world.handler.always = 200;
    await world.handler.answer(200);
    await world.handler.answer(200);
    await replaying;
    assert.deepEqual(window.states([sending, waiting]), ["answered", "answered"]);
    assert.equal(window.state.held, 0);
    window.forwarding.forwarder.resume();
    await window.wait(minute);
    assert.equal(world.handler.arrivals.length, 4);
  });

  it("waits for what is under way of the same record", async test => {
    const world = new World(test);
    const window = world.open();
    const [first = 0, second_ = 0] = await window.arrive([about("1"), about("2")]);
    await world.handler.answer(200);
    const [third = 0] = await window.arrive([about("1")]);
    void window.forwarding.replays.replay(replaysOf(window, [first]));
    await settled();
    assert.deepEqual(world.handler.under, [second_, third]);
    await world.handler.answer(200);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.under, [first]);
  });

  it("waits no longer for what is held instead of being tried again", async test => {
    const world = new World(test);
    const window = world.open();
    const [first = 0] = await window.arrive([about("1")]);
    await world.handler.answer(200);
    const [newer = 0] = await window.arrive([about("1")]);
    void window.forwarding.replays.replay(replaysOf(window, [first]));
    await settled();
    window.forwarding.forwarder.stop();
    assert.deepEqual(world.handler.under, [newer]);
    await world.handler.answer(503);
    assert.deepEqual(world.handler.under, [first]);
    assert.deepEqual(window.states([first, newer]), ["sending", "held"]);
  });

  it("ends when it is stopped, and says so", async test => {
    const world = new World(test);
    const window = world.open([]);
    const ids = await window.arrive([about("1"), about("2")]);
    const replaying = window.forwarding.replays.replay(replaysOf(window, ids));
    await settled();
    assert.equal(window.forwarding.stop(ids), 2);
    assert.deepEqual(
      (await replaying).map(({ handling }) => handling?.state),
      ["stopped", "stopped"],
    );
    assert.deepEqual(window.states(ids), ["stopped", "stopped"]);
    assert.equal(world.handler.arrivals.length, 1);
  });
});

describe("an event that is replayed once more", () => {
  it("gives up the first sending, and belongs to the second alone", async test => {
    const world = new World(test);
    const window = world.open([]);
    const ids = await window.arrive([about("1")]);
    const first = window.forwarding.replays.replay(replaysOf(window, ids));
    await settled();
    const second_ = window.forwarding.replays.replay(replaysOf(window, ids));
    assert.deepEqual(
      (await first).map(({ handling }) => handling?.state),
      ["stopped"],
    );
    await settled();
    assert.deepEqual(window.forwarding.replays.running, ids);
    await world.handler.answer(200);
    assert.deepEqual(
      (await second_).map(({ handling }) => handling?.state),
      ["answered"],
    );
    assert.deepEqual(window.forwarding.replays.running, []);
  });

  it("ends at once where it waits for another, which goes on", async test => {
    const world = new World(test);
    const window = world.open([]);
    const [first = 0, second_ = 0] = await window.arrive([about("1"), about("2")]);
    const replaying = window.forwarding.replays.replay(replaysOf(window, [first, second_]));
    await settled();
    assert.equal(window.forwarding.replays.stop([second_]), 1);
    await settled();
    assert.deepEqual(window.forwarding.replays.running, [first]);
    assert.deepEqual(window.states([first, second_]), ["sending", "stopped"]);
    await world.handler.answer(200);
    assert.equal((await replaying)[0]?.handling?.state, "answered");
  });
});

describe("replaying until it passes", () => {
  it("tries with growing pauses until the handler answers with a 2xx", async test => {
    const world = new World(test);
    const window = world.open([]);
    const [id = 0] = await window.arrive([about("1")]);
    const [replay] = replaysOf(window, [id]);
    assert.ok(replay);
    const tries: number[] = [];
    const passing = window.forwarding.replays.untilPasses(replay, count => tries.push(count));
    await settled();
    await world.handler.answer(404);
    assert.equal(window.handling(id)?.state, "waiting");
    await window.wait(second);
    await world.handler.answer(500);
    await window.wait(2 * second);
    await world.handler.answer(204);
    assert.deepEqual((await passing).handling, { state: "answered", status: 204, milliseconds: 5, attempts: 3 });
    assert.deepEqual(tries, [1, 2, 3]);
  });

  it("pauses twenty seconds at the longest", async test => {
    const world = new World(test);
    const window = world.open([]);
    const [replay] = replaysOf(window, await window.arrive([about("1")]));
    assert.ok(replay);
    void window.forwarding.replays.untilPasses(replay, () => undefined);
    await settled();
    for (const pause of [1, 2, 4, 8, 16, 20, 20]) {
      await world.handler.answer(500);
      await window.wait(pause * second - 1);
      assert.deepEqual(world.handler.under, []);
      await window.wait(1);
      assert.equal(world.handler.under.length, 1);
    }
  });

  it("tries at once when the handler may have been mended, and ends when it is stopped", async test => {
    const world = new World(test);
    const window = world.open([]);
    const [id = 0] = await window.arrive([about("1")]);
    const passing = Promise.all(
      replaysOf(window, [id]).map(async replay => window.forwarding.replays.untilPasses(replay, () => undefined)),
    );
    await settled();
    await world.handler.answer(500);
    window.forwarding.replays.hurry();
    await settled();
    assert.deepEqual(world.handler.under, [id]);
    await world.handler.answer(500);
    window.forwarding.replays.stop([id]);
    assert.deepEqual(
      (await passing).map(({ handling }) => handling?.state),
      ["stopped"],
    );
    await window.wait(minute);
    assert.equal(world.handler.arrivals.length, 2);
  });

  it("ends after a hundred tries", async test => {
    const world = new World(test);
    world.handler.always = 500;
    const window = world.open([]);
    const [id = 0] = await window.arrive([about("1")]);
    const passing = Promise.all(
      replaysOf(window, [id]).map(async replay => window.forwarding.replays.untilPasses(replay, () => undefined)),
    );
    for (let turn = 0; turn < 110; turn++) {
      window.forwarding.replays.hurry();
      await settled();
    }
    assert.deepEqual(
      (await passing).map(({ handling }) => handling?.attempts),
      [100],
    );
  });
});

describe("a replay whose window is gone", () => {
  it("does not look as if it went on", async test => {
    const world = new World(test);
    const before = world.open([]);
    const ids = await before.arrive([about("1"), about("2")]);
    void before.forwarding.replays.replay(replaysOf(before, ids));
    await settled();
    before.crash();
    world.clock.advance(2 * minute);
    const window = world.open([]);
    await window.wait(5 * second);
    assert.deepEqual(window.states(ids), ["stopped", "stopped"]);
    const [attempt] = window.history.attempts.list(ids[0] ?? 0);
    assert.match(attempt?.problem ?? "", /^The window closed/);
    assert.equal(attempt?.milliseconds, 0);
  });

  it("goes on for as long as its window lives, whichever other opens", async test => {
    const world = new World(test);
    const window = world.open([]);
    const ids = await window.arrive([about("1")]);
    void window.forwarding.replays.replay(replaysOf(window, ids));
    for (let seconds = 0; seconds < 170; seconds += 10) await window.wait(10 * second);
    world.open([]);
    assert.deepEqual(window.states(ids), ["sending"]);
  });

  it("is stopped when the window closes", async test => {
    const world = new World(test);
    const before = world.open([]);
    const ids = await before.arrive([about("1"), about("2")]);
    const replaying = before.forwarding.replays.replay(replaysOf(before, ids));
    await settled();
    before.forwarding.dispose();
    assert.deepEqual(
      (await replaying).map(({ handling }) => handling),
      [undefined, undefined],
    );
    await settled();
    assert.deepEqual(before.states(ids), ["stopped", "stopped"]);
    assert.match(before.history.attempts.list(ids[0] ?? 0)[0]?.problem ?? "", /^The window closed/);
    before.close();
    assert.equal(world.clock.pending, 0);
    world.open([]);
    await settled();
    assert.equal(world.handler.arrivals.length, 1);
  });

  it("is stopped by the next window where the one that closed could not write so, once that is taken for gone", async test => {
    const world = new World(test);
    const before = world.open([]);
    const ids = await before.arrive([about("1")]);
    void before.forwarding.replays.replay(replaysOf(before, ids));
    await settled();
    const busy = test.mock.method(before.history.outbox, "leave", () => assert.fail("database is locked"));
    before.forwarding.dispose();
    busy.mock.restore();
    await settled();
    before.crash();
    const next = world.open([]);
    assert.deepEqual(next.states(ids), ["sending"]);
    await next.wait(30 * second);
    assert.deepEqual(next.states(ids), ["stopped"]);
  });

  it("stays answered where that came before the window closed", async test => {
    const world = new World(test);
    world.handler.always = 200;
    const before = world.open([]);
    const ids = await before.arrive([about("1")]);
    await before.forwarding.replays.replay(replaysOf(before, ids));
    before.close();
    assert.deepEqual(world.open([]).states(ids), ["answered"]);
  });
});

describe("sending a request past the queues", () => {
  it("writes down what came of it with the entry that it is of", async test => {
    const world = new World(test);
    const window = world.open([]);
    const request = { method: "POST", path: "", query: "", headers: [], body: Buffer.from("fixture") };
    const eventId = window.history.addTest(request) ?? 0;
    const sending = window.forwarding.sendTo(target, request, { origin: "fixture", eventId });
    await settled();
    assert.deepEqual(window.states([eventId]), ["sending"]);
    await world.handler.answer(202);
    assert.deepEqual(await sending, {
      kind: "answered",
      status: 202,
      headers: [],
      body: new Uint8Array(),
      bytes: 0,
      milliseconds: 5,
    });
    assert.deepEqual(window.handling(eventId), { state: "answered", status: 202, milliseconds: 5, attempts: 1 });
    assert.deepEqual(
      window.history.attempts.list(eventId).map(({ origin }) => origin),
      ["fixture"],
    );
    assert.deepEqual(world.handler.arrivals[0]?.marks, { event: eventId, attempt: 1, replay: true });
  });

  it("looks stopped where the window was gone before the answer, and answered where it was not", async test => {
    const world = new World(test);
    const window = world.open([]);
    const request = { method: "POST", path: "", query: "", headers: [], body: Buffer.from("fixture") };
    const [answered = 0, open = 0] = [window.history.addTest(request), window.history.addTest(request)];
    for (const eventId of [answered, open]) {
      void window.forwarding.sendTo(target, request, { origin: "fixture", eventId });
    }
    await settled();
    await world.handler.answer(200);
    window.crash();
    world.clock.advance(2 * minute);
    const next = world.open([]);
    await next.wait(5 * second);
    assert.deepEqual(next.states([answered, open]), ["answered", "stopped"]);
    assert.match(next.history.attempts.list(open)[0]?.problem ?? "", /^The window closed/);
  });

  it("leaves no trace where there is no entry", async test => {
    const world = new World(test);
    world.handler.always = 200;
    const window = world.open([]);
    const request = { method: "POST", path: "", query: "", headers: [], body: new Uint8Array() };
    const outcome = await window.forwarding.sendTo(target, request, { origin: "fixture" });
    assert.equal(outcome.kind, "answered");
    assert.equal(window.history.count(), 0);
  });
});
