import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type TestContext, describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { type StatementSource, openSharedDatabase } from "../../../../src/core/windows/sharedDatabase.ts";
import { JointTurns } from "../../../../src/core/windows/jointTurns.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

function open(test: TestContext) {
  const clock = new FakeClock();
  const shared = openSharedDatabase(join(temporaryFolder(test), "windows.sqlite"), silentLogger);
  const { database } = shared;
  test.after(() => shared.dispose());
  const failing = { isLocked: false };
  let count = 0;
  const source: StatementSource = {
    isOpen: true,
    prepare: sql => {
      count += 1;
      if (failing.isLocked) throw new Error("database is locked");
      return database.prepare(sql);
    },
  };
  const claims = new Claims(source, clock);
  const turns = new JointTurns({ claims, clock, logger: silentLogger });
  return { clock, claims, database, turns, failing, asked: () => count };
}

const life = minute;

describe("JointTurns", () => {
  it("are taken for what is free, at once, and leave out what is another's", async test => {
    const { turns } = open(test);
    const first = await turns.take(["a", "b"], { life, patience: 0 });
    const second = await turns.take(["b", "c"], { life, patience: 0 });
    assert.deepEqual([[...first.held], [...second.held]], [["a", "b"], ["c"]]);
    first.dispose();
    assert.deepEqual([...(await turns.take(["a", "b", "c"], { life, patience: 0 })).held], ["a", "b"]);
  });

  it("wait for another as long as the patience lasts", async test => {
    const { turns, clock } = open(test);
    const first = await turns.take(["a"], { life, patience: 0 });
    const waiting = turns.take(["a"], { life, patience: 10 * second });
    for (let count = 0; count < 8; count++) {
      await setImmediate();
      clock.advance(second);
      if (count === 4) first.dispose();
    }
    assert.deepEqual([...(await waiting).held], ["a"]);
  });

  it("say when one of them has become another's", async test => {
    const { turns, clock } = open(test);
    const slow = await turns.take(["a", "b"], { life, patience: 0 });
    assert.equal(slow.extend(life), true);
    clock.advance(life + 1);
    await turns.take(["b"], { life, patience: 0 });
    assert.equal(slow.extend(life), false);
  });

  it("are everybody's where windows have no database to agree through", async test => {
    const { turns, database } = open(test);
    database.prepare("DROP TABLE claim").run();
    const [one, other] = [
      await turns.take(["a"], { life, patience: 0 }),
      await turns.take(["a"], { life, patience: 0 }),
    ];
    assert.deepEqual([[...one.held], [...other.held]], [["a"], ["a"]]);
    assert.equal(one.extend(life), true);
  });

  it("go on where the database fails while they are held, and run out where they cannot be given back", async test => {
    const { turns, clock, failing, claims } = open(test);
    const held = await turns.take(["a", "b"], { life, patience: 0 });
    failing.isLocked = true;
    assert.equal(held.extend(life), true);
    held.dispose();
    failing.isLocked = false;
    assert.equal(claims.take("a", life), undefined);
    clock.advance(life);
    assert.ok(claims.take("a", life) !== undefined);
  });

  it("ask the database once for all of them: each time that it is locked costs everybody seconds", async test => {
    const { turns, database, failing, asked } = open(test);
    const keys = ["a", "b", "c", "d"];
    const [held, none] = [
      await turns.take(keys, { life, patience: 0 }),
      await turns.take([], { life, patience: minute }),
    ];
    for (const each of [held, none]) {
      assert.equal(each.extend(life), true);
      each.dispose();
    }
    assert.equal(asked(), 3);
    failing.isLocked = true;
    const without = await turns.take(keys, { life, patience: minute });
    assert.equal(without.extend(life), true);
    without.dispose();
    assert.deepEqual([asked(), [...without.held]], [4, keys]);
    failing.isLocked = false;
    assert.equal(database.prepare("SELECT count(*) AS n FROM claim").get()?.["n"], 0);
  });

  it("hold on to what they have, with one writing, where the rest came later", async test => {
    const { turns, clock, claims, asked } = open(test);
    const other = claims.take("b", minute);
    const waiting = turns.take(["a", "b"], { life, patience: 10 * second });
    await setImmediate();
    other?.dispose();
    clock.advance(second);
    const held = await waiting;
    const before = asked();
    assert.equal(held.extend(2 * life), true);
    assert.equal(asked(), before + 1);
    clock.advance(life + second);
    assert.deepEqual([claims.take("a", life), claims.take("b", life)], [undefined, undefined]);
  });
});
