import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import { type WrittenRule, keyOf, parseRules } from "../../../../src/core/forwarding/forwardRule.ts";
import { forwardedEventOf } from "../../../../src/core/forwarding/forwardedEvent.ts";
import { claimKey } from "../../../../src/core/forwarding/ruleRun.ts";
import { failureOf } from "../../../../src/core/forwarding/sendProblem.ts";
import { World, type WorldWindow, about } from "./forwardingWorld.ts";
import { anAnswer } from "./outcomes.ts";
import { settled } from "./playedHandler.ts";

const worldOf = (test: TestContext): World => new World(test);
const refused = {
  kind: "failed",
  milliseconds: 1,
  ...failureOf(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }), new URL("http://localhost:3000")),
} as const;

/** A window that is back after a day in which these events came in. */
async function backAfterADay(
  test: TestContext,
  bodies: Parameters<WorldWindow["arrive"]>[0],
  rules?: readonly WrittenRule[],
  relayAhead = 0,
): Promise<{ readonly world: World; readonly window: WorldWindow; readonly backlog: readonly number[] }> {
  const world = worldOf(test);
  world.open(rules).close();
  world.clock.advance(day);
  const window = world.open(rules, "connecting");
  window.become("catching-up");
  const backlog = await window.arrive(bodies, day / 2 - relayAhead);
  window.become("live");
  return { world, window, backlog };
}

describe("an event that comes in while somebody is here", () => {
  it("is sent to the rule's handler, and its answer stands beside it", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [id] = await window.arrive([about("1")]);
    assert.equal(window.handling(id)?.state, "sending");
    assert.deepEqual(
      world.handler.arrivals.map(({ target, marks }) => ({ target, ...marks })),
      [{ target: "http://localhost:3000", event: id, sequence: 1, attempt: 1 }],
    );
    await world.handler.answer(anAnswer(201, [["X-Answer", "1"]]));
    assert.deepEqual(window.handling(id), { state: "answered", status: 201, milliseconds: 5, attempts: 1 });
    const [attempt] = window.history.attempts.list(id ?? 0);
    assert.deepEqual([attempt?.origin, attempt?.status, attempt?.answer?.headers], ["rule", 201, [["X-Answer", "1"]]]);
  });

  it("goes nowhere when no rule fits, or when it is a test of Diagnose or was forwarded before", async test => {
    const world = worldOf(test);
    const window = world.open([
      { url: "http://localhost:1", module: "Contacts" },
      { url: "http://localhost:2", operation: "create" },
    ]);
    const probe = { method: "POST", headers: [["X-Zoho-Crm-Notifications-Test", "1"]] } as const;
    const looped = { method: "POST", headers: [["X-Zoho-Crm-Notifications-Event", "1"]] } as const;
    const ids = await window.arrive([about("1"), probe, looped]);
    window.setRules([{ url: "http://localhost:3" }]);
    ids.push(...(await window.arrive([probe, looped])));
    assert.deepEqual(world.handler.arrivals, []);
    assert.deepEqual(window.states(ids), [undefined, undefined, undefined, undefined, undefined]);
  });

  it("is withheld with a wrong token or none, but for deletions and channels whose token nobody knows", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open();
    window.tokens.learn("1105420521999070702", "the right one");
    const deletion = { token: null, operation: "delete", affected_values: [] };
    const ids = await window.arrive([{}, { token: "the right one" }, { token: null }, deletion, { channel_id: "5" }]);
    assert.deepEqual(window.states(ids), ["withheld", "answered", "withheld", "answered", "answered"]);
    assert.equal(window.state.held, 0);
  });

  it("stays withheld at the next start, though its channel's token is read only a moment later", async test => {
    const world = worldOf(test);
    const before = world.open();
    before.tokens.learn("1105420521999070702", "the right one");
    const ids = await before.arrive([{}]);
    before.close();
    const window = world.open();
    window.tokens.learn("1105420521999070702", "the right one");
    await window.wait(4 * second);
    assert.deepEqual(window.states(ids), ["withheld"]);
  });

  it("is sent though the clock was set back since the window opened", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open();
    await window.wait(4 * second);
    world.clock.setBack(hour);
    await window.wait(4 * second);
    assert.deepEqual(window.states(await window.arrive([{}])), ["answered"]);
  });

  it("keeps its place while it cannot be read", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open();
    const get = window.history.get.bind(window.history);
    let reads = 0;
    window.history.get = id => {
      reads += 1;
      if (reads === 1) throw new Error("disk I/O error");
      return get(id);
    };
    const ids = await window.arrive([about("1"), about("1")]);
    await window.wait(10 * second);
    assert.deepEqual([window.states(ids), world.handler.came], [["answered", "answered"], ids]);
  });

  it("has as many tries as any other where it could not be read for a while, and says why it waits", async test => {
    const world = worldOf(test);
    const window = world.open();
    const get = window.history.get.bind(window.history);
    let [reads, isDiskBad] = [0, true];
    window.history.get = id => {
      reads += 1;
      if (isDiskBad) throw new Error("disk I/O error");
      return get(id);
    };
    const [id = 0] = await window.arrive([about("1")]);
    for (let time = 0; time < minute; time += second) await window.wait(second);
    assert.ok(reads > 5 && reads < 25, `${reads} reads, ever more seldom`);
    isDiskBad = false;
    const { state, attempts, problem = "" } = window.handling(id) ?? {};
    assert.deepEqual([state, attempts, window.history.attempts.list(id)], ["queued", 0, []]);
    assert.match(problem, /The log has the details/);
    await window.wait(5 * second);
    await world.handler.answer(503);
    await window.wait(second);
    await world.handler.answer(503);
    await window.wait(2 * second);
    await world.handler.answer(200);
    assert.deepEqual(window.handling(id), { state: "answered", status: 200, attempts: 3, milliseconds: 5 });
    assert.deepEqual(
      world.handler.arrivals.map(({ marks }) => marks.attempt),
      [1, 2, 3],
    );
  });

  it("has a place to be sent to once more, also with a wrong token", async test => {
    const window = worldOf(test).open([
      { url: "http://localhost:1", module: "Contacts" },
      { url: "http://localhost:2" },
    ]);
    window.tokens.learn("1105420521999070702", "the right one");
    const [id = 0] = await window.arrive([{}]);
    const stored = window.history.get(id);
    const event = stored === undefined ? undefined : forwardedEventOf(stored, window.tokens);
    assert.ok(event !== undefined);
    assert.equal(window.forwarding.forwarder.targetsOf(event)?.[0], "http://localhost:2");
  });

  it("is sent all the same where it is withheld and a person says so, or by a rule that does", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open([
      { url: "http://localhost:1", operation: "edit" },
      { url: "http://localhost:2", operation: "create", wrongToken: true },
    ]);
    window.tokens.learn("1105420521999070702", "the right one");
    const [edit = 0, create = 0] = await window.arrive([{}, { operation: "insert" }]);
    assert.deepEqual(window.states([edit, create]), ["withheld", "answered"]);
    const event = window.forwarding.eventOf(edit) ?? assert.fail();
    await window.forwarding.replays.replay([
      { event, target: window.forwarding.forwarder.targetsOf(event)?.[0] ?? assert.fail() },
    ]);
    assert.deepEqual(
      [window.states([edit]), world.handler.arrivals.at(-1)?.target],
      [["answered"], "http://localhost:1"],
    );
  });

  it("waits for a word where it was withheld and its token becomes known, unless it is another's all the same", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open();
    window.tokens.learn("5", "the former one");
    const ids = await window.arrive([
      { ...about("1"), channel_id: "5", token: "the new one" },
      { ...about("2"), channel_id: "5", token: "made up" },
      { ...about("3"), channel_id: "6", token: "of another channel" },
    ]);
    assert.deepEqual(window.states(ids), ["withheld", "withheld", "answered"]);
    window.tokens.learn("5", "the new one");
    await settled();
    assert.deepEqual(window.states(ids), ["held", "withheld", "answered"]);
    assert.equal(window.state.held, 1);
    const [next] = await window.arrive([{ ...about("4"), channel_id: "5", token: "the new one" }]);
    assert.deepEqual(window.states([next ?? 0]), ["answered"]);
    window.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(window.states(ids), ["answered", "withheld", "answered"]);
  });

  it("waits for a word as well where its token became known while no window was there, however many those are", async test => {
    const world = worldOf(test);
    const window = world.open();
    window.tokens.learn("5", "the former one");
    const bodies = Array.from({ length: 201 }, () => ({ channel_id: "5", token: "the new one" }));
    const ids = await window.arrive(bodies);
    window.close();
    const later = world.open();
    later.tokens.learn("5", "the new one");
    await later.wait(2_000);
    assert.deepEqual(new Set(later.states(ids)), new Set(["held"]));
  });

  it("goes by the rule in the place of its own, though the database was locked as that changed", async test => {
    const world = worldOf(test);
    const window = world.open();
    window.forwarding.forwarder.stop();
    const [held] = await window.arrive([about("1")]);
    window.forwarding.forwarder.resume();
    const free = world.lock("events.sqlite");
    window.setRules([{ url: "http://localhost:4000" }]);
    free();
    await window.wait(2_000);
    window.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(
      [window.states([held ?? 0]), world.handler.arrivals.map(({ target }) => target)],
      [["sending"], ["http://localhost:4000"]],
    );
  });

  for (const end of ["crash", "close"] as const)
    it(`is held though its rule came while the database was locked, and its window is gone: ${end}`, async test => {
      const world = worldOf(test);
      const window = world.open([{ url: "http://localhost:3000", module: "Leads" }]);
      const free = world.lock("events.sqlite");
      window.setRules([{ url: "http://localhost:4000" }]);
      free();
      const [id] = end === "crash" ? await window.arrive([about("1")]) : [];
      window[end]();
      const other = world.open([]);
      const [later] = await other.arrive([about("2")]);
      await other.wait(5 * minute);
      const next = world.open([{ url: "http://localhost:4000" }]);
      assert.deepEqual(
        [id, later].map(each => next.handling(each)?.state),
        [end === "crash" ? "held" : undefined, "held"],
      );
    });

  it("waits until the rules of other windows have looked at what came before it, and goes then", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open([{ operation: "edit", url: "http://localhost:1" }]);
    world.open([{ operation: "create", url: "http://localhost:2" }]);
    const ids = await window.arrive([{ ...about("1"), operation: "insert" }, about("1")]);
    assert.deepEqual(window.states(ids), [undefined, "queued"]);
    await window.wait(1_000);
    await window.wait(1_000);
    assert.deepEqual(
      [window.states(ids), world.handler.arrivals.map(({ target }) => target)],
      [
        ["answered", "answered"],
        ["http://localhost:2", "http://localhost:1"],
      ],
    );
  });
});

describe("while the clock is set", () => {
  it("an event waits for the rules of other windows all the same", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open([{ operation: "edit", url: "http://localhost:1" }]);
    world.open([{ operation: "create", url: "http://localhost:2" }]);
    world.clock.jump(75 * second);
    const ids = await window.arrive([{ ...about("1"), operation: "insert" }, about("1")]);
    assert.deepEqual(window.states(ids), [undefined, "queued"]);
    await window.wait(second);
    await window.wait(second);
    assert.deepEqual(world.handler.came, ids);
  });

  it("a window that opens leaves alone what another has under way", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [id = 0] = await window.arrive([about("1")]);
    world.clock.jump(75 * second);
    const other = world.open([]);
    assert.deepEqual(other.states([id]), ["sending"]);
    await other.wait(minute);
    assert.deepEqual(other.states([id]), ["sending"]);
  });

  it("back, a rule that nobody saw to for a minute is back from an absence", async test => {
    const world = worldOf(test);
    const edits = [{ operation: "edit", url: "http://localhost:1" }];
    const creates = [{ operation: "create", url: "http://localhost:2" }];
    const window = world.open(edits);
    world.open(creates).close();
    const [older = 0, younger = 0] = await window.arrive([{ ...about("1"), operation: "insert" }, about("1")]);
    world.clock.setBack(50 * second);
    await window.wait(minute + 5 * second);
    assert.deepEqual(world.handler.came, [younger]);
    const back = world.open(creates);
    await back.wait(0);
    assert.deepEqual(back.states([older]), ["held"]);
  });

  it("back, what came in before a window opened did not come in while it was here", async test => {
    const world = worldOf(test);
    const creates = [{ operation: "create", url: "http://localhost:2" }];
    const window = world.open([{ operation: "edit", url: "http://localhost:1" }]);
    world.open(creates).close();
    const [id = 0] = await window.arrive([{ ...about("1"), operation: "insert" }]);
    await window.wait(minute + 5 * second);
    world.clock.setBack(10 * minute);
    await window.wait(5 * second);
    const back = world.open(creates);
    assert.deepEqual(back.states([id]), ["held"]);
  });
});

describe("order", () => {
  it("is kept per record, retries included, while other records go ahead", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [a1, a2, b1, both] = await window.arrive([about("1"), about("1"), about("2"), { ids: ["1", "2"] }]);
    assert.deepEqual(world.handler.under, [a1, b1]);
    await world.handler.answer(503);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.under, []);
    assert.deepEqual(window.states([a1 ?? 0, a2 ?? 0, b1 ?? 0, both ?? 0]), [
      "waiting",
      "queued",
      "answered",
      "queued",
    ]);
    await window.wait(second);
    assert.deepEqual(world.handler.under, [a1]);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.under, [a2]);
    await world.handler.answer(200);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.came, [a1, b1, a1, a2, both]);
  });

  it("leaves no more than eight requests under way", async test => {
    const world = worldOf(test);
    const window = world.open();
    const ids = await window.arrive(Array.from({ length: 30 }, (_, index) => about(String(index))));
    assert.equal(world.handler.under.length, 8);
    await world.handler.answer(200);
    assert.equal(world.handler.under.length, 8);
    for (let answered = 1; answered < ids.length; answered++) await world.handler.answer(200);
    assert.deepEqual(world.handler.came, ids);
  });

  it("holds for more events than are in hand at a time", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open();
    const ids = await window.arrive(Array.from({ length: 150 }, () => about("1")));
    for (let turn = 0; turn < 200 && world.handler.came.length < ids.length; turn++) await window.wait(0);
    assert.deepEqual(world.handler.came, ids);
  });
});

describe("order over rules and windows", () => {
  it("is kept where the older event goes by another rule, however many wait before it", async test => {
    const world = worldOf(test);
    const url = "http://localhost:3000";
    const window = world.open([
      { url, operation: "create" },
      { url, operation: "edit" },
    ]);
    const creates = Array.from({ length: 130 }, (_, index) => ({ ids: [String(1000 + index)], operation: "insert" }));
    const create = (await window.arrive(creates))[120];
    const [edit] = await window.arrive([{ ids: ["1120"], operation: "update" }]);
    while (world.handler.under.length > 0) await world.handler.answer(200);
    assert.deepEqual(
      world.handler.came.filter(id => id === create || id === edit),
      [create, edit],
    );
  });

  it("is kept where another window's rule has the older event and has not seen it yet", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const creates = world.open([{ url: "http://localhost:1", operation: "create" }]);
    const edits = world.open([{ url: "http://localhost:2", operation: "edit" }]);
    const ids = await edits.arrive([{ operation: "insert" }, { operation: "update" }]);
    assert.deepEqual(world.handler.came, []);
    await creates.wait(3 * second);
    await edits.wait(3 * second);
    assert.deepEqual(world.handler.came, ids);
  });

  it("stops nothing but the records of an event that waits", async test => {
    const world = worldOf(test);
    const window = world.open();
    await window.arrive(Array.from({ length: 300 }, () => about("1")));
    const [other] = await window.arrive([about("2")]);
    assert.deepEqual(window.states([other ?? 0]), ["sending"]);
  });

  it("lets an event about very many records go alone", async test => {
    const world = worldOf(test);
    const window = world.open();
    const many = { ids: Array.from({ length: 300 }, (_, index) => String(index)) };
    const [before, all, after] = await window.arrive([about("x"), many, about("y")]);
    assert.deepEqual(world.handler.under, [before]);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.under, [all]);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.under, [after]);
  });
});

describe("a file of the history that another program writes to", () => {
  /** For how long, in milliseconds, transactions would wait for a file that stays busy. */
  const waits = (test: TestContext): { readonly total: () => number } => {
    const timeouts = new WeakMap<DatabaseSync, number>();
    let total = 0;
    const exec = Reflect.get<DatabaseSync, "exec">(DatabaseSync.prototype, "exec");
    test.mock.method(DatabaseSync.prototype, "exec", function (this: DatabaseSync, sql: string) {
      const timeout = /busy_timeout = (\d+)/.exec(sql)?.[1];
      if (timeout !== undefined) timeouts.set(this, Number(timeout));
      if (sql.startsWith("BEGIN")) total += timeouts.get(this) ?? 0;
      exec.call(this, sql);
    });
    return { total: () => total };
  };

  it("costs a window little of its time, whatever it has under way", async test => {
    const waited = waits(test);
    const world = worldOf(test);
    const modules = ["Leads", "Contacts", undefined];
    const window = world.open(modules.map((module, index) => ({ url: `http://localhost:${3000 + index}`, module })));
    const ids = await window.arrive([about("1"), about("2"), about("3")]);
    const free = world.lock("events.sqlite");
    const before = waited.total();
    for (const _each of ids) await world.handler.answer(200);
    for (let turn = 0; turn < 2; turn++) await window.wait(2 * second);
    const whileBusy = waited.total() - before;
    free();
    await window.wait(10 * second);
    assert.deepEqual(window.states(ids), ["answered", "answered", "answered"]);
    assert.ok(whileBusy < 2 * second, `${whileBusy} ms`);
  });
});

describe("an answer that cannot be written down", () => {
  it("is kept until it can be, and its event is not sent again", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [id = 0, next = 0] = await window.arrive([about("1"), about("1")]);
    const busy = test.mock.method(window.history.outbox, "finish", () => assert.fail("database is locked"));
    await world.handler.answer(200);
    await window.wait(minute);
    assert.deepEqual([window.states([id, next]), world.handler.came], [["sending", "queued"], [id]]);
    busy.mock.restore();
    await window.wait(5 * second);
    assert.deepEqual(
      [window.states([id, next]), world.handler.came],
      [
        ["answered", "sending"],
        [id, next],
      ],
    );
  });

  it("is kept as well where it is that there was nothing to send", async test => {
    const world = worldOf(test);
    const window = world.open();
    const { history } = window;
    const drop = test.mock.method(history.outbox, "drop", () => assert.fail("database is locked"));
    const get = test.mock.method(history, "get", () => undefined);
    const [gone = 0, next = 0] = await window.arrive([about("1"), about("1")]);
    get.mock.restore();
    assert.equal(window.handling(gone)?.state, "sending");
    drop.mock.restore();
    await window.wait(second);
    assert.deepEqual([window.handling(gone), world.handler.under], [undefined, [next]]);
  });

  it("is written as the window closes", async test => {
    const world = worldOf(test);
    const window = world.open();
    const ids = await window.arrive([about("1")]);
    const busy = test.mock.method(window.history.outbox, "finish", () => assert.fail("database is locked"));
    await world.handler.answer(200);
    busy.mock.restore();
    window.close();
    assert.deepEqual(world.open().states(ids), ["answered"]);
  });
});

describe("a rule with several addresses", () => {
  const urls = ["http://localhost:1", "http://localhost:2"];

  it("sends an event to each side by side, with tries of their own, before the next of its record", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: urls }]);
    const [first = 0, next = 0] = await window.arrive([about("1"), about("1")]);
    assert.deepEqual(
      world.handler.arrivals.map(({ target }) => target),
      urls,
    );
    await world.handler.answer(503);
    assert.equal(window.handling(first)?.state, "sending");
    await world.handler.answer(200);
    assert.deepEqual([window.states([first, next]), world.handler.under], [["waiting", "queued"], []]);
    await window.wait(second);
    assert.deepEqual(world.handler.arrivals.at(-1)?.target, urls[0]);
    await world.handler.answer(404);
    assert.deepEqual(window.handling(first), { state: "answered", status: 404, milliseconds: 5, attempts: 3 });
    assert.deepEqual(world.handler.under, [next, next]);
  });

  it("says of an event what went worst: no answer, or the highest status", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: urls }]);
    const [one = 0, two = 0] = await window.arrive([about("1"), about("2")]);
    await world.handler.answer({ ...refused, transient: false });
    await world.handler.answer(200);
    await world.handler.answer(200);
    await world.handler.answer(400);
    assert.deepEqual([window.handling(one)?.state, window.handling(two)?.status], ["failed", 400]);
    assert.equal(window.history.outbox.of(JSON.stringify([null, null, null, urls])).length, 0);
  });

  it("gives what waits to the addresses that take its place", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    const window = world.open([{ url: "http://localhost:9" }]);
    window.forwarding.forwarder.stop();
    await window.arrive([about("1")]);
    window.setRules([{ url: urls }]);
    window.forwarding.forwarder.resume();
    window.forwarding.forwarder.sendHeld();
    await window.wait(0);
    assert.deepEqual(
      world.handler.arrivals.map(({ target }) => target),
      urls,
    );
  });

  const [one = "", two = ""] = urls;
  const three = "http://localhost:3";
  const changes = [
    { change: "one takes the place of another", targets: [one, three], then: [three] },
    { change: "one is added", targets: [one, two, three], then: [two, three] },
    { change: "their order is another", targets: [two, one], then: [two] },
    { change: "the one that has answered goes", targets: [two, three], then: [two, three] },
  ];
  for (const { change, targets, then } of changes)
    it(`sends nothing again to one that has answered where ${change}`, async test => {
      const world = worldOf(test);
      const window = world.open([{ url: urls }]);
      const [id = 0] = await window.arrive([about("1")]);
      await world.handler.answer(404);
      await world.handler.answer(503);
      world.handler.always = 200;
      window.setRules([{ url: targets }]);
      await window.wait(minute);
      const after = world.handler.arrivals.slice(2).map(({ target }) => target);
      assert.deepEqual(after.toSorted(), then);
      const status = targets.includes(one) ? 404 : 200;
      assert.deepEqual(
        [window.handling(id)?.state, window.handling(id)?.status, window.handling(id)?.attempts],
        ["answered", status, 2 + then.length],
      );
    });

  it("sends nothing again to one that has answered where it goes and comes back", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: urls }]);
    const [id = 0] = await window.arrive([about("1")]);
    await world.handler.answer(404);
    await world.handler.answer(503);
    world.handler.always = 503;
    window.setRules([{ url: three }]);
    await window.wait(0);
    world.handler.always = 200;
    window.setRules([{ url: urls }]);
    await window.wait(minute);
    assert.equal(world.handler.arrivals.filter(({ target }) => target === one).length, 1);
    const { state, status } = window.handling(id) ?? {};
    assert.deepEqual([state, status], ["answered", 404]);
  });

  for (const isAnswered of [true, false])
    it(`sends nothing again to one that ${isAnswered ? "answered" : "has it"} while another had its place`, async test => {
      const world = worldOf(test);
      const window = world.open([{ url: urls }]);
      await window.arrive([about("1")]);
      await world.handler.answer(503);
      window.setRules([{ url: [three, "http://localhost:4"] }]);
      if (isAnswered) await world.handler.answer(200);
      window.setRules([{ url: urls }]);
      await window.wait(0);
      if (!isAnswered) await world.handler.answer(200);
      world.handler.always = 200;
      await window.wait(minute);
      const after = world.handler.arrivals.map(({ target }) => target);
      assert.deepEqual(after, [one, two, one]);
    });

  it("is done with an event when the one that goes has got nothing of it as the window closes", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: urls }]);
    world.handler.isReached = false;
    const [id = 0] = await window.arrive([about("1")]);
    await world.handler.answer(404);
    window.setRules([{ url: one }]);
    assert.equal(window.handling(id)?.state, "sending");
    window.forwarding.dispose();
    assert.deepEqual(window.handling(id), { state: "answered", status: 404, milliseconds: 5, attempts: 1 });
  });

  it("is done with an event when only those are left that have answered", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: urls }]);
    const [first = 0, next = 0] = await window.arrive([about("1"), about("1")]);
    await world.handler.answer(404);
    await world.handler.answer(503);
    window.setRules([{ url: one }]);
    await window.wait(0);
    assert.deepEqual(window.handling(first), { state: "answered", status: 404, milliseconds: 5, attempts: 2 });
    assert.deepEqual(
      world.handler.arrivals.slice(2).map(({ target, marks }) => [target, marks.event]),
      [[one, next]],
    );
  });
});

describe("an event under way by a rule with several addresses", () => {
  const [one, two, three] = ["http://localhost:1", "http://localhost:2", "http://localhost:3"] as const;
  const targetsOf = (world: World): readonly string[] => world.handler.arrivals.map(({ target }) => target);

  it("is not sent to an address again that was taken out meanwhile and is back", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: one }]);
    const ids = await window.arrive([about("1")]);
    window.setRules([{ url: two }]);
    window.setRules([{ url: [two, one] }]);
    await window.wait(0);
    assert.deepEqual(targetsOf(world), [one, two]);
    await world.handler.answer(404);
    await world.handler.answer(200);
    assert.deepEqual([targetsOf(world), window.handling(ids[0])?.status], [[one, two], 404]);
  });

  it("is not sent there again either once that has answered", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: [one, three] }]);
    await window.arrive([about("1")]);
    window.setRules([{ url: [two, three] }]);
    await world.handler.answer(404);
    await world.handler.answer(503);
    window.setRules([{ url: [one, three] }]);
    world.handler.always = 200;
    await window.wait(minute);
    assert.deepEqual(targetsOf(world), [one, three, three]);
  });

  it("is not sent again to an address that has answered and was taken out in between", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: [one, two] }]);
    const ids = await window.arrive([about("1")]);
    await world.handler.answer(404);
    await world.handler.answer(503);
    window.setRules([{ url: three }]);
    window.setRules([{ url: [one, two] }]);
    world.handler.always = 200;
    await window.wait(minute);
    assert.deepEqual(targetsOf(world), [one, two, two]);
    assert.deepEqual([window.handling(ids[0])?.state, window.handling(ids[0])?.status], ["answered", 404]);
  });

  it("goes to no address that is added after it was stopped", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: one }]);
    const ids = await window.arrive([about("1")]);
    window.forwarding.forwarder.stopEvents(ids);
    window.setRules([{ url: [one, two] }]);
    await window.wait(minute);
    await world.handler.answer(503);
    await window.wait(minute);
    assert.deepEqual([targetsOf(world), window.handling(ids[0])?.status], [[one], 503]);
  });

  it("is over with what others have answered where it can't be read any more", async test => {
    const world = worldOf(test);
    const window = world.open([{ url: [one, two] }]);
    const [id = 0] = await window.arrive([about("1")]);
    await world.handler.answer(404);
    await world.handler.answer(503);
    const get = test.mock.method(window.history, "get", () => undefined);
    await window.wait(minute);
    get.mock.restore();
    assert.deepEqual(window.handling(id), { state: "answered", status: 404, milliseconds: 5, attempts: 2 });
    assert.deepEqual(window.history.outbox.of(JSON.stringify([null, null, null, [one, two]])), []);
  });
});

describe("an event that is deleted while it is under way", () => {
  it("has its turn until it ends, and is not tried again", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [gone = 0, next = 0] = await window.arrive([about("1"), about("1")]);
    window.history.delete([gone]);
    await window.wait(minute);
    assert.deepEqual(world.handler.under, [gone]);
    await world.handler.answer(503);
    await window.wait(minute);
    assert.deepEqual(world.handler.came, [gone, next]);
    assert.deepEqual(world.handler.under, [next]);
  });

  it("holds nothing up once its window is gone", async test => {
    const world = worldOf(test);
    for (const end of ["close", "crash"] as const) {
      const window = world.open();
      const [gone = 0, next = 0] = await window.arrive([about(end), about(end)]);
      window.history.delete([gone]);
      await window.wait(second);
      window[end]();
      const after = world.open();
      await after.wait(30 * second);
      assert.deepEqual([world.handler.came.at(-1), after.state.held], [next, 0]);
      while (world.handler.under.length > 0) await world.handler.answer(200);
      after.close();
    }
  });
});

describe("a handler that fails", () => {
  it("is asked three times at most when it may pass, with growing pauses", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [id] = await window.arrive([about("1")]);
    await world.handler.answer(refused);
    assert.deepEqual(window.handling(id), {
      state: "waiting",
      milliseconds: 1,
      attempts: 1,
      problem: "Nothing listens at http://localhost:3000. Start your handler and send again.",
    });
    await window.wait(999);
    assert.deepEqual(world.handler.under, []);
    await window.wait(1);
    await world.handler.answer(500);
    await window.wait(2 * second);
    await world.handler.answer(500);
    await window.wait(10 * minute);
    assert.deepEqual(
      world.handler.arrivals.map(({ marks }) => marks.attempt),
      [1, 2, 3],
    );
    assert.deepEqual(window.handling(id), { state: "answered", status: 500, milliseconds: 5, attempts: 3 });
    assert.deepEqual(
      window.history.attempts.list(id ?? 0).map(({ origin }) => origin),
      ["rule", "retry", "retry"],
    );
  });

  it("is taken at its word: a redirect or a refusal stands, and the next event of the record goes", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [redirected, refusedOne] = await window.arrive([about("1"), about("1")]);
    await world.handler.answer(302);
    await world.handler.answer(422);
    assert.equal(window.handling(redirected)?.status, 302);
    assert.equal(window.handling(refusedOne)?.status, 422);
    await window.wait(minute);
    assert.equal(world.handler.arrivals.length, 2);
  });
});

describe("a backlog after absence", () => {
  it("is held and counted, while what comes in after it about other records flows", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1"), about("2")]);
    const [same = 0, other = 0] = await window.arrive([about("1"), about("3")]);
    assert.deepEqual(window.states([...backlog, same, other]), ["held", "held", "queued", "sending"]);
    assert.deepEqual(world.handler.under, [other]);
    assert.deepEqual([window.state.held, window.state.behind], [2, 1]);
  });

  it("goes before what came in after it about its records, also by way of an event about several", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1")]);
    world.handler.always = 200;
    const live = await window.arrive([{ ids: ["1", "2"] }, about("2"), about("1"), about("3")]);
    assert.deepEqual(window.states(live), ["queued", "queued", "queued", "answered"]);
    window.forwarding.forwarder.sendHeld();
    await window.wait(0);
    await window.wait(0);
    const [several, two, one, three] = live;
    assert.deepEqual(world.handler.came.slice(0, 3), [three, ...backlog, several]);
    assert.deepEqual(new Set(world.handler.came.slice(3)), new Set([two, one]));
    assert.deepEqual([window.state.held, window.state.behind], [0, 0]);
  });

  it("goes before what came in after it by another rule", async test => {
    const rules = [
      { url: "http://localhost:1", operation: "edit" },
      { url: "http://localhost:2", operation: "create" },
    ] as const;
    const { world, window, backlog } = await backAfterADay(test, [{ ...about("1"), operation: "insert" }], rules);
    world.handler.always = 200;
    const live = await window.arrive([about("1")]);
    assert.deepEqual(window.states([...backlog, ...live]), ["held", "queued"]);
    window.forwarding.forwarder.sendHeld();
    await window.wait(0);
    await window.wait(3 * second);
    assert.deepEqual(world.handler.came, [...backlog, ...live]);
  });

  it("lets go of what waits behind it when it is left alone, sent by hand or cleared", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1"), about("2"), about("3")]);
    const [, two = 0, three = 0] = backlog;
    const [behindOne = 0, behindTwo = 0, behindThree = 0] = await window.arrive([about("1"), about("2"), about("3")]);
    const [one = 0] = backlog;
    window.forwarding.forwarder.discardHeld([one]);
    await window.wait(0);
    assert.deepEqual(world.handler.under, [behindOne]);
    const event = window.forwarding.eventOf(two);
    assert.ok(event !== undefined);
    void window.forwarding.replays.replay([{ event, target: "http://localhost:3000" }]);
    await window.wait(0);
    assert.deepEqual(world.handler.under, [behindOne, two]);
    await world.handler.answer(200);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.under, [behindTwo]);
    window.history.delete([three]);
    await window.wait(3 * second);
    assert.deepEqual(world.handler.under, [behindTwo, behindThree]);
  });

  it("lets go of what waits behind it in whichever window sends", async test => {
    const { world, window } = await backAfterADay(test, [about("1")]);
    const other = world.open();
    const live = await window.arrive([about("1")]);
    assert.deepEqual(world.handler.under, []);
    other.forwarding.forwarder.discardHeld();
    await other.wait(3 * second);
    assert.deepEqual(world.handler.under, live);
  });

  it("takes what waits behind it along when everything is held or nobody is here again", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1")]);
    const live = await window.arrive([about("1")]);
    window.forwarding.forwarder.stop();
    assert.deepEqual(window.states([...backlog, ...live]), ["held", "held"]);
    window.forwarding.forwarder.resume();
    const later = await window.arrive([about("1")]);
    assert.deepEqual(window.states(later), ["queued"]);
    window.close();
    world.clock.advance(day);
    const next = world.open();
    assert.deepEqual(next.states([...backlog, ...live, ...later]), ["held", "held", "held"]);
    assert.deepEqual([next.state.held, next.state.behind], [3, 0]);
  });

  it("is sent in order when a person says so", async test => {
    const world = worldOf(test);
    world.handler.always = 200;
    world.open().close();
    world.clock.advance(day);
    const window = world.open(undefined, "catching-up");
    const ids = await window.arrive([about("1"), about("2"), about("1")], day / 2);
    window.become("live");
    assert.equal(window.forwarding.forwarder.sendHeld(), 3);
    await window.wait(0);
    assert.deepEqual(world.handler.came, ids);
    assert.deepEqual(window.states(ids), ["answered", "answered", "answered"]);
    assert.equal(window.state.held, 0);
  });

  it("is told from what is new by the relay's word, however wrong the relay's clock is", async test => {
    for (const ahead of [-hour, -10 * second, 6 * minute, 2 * day]) {
      const { world, window, backlog } = await backAfterADay(test, [about("1")], undefined, ahead);
      const live = await window.arrive([about("2")], -ahead);
      assert.deepEqual(window.states([...backlog, ...live]), ["held", "sending"], `${ahead} ms`);
      assert.deepEqual(world.handler.under, live);
    }
  });

  it("is also what a window catches up with that has a rule for the first time", async test => {
    const world = worldOf(test);
    const window = world.open(undefined, "catching-up");
    const backlog = await window.arrive([about("1")]);
    window.become("live");
    const live = await window.arrive([about("2")]);
    assert.deepEqual(window.states([...backlog, ...live]), ["held", "sending"]);
  });

  it("is left alone when a person says so, as a whole or in part", async test => {
    const world = worldOf(test);
    world.open().close();
    world.clock.advance(day);
    const window = world.open(undefined, "catching-up");
    const [one = 0, two = 0, three = 0] = await window.arrive([about("1"), about("2"), about("3")], day / 2);
    assert.equal(window.forwarding.forwarder.discardHeld([two]), 1);
    assert.equal(window.forwarding.forwarder.sendHeld([one]), 1);
    await window.wait(0);
    assert.deepEqual(window.states([one, two, three]), ["sending", "stopped", "held"]);
    assert.equal(window.forwarding.forwarder.discardHeld(), 1);
    assert.deepEqual(window.states([one, two, three]), ["sending", "stopped", "stopped"]);
  });

  it("is none after a reload, a hand-over, or a dropped connection", async test => {
    const world = worldOf(test);
    world.open().close();
    world.clock.advance(20 * second);
    const window = world.open(undefined, "catching-up");
    const reloaded = await window.arrive([about("1")], 10 * second);
    window.become("live");
    await window.wait(minute);
    window.become("connecting");
    await window.wait(30 * second);
    window.become("catching-up");
    const dropped = await window.arrive([about("2")], 20 * second);
    assert.deepEqual(window.states([...reloaded, ...dropped]), ["sending", "sending"]);
  });

  it("is what came in while the machine slept", async test => {
    const world = worldOf(test);
    const window = world.open();
    await window.wait(minute);
    world.clock.jump(8 * 60 * minute);
    await window.wait(10 * second);
    window.become("connecting");
    window.become("catching-up");
    const slept = await window.arrive([about("1")], 60 * minute);
    window.become("live");
    const after = await window.arrive([about("2")]);
    assert.deepEqual(window.states([...slept, ...after]), ["held", "sending"]);
  });

  it("is not what came in before there was a rule", async test => {
    const world = worldOf(test);
    const window = world.open([]);
    const before = await window.arrive([about("1")]);
    window.setRules([{ url: "http://localhost:3000" }]);
    const after = await window.arrive([about("1")]);
    assert.deepEqual(window.states([...before, ...after]), [undefined, "sending"]);
    assert.equal(window.state.held, 0);
  });
});

describe("what is forwarded", () => {
  it("is told whenever it becomes another, and not before", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1")]);
    world.handler.always = 200;
    const told: unknown[] = [];
    window.forwarding.forwarder.onDidChangeState(({ kind, held, behind }) => told.push([kind, held, behind]));
    await window.wait(10 * second);
    assert.deepEqual(told, []);
    await window.arrive([about("1")]);
    window.forwarding.forwarder.stop();
    window.forwarding.forwarder.resume();
    window.forwarding.forwarder.discardHeld(backlog);
    assert.deepEqual(told, [
      ["on", 1, 1],
      ["paused", 2, 0],
      ["on", 2, 0],
      ["on", 1, 0],
    ]);
  });
});

describe("stopping", () => {
  it("lets what is under way end, holds everything else, and resuming sends what comes in from then on", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [sending = 0, queued = 0] = await window.arrive([about("1"), about("1")]);
    window.forwarding.forwarder.stop();
    assert.equal(window.state.kind, "paused");
    await window.wait(0);
    assert.deepEqual(world.handler.under, [sending]);
    const [late = 0] = await window.arrive([about("2")]);
    assert.deepEqual(window.states([sending, queued, late]), ["sending", "held", "held"]);
    await world.handler.answer(200);
    assert.deepEqual([window.states([sending]), window.state.kind, window.state.held], [["answered"], "paused", 2]);
    window.forwarding.forwarder.resume();
    assert.equal(window.state.kind, "on");
    const [live = 0] = await window.arrive([about("3")]);
    assert.deepEqual([window.state.kind, window.state.held], ["on", 2]);
    assert.deepEqual(world.handler.under, [live]);
    window.forwarding.forwarder.sendHeld();
    await window.wait(minute);
    assert.deepEqual(new Set(world.handler.under), new Set([live, queued, late]));
    assert.equal(world.handler.came.filter(id => id === sending).length, 1);
  });

  it("in the moment of an answer leaves it answered", async test => {
    const world = worldOf(test);
    const window = world.open();
    const ids = await window.arrive([about("1")]);
    const answered = world.handler.answer(200);
    window.forwarding.forwarder.stop();
    await answered;
    assert.deepEqual([window.states(ids), window.state.held], [["answered"], 0]);
  });

  it("holds what would be tried again", async test => {
    const world = worldOf(test);
    const window = world.open();
    const ids = await window.arrive([about("1")]);
    window.forwarding.forwarder.stop();
    await world.handler.answer(503);
    await window.wait(minute);
    assert.deepEqual([window.states(ids), world.handler.arrivals.length], [["held"], 1]);
  });

  it("lasts over a reload, and over a change of the address", async test => {
    const world = worldOf(test);
    const before = world.open();
    before.forwarding.forwarder.stop();
    before.close();
    const window = world.open();
    window.setRules([{ url: "http://localhost:4000" }]);
    const ids = await window.arrive([about("1")]);
    assert.equal(window.state.kind, "paused");
    assert.deepEqual(window.states(ids), ["held"]);
  });

  it("of some events leaves the others, and what is under way ends without another try", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [one = 0, two = 0, three = 0] = await window.arrive([about("1"), about("1"), about("1")]);
    assert.equal(window.forwarding.stop([one, two]), 2);
    assert.deepEqual(window.states([one, two, three]), ["sending", "stopped", "queued"]);
    await world.handler.answer(503);
    assert.deepEqual(window.states([one, two, three]), ["answered", "stopped", "sending"]);
  });
});

describe("a rule that changes", () => {
  it("passes what was to be sent on to the one in its place, and what is under way only for another try", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [first = 0, second_ = 0] = await window.arrive([about("1"), about("1")]);
    window.setRules([{ url: "http://localhost:4000" }]);
    await window.wait(0);
    assert.deepEqual(world.handler.under, [first]);
    await world.handler.answer(503);
    await window.wait(second);
    await world.handler.answer(200);
    assert.deepEqual(
      world.handler.arrivals.map(({ target, marks }) => [target, marks.event]),
      [
        ["http://localhost:3000", first],
        ["http://localhost:4000", first],
        ["http://localhost:4000", second_],
      ],
    );
  });

  it("passes what was to be sent on to one that had been away, and holds none of it", async test => {
    const world = worldOf(test);
    const back = [{ url: "http://localhost:4000" }];
    world.open(back).close();
    world.clock.advance(day);
    const window = world.open();
    const [first = 0, id = 0] = await window.arrive([about("1"), about("1")]);
    window.setRules(back);
    await world.handler.answer(200);
    assert.deepEqual(window.states([first, id]), ["answered", "sending"]);
    assert.equal(world.handler.arrivals[1]?.target, "http://localhost:4000");
  });

  it("leaves the rules beside it as they are, with what is under way by them", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [first = 0, behind = 0] = await window.arrive([about("1"), about("1")]);
    window.setRules([{ url: "http://localhost:4000", module: "Deals" }, { url: "http://localhost:3000" }]);
    const [other = 0] = await window.arrive([about("2")]);
    assert.deepEqual(world.handler.came, [first, other]);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.came, [first, other, behind]);
  });

  it("sends nothing when it is back of what was stopped as it went", async test => {
    const world = worldOf(test);
    const window = world.open();
    const ids = await window.arrive([about("1"), about("1")]);
    window.setRules([]);
    window.setRules([{ url: "http://localhost:3000" }]);
    await window.wait(3 * second);
    assert.deepEqual([world.handler.arrivals.length, window.states(ids)], [1, ["sending", "stopped"]]);
  });

  it("stays another window's where one gives it up", async test => {
    const world = worldOf(test);
    const keeps = world.open();
    const gives = world.open();
    const ids = await keeps.arrive([about("1"), about("1")]);
    gives.setRules([]);
    await keeps.wait(3 * second);
    assert.deepEqual(keeps.states(ids), ["sending", "queued"]);
  });

  it("has no backlog when it is back after it was taken away", async test => {
    const world = new World(test);
    const window = world.open();
    window.setRules([]);
    await window.wait(10 * minute);
    const between = await window.arrive([about("1")], 5 * minute);
    window.setRules([{ url: "http://localhost:3000" }]);
    const after = await window.arrive([about("1")]);
    assert.deepEqual(window.states([...between, ...after]), [undefined, "sending"]);
  });

  it("sends at once when it is back in the same moment", async test => {
    const world = worldOf(test);
    const window = world.open();
    window.setRules([]);
    window.setRules([{ url: "http://localhost:3000" }]);
    const ids = await window.arrive([about("1")]);
    assert.deepEqual(world.handler.under, ids);
  });

  it("is forgotten with what is held for it when no window had it for thirty days", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1")]);
    assert.deepEqual(window.states(backlog), ["held"]);
    window.close();
    world.clock.advance(29 * day);
    const sooner = world.open([]);
    assert.deepEqual(sooner.states(backlog), ["held"]);
    sooner.close();
    world.clock.advance(2 * day);
    const later = world.open([]);
    assert.deepEqual(later.states(backlog), ["stopped"]);
    later.setRules([{ url: "http://localhost:3000" }]);
    assert.equal(later.state.held, 0);
  });

  it("is forgotten with what is held for it, or not yet, where that can't be written", async test => {
    const { world, window, backlog } = await backAfterADay(test, [about("1")]);
    window.close();
    world.clock.advance(31 * day);
    const file = new DatabaseSync(world.file("events.sqlite"));
    file.exec("CREATE TRIGGER full BEFORE DELETE ON forward_job BEGIN SELECT raise(ABORT, 'disk I/O error'); END");
    const other = world.open([]);
    file.exec("DROP TRIGGER full");
    file.close();
    await other.wait(4 * second);
    assert.deepEqual([other.states(backlog), other.forwarding.forwarder.held()], [["held"], backlog]);
    other.close();
    const next = world.open([]);
    assert.deepEqual(next.states(backlog), ["stopped"]);
  });

  it("stops what was to be sent when none takes its place", async test => {
    const world = worldOf(test);
    const window = world.open();
    const ids = await window.arrive([about("1"), about("1")]);
    window.setRules([]);
    await window.wait(0);
    assert.deepEqual(window.states(ids), ["sending", "stopped"]);
    assert.equal(window.state.kind, "off");
    await world.handler.answer(503);
    assert.deepEqual(window.states(ids), ["answered", "stopped"]);
  });
});

describe("a rule that was removed by a window that is no more", () => {
  const here = { url: "http://localhost:3000" };
  const there = { url: "http://localhost:4000" };
  const elsewhere = { url: "http://localhost:5000", module: "Deals" };

  /** From now on the window cannot pass on what a rule has, until the function that this gives is called. */
  function hinder(test: TestContext, { history }: WorldWindow): () => void {
    const forget = test.mock.method(history.outbox.rules, "forget", () => assert.fail("database is locked"));
    return () => forget.mock.restore();
  }

  /** A window that holds an event, and whose rules change while it can pass on nothing. */
  async function changed(
    test: TestContext,
    world: World,
    ...changes: readonly (readonly WrittenRule[])[]
  ): Promise<{ readonly window: WorldWindow; readonly held: number; readonly free: () => void }> {
    const window = world.open([here]);
    window.forwarding.forwarder.stop();
    const [held = 0] = await window.arrive([about("1")]);
    window.forwarding.forwarder.resume();
    const free = hinder(test, window);
    for (const rules of changes) window.setRules(rules);
    return { window, held, free };
  }

  /** That window is killed, and one with these rules is here for a while. */
  async function afterKill(
    world: World,
    { window }: { readonly window: WorldWindow },
    rules: readonly WrittenRule[],
  ): Promise<WorldWindow> {
    window.crash();
    const next = world.open(rules);
    await next.wait(30 * second);
    return next;
  }

  const targetsOf = (world: World): readonly string[] => world.handler.arrivals.map(({ target }) => target);

  function notesOf(world: World): string {
    const database = new DatabaseSync(world.file("windows.sqlite"));
    const notes = database.prepare("SELECT key, value FROM note").all();
    database.close();
    return JSON.stringify(notes);
  }

  it("has its queue passed on by the next one", async test => {
    const world = worldOf(test);
    const next = await afterKill(world, await changed(test, world, [there]), [there]);
    assert.equal(next.state.held, 1);
    next.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(targetsOf(world), ["http://localhost:4000"]);
  });

  it("has its queue passed on by the window of another workspace, to the rule that has its place", async test => {
    const world = worldOf(test);
    const before = await changed(test, world, [{ ...there, headers: { Authorization: "secret" } }]);
    assert.doesNotMatch(notesOf(world), /secret/);
    const other = await afterKill(world, before, [elsewhere]);
    assert.doesNotMatch(notesOf(world), /localhost:3000/);
    assert.deepEqual([other.states([before.held]), other.state.held], [["held"], 0]);
    const next = world.open([there]);
    assert.equal(next.state.held, 1);
    next.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(targetsOf(world), ["http://localhost:4000"]);
  });

  it("has what was to be sent stopped by the window of another workspace where none has its place", async test => {
    const world = worldOf(test);
    const before = await changed(test, world, []);
    const other = await afterKill(world, before, [elsewhere]);
    assert.deepEqual(other.states([before.held]), ["stopped"]);
  });

  it("has its queue passed on through all rules that had its place", async test => {
    const world = worldOf(test);
    const before = await changed(test, world, [there], [{ url: "http://localhost:4001" }]);
    const next = await afterKill(world, before, [{ url: "http://localhost:4001" }]);
    next.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(targetsOf(world), ["http://localhost:4001"]);
  });

  it("has its queue passed on through all of them though the first has to wait for a window that crashed", async test => {
    const world = worldOf(test);
    const crashes = world.open([here]);
    crashes.forwarding.forwarder.stop();
    await crashes.arrive([about("1")]);
    const window = world.open([here]);
    window.setRules([there]);
    window.setRules([{ url: "http://localhost:4001" }]);
    crashes.crash();
    await window.wait(70 * second);
    assert.equal(window.state.held, 1);
  });

  it("has its queue passed on as its window closes, if it can be written by then", async test => {
    const world = worldOf(test);
    const { window, held, free } = await changed(test, world, []);
    free();
    window.forwarding.dispose();
    assert.deepEqual(window.states([held]), ["stopped"]);
  });

  it("goes on where it is back, and sends what it had then", async test => {
    const world = worldOf(test);
    const next = await afterKill(world, await changed(test, world, [there]), [here]);
    next.forwarding.forwarder.sendHeld();
    await settled();
    assert.deepEqual(targetsOf(world), ["http://localhost:3000"]);
  });

  it("stays another workspace's that has it, though that closes before the queue can be passed on", async test => {
    const world = worldOf(test);
    const keeps = world.open([here]);
    keeps.forwarding.forwarder.stop();
    const ids = await keeps.arrive([about("1")]);
    const gives = world.open([here]);
    gives.setRules([elsewhere]);
    await keeps.wait(3 * second);
    keeps.close();
    await gives.wait(30 * second);
    const { kind, held } = world.open([here]).state;
    assert.deepEqual([gives.states(ids), kind, held], [["held"], "paused", 1]);
  });

  for (const away of [40 * second, 2 * minute])
    it(`stays another workspace's that crashed before it could say that it has it, for ${away / second} s`, async test => {
      const world = worldOf(test);
      const crashes = world.open([here]);
      crashes.forwarding.forwarder.stop();
      const [queued = 0] = await crashes.arrive([about("1")]);
      const gives = world.open([here]);
      gives.setRules([elsewhere]);
      crashes.crash();
      const [unseen = 0] = await gives.arrive([about("2")]);
      await gives.wait(away);
      const back = world.open([here]);
      assert.deepEqual(back.states([queued, unseen]), ["held", "held"]);
      back.forwarding.forwarder.sendHeld();
      await back.wait(5 * second);
      assert.deepEqual(world.handler.came, [queued, unseen]);
    });

  it("has what was to be sent stopped though the window that saw to it could not give it back", async test => {
    const world = worldOf(test);
    const { window, held, free } = await changed(test, world);
    const other = world.open([here]);
    hinder(test, other);
    window.setRules([]);
    other.setRules([]);
    const database = new DatabaseSync(world.file("windows.sqlite"));
    const insert = database.prepare("INSERT INTO claim (key, holder, taken_at, until) VALUES (?, 'it', 0, 1)");
    for (const rule of parseRules([here]).rules) insert.run(claimKey(keyOf(rule)));
    database.close();
    free();
    await window.wait(3 * second);
    assert.deepEqual(window.states([held]), ["stopped"]);
  });

  it("stays another workspace's that waits for its turn to see to it, as it is given up or its window closes", async test => {
    for (const isClosed of [false, true]) {
      const world = worldOf(test);
      const gives = world.open([here]);
      gives.forwarding.forwarder.stop();
      const ids = await gives.arrive([about("1")]);
      const keeps = world.open([here]);
      await keeps.wait(2 * second);
      gives.setRules([elsewhere]);
      if (isClosed) gives.close();
      await keeps.wait(3 * second);
      assert.deepEqual([keeps.states(ids), keeps.state.kind, keeps.state.held], [["held"], "paused", 1]);
      keeps.forwarding.forwarder.sendHeld();
      await settled();
      assert.deepEqual(targetsOf(world), [here.url]);
      keeps.close();
    }
  });

  it("waits no longer for another workspace's that had waited for its turn and crashed", async test => {
    const world = worldOf(test);
    const gives = world.open([here]);
    gives.forwarding.forwarder.stop();
    const ids = await gives.arrive([about("1")]);
    const crashes = world.open([here]);
    await crashes.wait(2 * second);
    crashes.crash();
    gives.setRules([]);
    await gives.wait(30 * second);
    assert.deepEqual(gives.states(ids), ["stopped"]);
  });

  it("leaves alone what a workspace that is merely closed has in its queue", async test => {
    const world = worldOf(test);
    const closed = world.open([here]);
    closed.forwarding.forwarder.stop();
    const ids = await closed.arrive([about("1")]);
    closed.close();
    const other = world.open([elsewhere]);
    other.setRules([]);
    await other.wait(30 * second);
    assert.deepEqual(other.states(ids), ["held"]);
  });

  it("is stopped no more when it is back, and the one in its place is", async test => {
    const world = worldOf(test);
    const window = world.open([here]);
    window.forwarding.forwarder.stop();
    hinder(test, window);
    window.setRules([there]);
    const next = await afterKill(world, { window }, [there]);
    assert.equal(next.state.kind, "paused");
    next.close();
    assert.equal(world.open([here]).state.kind, "on");
  });

  it("leaves nothing to wait for of what was called off while it was under way", async test => {
    const world = worldOf(test);
    const window = world.open([here]);
    const ids = await window.arrive([about("1")]);
    window.setRules([]);
    window.close();
    const problem = "The window closed before the handler had answered; the handler may have had the event.";
    assert.deepEqual(world.open([elsewhere]).handling(ids[0]), {
      state: "failed",
      milliseconds: 0,
      attempts: 1,
      problem,
    });
  });
});

describe("of several windows", () => {
  it("one sends a rule's events, and the next goes on when it closes", async test => {
    const world = worldOf(test);
    const one = world.open();
    const other = world.open();
    const [first = 0] = await one.arrive([about("1")]);
    await other.wait(3 * second);
    assert.deepEqual(world.handler.came, [first]);
    await world.handler.answer(200);
    one.close();
    const [second_ = 0] = await other.arrive([about("1")]);
    await other.wait(3 * second);
    assert.deepEqual(world.handler.came, [first, second_]);
  });

  it("the next goes on when the one that sends is killed: what was under way is held, as the handler may have had it", async test => {
    const world = worldOf(test);
    const one = world.open();
    const other = world.open();
    const [first = 0, second_ = 0, third = 0] = await one.arrive([about("1"), about("1"), about("2")]);
    assert.deepEqual(world.handler.came, [first, third]);
    await world.handler.answer(200);
    assert.deepEqual(world.handler.came, [first, third, second_]);
    const [behind = 0, free = 0] = await one.arrive([about("2"), about("3")]);
    one.crash();
    await other.wait(30 * second);
    assert.deepEqual(world.handler.came, [first, third, second_, free]);
    const problem = "The window closed before the handler had answered; the handler may have had the event.";
    assert.deepEqual(other.handling(third), { state: "held", attempts: 1, problem });
    assert.deepEqual(
      other.history.attempts.list(third).map(({ problem: each }) => each),
      [problem],
    );
    assert.deepEqual([other.state.held, other.states([behind])], [3, ["queued"]]);
    other.forwarding.forwarder.sendHeld([third]);
    await settled();
    assert.deepEqual(world.handler.arrivals.at(-1)?.marks, { event: third, sequence: 3, attempt: 2 });
  });

  it("one that slept has its answer written down though another took it for gone, and nothing is sent twice", async test => {
    const world = worldOf(test);
    const slept = world.open();
    const other = world.open();
    const [first = 0] = await slept.arrive([about("1")]);
    world.clock.jump(30 * second);
    other.forwarding.forwarder.resume();
    await other.wait(2 * second);
    assert.deepEqual(world.handler.came, [first]);
    await world.handler.answer(200);
    assert.deepEqual(other.states([first]), ["answered"]);
    assert.deepEqual([other.state.held, world.handler.came], [0, [first]]);
  });

  it("what one stops or releases reaches the one that sends", async test => {
    const world = worldOf(test);
    const sending = world.open();
    const other = world.open();
    const [one = 0, two = 0, three = 0] = await sending.arrive([about("1"), about("1"), about("1")]);
    await other.wait(2 * second);
    other.forwarding.forwarder.stop();
    await world.handler.answer(200);
    await other.wait(3 * second);
    assert.deepEqual(world.handler.under, []);
    assert.deepEqual(sending.states([one, two, three]), ["answered", "held", "held"]);
    other.forwarding.forwarder.resume();
    other.forwarding.forwarder.sendHeld([two]);
    assert.deepEqual(other.states([two, three]), ["queued", "held"]);
    await other.wait(3 * second);
    assert.deepEqual(world.handler.under, [two]);
    other.forwarding.stop([three]);
    await world.handler.answer(200);
    await other.wait(3 * second);
    assert.deepEqual(sending.states([two, three]), ["answered", "stopped"]);
  });

  it("one that closes while their database is locked chooses nothing more", async test => {
    const world = worldOf(test);
    const closes = world.open();
    const free = world.lock("windows.sqlite");
    closes.forwarding.dispose();
    free();
    const [id = 0] = await closes.arrive([about("1")]);
    assert.equal(closes.handling(id), undefined);
  });

  it("one sends an event though each has another rule before the one that it sees to", async test => {
    const world = worldOf(test);
    const all = { url: "http://localhost:1" };
    const leads = { module: "Leads", url: "http://localhost:2" };
    const one = world.open([leads]);
    const other = world.open([leads, all]);
    one.setRules([all, leads]);
    await one.wait(2 * second);
    const ids = await one.arrive([about("1")]);
    await other.wait(2 * second);
    await world.handler.answer(200);
    assert.deepEqual([one.states(ids), world.handler.came], [["answered"], ids]);
  });

  it("each sends what its own rules choose", async test => {
    const world = worldOf(test);
    const leads = world.open([{ url: "http://localhost:1", module: "Leads" }]);
    const deals = world.open([{ url: "http://localhost:2", module: "Deals" }]);
    await leads.arrive([{ module: "Leads" }, { module: "Deals", ids: ["9"] }]);
    await deals.wait(3 * second);
    assert.deepEqual(world.handler.arrivals.map(({ target }) => target).sort(), [
      "http://localhost:1",
      "http://localhost:2",
    ]);
  });
});

describe("a queue that was left", () => {
  it("is gone on with after a reload, but for what is behind an event that the handler may have had", async test => {
    const world = worldOf(test);
    const before = world.open();
    const records = ["1", "1", ...Array.from({ length: 8 }, (_, index) => String(2 + index))];
    const ids = await before.arrive(records.map(about));
    before.close();
    assert.equal(world.handler.arrivals[0]?.signal?.aborted, true);
    world.clock.advance(5 * second);
    const window = world.open();
    await settled();
    const last = ids.at(-1) ?? 0;
    assert.deepEqual(window.states(ids.slice(0, 2)), ["held", "queued"]);
    assert.deepEqual(window.states([last]), ["sending"]);
    assert.deepEqual(world.handler.under, [last]);
    assert.deepEqual([window.state.held, window.state.behind], [8, 1]);
  });

  it("says at once that the window closed, and takes nothing more from it", async test => {
    const world = worldOf(test);
    const window = world.open();
    const [first = 0, behind = 0] = await window.arrive([about("1"), about("1")]);
    window.forwarding.dispose();
    const [late] = await window.arrive([about("2")]);
    assert.deepEqual(window.states([first, behind]), ["held", "queued"]);
    assert.equal(window.handling(late), undefined);
    assert.deepEqual(
      window.history.attempts.list(first).map(({ problem }) => problem),
      ["The window closed before the handler had answered; the handler may have had the event."],
    );
    assert.deepEqual(world.handler.came, [first]);
  });

  it("is held when nobody was here for a while", async test => {
    const world = worldOf(test);
    const before = world.open();
    const ids = await before.arrive([about("1"), about("1")]);
    before.crash();
    world.clock.advance(5 * minute);
    const window = world.open();
    // Whether the other window lives is seen by what it says, not by the time that may have been set.
    await window.wait(5 * second);
    assert.deepEqual(window.states(ids), ["held", "held"]);
    assert.equal(window.state.held, 2);
    assert.equal(world.handler.arrivals.length, 1);
  });

  it("loses what is cleared from the history", async test => {
    const world = worldOf(test);
    const window = world.open();
    await window.arrive([about("1"), about("1"), about("1")]);
    window.forwarding.forwarder.stop();
    assert.equal(window.state.held, 2);
    window.history.clear();
    assert.equal(window.state.held, 0);
    window.forwarding.forwarder.resume();
    assert.equal(world.handler.arrivals.length, 1);
    const [next = 0] = await window.arrive([about("1")]);
    assert.deepEqual(world.handler.under, [1], "what is under way has its turn until it ends");
    await world.handler.answer(503);
    assert.deepEqual(world.handler.under, [next]);
  });

  it("leaves no timer behind", async test => {
    const world = worldOf(test);
    const window = world.open();
    await window.arrive([about("1")]);
    await world.handler.answer(503);
    window.close();
    await settled();
    assert.equal(world.clock.pending, 0);
  });
});
