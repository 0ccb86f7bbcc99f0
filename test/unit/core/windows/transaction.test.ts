import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { day } from "../../../../src/base/clock.ts";
import { purgeStale } from "../../../../src/core/windows/purgeStale.ts";
import { inTransaction } from "../../../../src/core/windows/transaction.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

describe("a transaction", () => {
  it("happens wholly, or not at all, and leaves the database ready for the next", () => {
    const database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE t (n INTEGER)");
    const count = (): number => Number(database.prepare("SELECT count(*) AS n FROM t").get()?.["n"]);
    const insert = (): void => database.exec("INSERT INTO t VALUES (1)");
    inTransaction(database, insert);
    assert.throws(
      () =>
        inTransaction(database, () => {
          insert();
          throw new Error("broken");
        }),
      /broken/,
    );
    assert.equal(count(), 1);
    inTransaction(database, insert);
    assert.equal(count(), 2);
    database.close();
  });
});

describe("what windows leave behind", () => {
  it("is forgotten a day after they were last seen; that it cannot be is logged and no more", () => {
    const clock = new FakeClock();
    const logger = new RecordingLogger();
    const purged: unknown[] = [];
    const claims = { purge: () => void purged.push("claims") };
    purgeStale({ claims, notes: { purgeWindows: before => purged.push(before) }, clock, logger });
    assert.deepEqual(purged, ["claims", clock.now() - day]);
    purgeStale({ claims, notes: { purgeWindows: () => assert.fail("full") }, clock, logger });
    assert.equal(logger.lines.length, 1);
  });
});
