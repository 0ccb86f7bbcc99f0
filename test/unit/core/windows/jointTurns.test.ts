import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type TestContext, describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { openSharedDatabase } from "../../../../src/core/windows/sharedDatabase.ts";
import { JointTurns } from "../../../../src/core/windows/jointTurns.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

function open(test: TestContext) {
  const clock = new FakeClock();
  const shared = openSharedDatabase(join(temporaryFolder(test), "windows.sqlite"), silentLogger);
  test.after(() => shared.dispose());
  const claims = new Claims(shared.database, clock);
  return { clock, claims, database: shared.database, turns: new JointTurns({ claims, clock, logger: silentLogger }) };
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

  it("go on, and are given back as far as can be, where the database fails while they are held", async test => {
    const { turns, database, claims } = open(test);
    const held = await turns.take(["a", "b"], { life, patience: 0 });
    database.prepare("CREATE TRIGGER full BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'full'); END").run();
    database
      .prepare("CREATE TRIGGER kept BEFORE DELETE ON claim WHEN OLD.key = 'a' BEGIN SELECT RAISE(ABORT, 'full'); END")
      .run();
    assert.equal(held.extend(life), true);
    held.dispose();
    database.prepare("DROP TRIGGER full").run();
    assert.equal(claims.take("a", life), undefined);
    assert.ok(claims.take("b", life) !== undefined);
  });
});
