import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { minute, second, sleep } from "../../../../src/base/clock.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { prepareShared } from "../../../../src/core/windows/sharedDatabase.ts";
import { Turns } from "../../../../src/core/windows/turns.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { timeUntil } from "../../../support/timeUntil.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

/** Two windows that agree through one database. */
function twoWindows() {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const database = new DatabaseSync(":memory:");
  prepareShared(database);
  const aWindow = (): Turns => new Turns({ claims: new Claims(database, clock), clock, logger });
  return { clock, logger, database, here: aWindow(), there: aWindow() };
}

describe("turns", () => {
  it("keep one window's work apart from another's, and let what was changed get around before", async () => {
    const { clock, here, there } = twoWindows();
    const order: string[] = [];
    const slow = here.run("list", async () => {
      order.push("here begins");
      await setImmediate();
      order.push("here ends");
    });
    const other = there.run("list", async () => Promise.resolve(order.push("there")));
    const took = await timeUntil(clock, Promise.all([slow, other]));
    assert.deepEqual(order, ["here begins", "here ends", "there"]);
    assert.ok(took >= second / 2, `${took} ms`);
  });

  it("give what the work gives, reject as it does, and keep other names waiting for nothing", async () => {
    const { here, there } = twoWindows();
    assert.equal(await here.run("one", async () => Promise.resolve(7)), 7);
    await assert.rejects(
      there.run("two", async () => Promise.reject(new Error("full"))),
      /full/,
    );
  });

  it("need no waiting within one window", async () => {
    const { clock, here } = twoWindows();
    for (const number of [1, 2, 3]) assert.equal(await here.run("list", async () => Promise.resolve(number)), number);
    clock.advance(second);
    assert.equal(clock.pending, 0);
  });

  it("last as long as the work, however slow it is, and leave no timer behind", async () => {
    const { clock, here, there } = twoWindows();
    const order: string[] = [];
    const slow = here.run("list", async () => {
      await sleep(clock, 20 * second);
      order.push("here ends");
    });
    const other = there.run("list", async () => Promise.resolve(order.push("there")));
    await timeUntil(clock, Promise.all([slow, other]));
    assert.deepEqual(order, ["here ends", "there"]);
    clock.advance(second);
    assert.equal(clock.pending, 0);
  });

  it("of a window that dies at its work are soon over, and no timer of it is left", async () => {
    const { clock, here, there } = twoWindows();
    const stuck = new AbortController();
    const never = here.run("list", async () => sleep(clock, minute, stuck.signal));
    await setImmediate();
    clock.advance(10 * second);
    here.dispose();
    assert.equal(clock.pending, 1, "the work's own");
    const took = await timeUntil(
      clock,
      there.run("list", async () => Promise.resolve()),
    );
    assert.ok(took <= 6 * second, `${took} ms`);
    stuck.abort();
    await never;
    there.dispose();
    assert.equal(clock.pending, 0);
  });

  it("wait for nobody for ever, and go on without", async () => {
    const { clock, here, there, logger } = twoWindows();
    const stuck = new AbortController();
    const never = here.run(
      "list",
      async () => new Promise<void>(done => stuck.signal.addEventListener("abort", () => done())),
    );
    const took = await timeUntil(
      clock,
      there.run("list", async () => Promise.resolve()),
    );
    assert.ok(took <= 36 * second, `${took} ms`);
    stuck.abort();
    await never;
    assert.deepEqual(logger.lines, []);
  });

  it("are not taken where the database fails, and the log says so", async () => {
    const { database, here, logger } = twoWindows();
    database.close();
    assert.equal(await here.run("list", async () => Promise.resolve(7)), 7);
    assert.equal(logger.lines.length, 1);
  });

  it("are given back at once when the window goes", async () => {
    const { clock, here, there } = twoWindows();
    await here.run("list", async () => Promise.resolve());
    here.dispose();
    assert.equal(await there.run("list", async () => Promise.resolve(clock.now())), clock.now());
    there.dispose();
    assert.equal(clock.pending, 0);
  });

  it("say whether they still are the work's own: not after a sleep in which another window had its turn", async () => {
    const { clock, here, there } = twoWindows();
    const awake = Promise.withResolvers<undefined>();
    const slept = here.run("list", async isOurs => {
      const before = isOurs();
      await awake.promise;
      return [before, isOurs()];
    });
    await setImmediate();
    clock.jump(10 * second);
    await there.run("list", async () => Promise.resolve());
    awake.resolve(undefined);
    assert.deepEqual(await slept, [true, false]);
  });

  it("still are the work's own after a sleep in which nobody asked, and where the database fails", async () => {
    const { clock, here, database } = twoWindows();
    await here.run("list", async isOurs => {
      clock.jump(10 * second);
      assert.equal(isOurs(), true);
      database.exec("DROP TABLE claim");
      assert.equal(isOurs(), true);
      return Promise.resolve();
    });
    assert.equal(await here.run("list", async isOurs => Promise.resolve(isOurs())), true);
  });
});
