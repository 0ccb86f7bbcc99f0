import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { day, hour, minute } from "../../../src/base/clock.ts";
import type { EventLog, SequenceBounds } from "../../../src/relay/eventLog.ts";
import { JetStreamCluster } from "../../../src/relay/jetstreamCluster.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import type { FakeClock } from "../../support/fakeClock.ts";
import { FakeSweeps, append, makeChannels, openLog, passTimeAtNats, startServer } from "../../support/jetstreamLogs.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const maxAge = 7 * day;

type Open = (test: TestContext, clock: FakeClock) => Promise<EventLog>;

async function openSqlite(
  test: TestContext,
  clock: FakeClock,
  directory = temporaryFolder(test),
): Promise<SqliteEventLog> {
  const retention = { maxAge, maxEvents: 1_000, maxBytes: 50_000_000, maxStorageBytes: 100_000_000 };
  const log = await SqliteEventLog.open({ directory, retention, clock, logger: silentRelayLogger });
  test.after(async () => log.close());
  return log;
}

async function openJetStream(test: TestContext, clock: FakeClock): Promise<EventLog> {
  const { server, closing } = await startServer(test);
  return openLog(closing, { server, clock, retention: { maxAge } });
}

async function newChannel(log: EventLog): Promise<string> {
  const [channel = ""] = await makeChannels(log, 1);
  return channel;
}

/** So many sweeps, each to its end; gives what is kept after them. */
async function sweep(log: EventLog, clock: FakeClock, channel: string, minutes = 1): Promise<SequenceBounds> {
  for (let count = 0; count < minutes; count++) {
    clock.advance(minute);
    for (let looks = 0; looks < 40; looks++) await log.bounds(channel);
  }
  const bounds = await log.bounds(channel);
  assert.ok(bounds);
  return bounds;
}

const engines: Readonly<Record<string, Open>> = { SQLite: openSqlite, "NATS JetStream": openJetStream };
for (const [engine, open] of Object.entries(engines)) {
  describe(`events in ${engine} whose relay has a wrong clock`, { timeout: 60_000 }, () => {
    it("are kept when it was behind as they came in, and is put right", async test => {
      const clock = new FakeSweeps();
      const log = await open(test, clock);
      const channel = await newChannel(log);
      clock.setBack(30 * day);
      for (const sequence of [1, 2]) assert.equal(await append(log, channel, clock.now()), sequence);
      clock.setBack(-30 * day);
      assert.deepEqual(await sweep(log, clock, channel, 20), { oldest: 1, newest: 2 });
    });

    it("are kept when it goes ahead for some minutes, or for good", async test => {
      const clock = new FakeSweeps();
      const log = await open(test, clock);
      const channel = await newChannel(log);
      for (const sequence of [1, 2]) assert.equal(await append(log, channel, clock.now()), sequence);
      await sweep(log, clock, channel);
      clock.setBack(-8 * day);
      assert.deepEqual(await sweep(log, clock, channel, 5), { oldest: 1, newest: 2 });
      clock.setBack(8 * day);
      assert.deepEqual(await sweep(log, clock, channel), { oldest: 1, newest: 2 });
      clock.setBack(-400 * day);
      assert.deepEqual(await sweep(log, clock, channel, 20), { oldest: 1, newest: 2 });
    });

    it("go when they are too old, also behind one from the future, and with it", async test => {
      const clock = new FakeSweeps();
      passTimeAtNats(test, clock);
      const log = await open(test, clock);
      const channel = await newChannel(log);
      assert.equal(await append(log, channel, clock.now() + 365 * day), 1);
      for (const sequence of [2, 3]) assert.equal(await append(log, channel, clock.now()), sequence);
      assert.deepEqual(await sweep(log, clock, channel), { oldest: 1, newest: 3 });
      clock.jump(maxAge - hour);
      assert.deepEqual(await sweep(log, clock, channel), { oldest: 1, newest: 3 });
      assert.equal(await append(log, channel, clock.now()), 4);
      clock.jump(hour);
      assert.deepEqual(await sweep(log, clock, channel, 2), { oldest: 4, newest: 4 });
    });
  });
}

describe("events in NATS JetStream, the clock of which is wrong", { timeout: 60_000 }, () => {
  for (const wrong of [-8 * day, 8 * day]) {
    it(`are kept when that is ${wrong > 0 ? "ahead" : "behind"} for some minutes, and no longer than they are to be`, async test => {
      const clock = new FakeSweeps();
      const log = await openJetStream(test, clock);
      const channel = await newChannel(log);
      assert.equal(await append(log, channel, clock.now()), 1);
      const timing = test.mock.method(JetStreamCluster.prototype, "timeOf", () => Date.now() + wrong);
      assert.deepEqual(await sweep(log, clock, channel, 3), { oldest: 1, newest: 1 });
      timing.mock.restore();
      passTimeAtNats(test, clock);
      clock.jump(maxAge);
      assert.deepEqual(await sweep(log, clock, channel), { oldest: 2, newest: 1 });
    });
  }
});

describe("the age of events in SQLite", () => {
  it("includes how long the relay was stopped, once its clock has been right for a while", async test => {
    const [clock, directory] = [new FakeSweeps(), temporaryFolder(test)];
    const first = await openSqlite(test, clock, directory);
    const channel = await newChannel(first);
    assert.equal(await append(first, channel, clock.now()), 1);
    await sweep(first, clock, channel);
    await first.close();
    clock.jump(8 * day);
    const again = await openSqlite(test, clock, directory);
    assert.equal(await append(again, channel, clock.now()), 2);
    assert.deepEqual(await sweep(again, clock, channel, 9), { oldest: 1, newest: 2 });
    assert.deepEqual(await sweep(again, clock, channel, 3), { oldest: 2, newest: 2 });
    clock.jump(6 * day);
    assert.deepEqual(await sweep(again, clock, channel), { oldest: 2, newest: 2 });
    await again.close();
    clock.jump(2 * day);
    const last = await openSqlite(test, clock, directory);
    assert.deepEqual(await sweep(last, clock, channel, 12), { oldest: 3, newest: 2 });
  });

  it("is not what a clock says that is wrong when the relay starts, and is put right soon", async test => {
    const [clock, directory] = [new FakeSweeps(), temporaryFolder(test)];
    const first = await openSqlite(test, clock, directory);
    const channel = await newChannel(first);
    assert.equal(await append(first, channel, clock.now()), 1);
    await sweep(first, clock, channel);
    await first.close();
    clock.setBack(-30 * day);
    const again = await openSqlite(test, clock, directory);
    assert.deepEqual(await sweep(again, clock, channel, 5), { oldest: 1, newest: 1 });
    clock.setBack(30 * day);
    assert.deepEqual(await sweep(again, clock, channel, 20), { oldest: 1, newest: 1 });
  });

  it("is not what a clock says that is put right just before the relay is started again", async test => {
    const [clock, directory] = [new FakeSweeps(), temporaryFolder(test)];
    clock.setBack(30 * day);
    const first = await openSqlite(test, clock, directory);
    const channel = await newChannel(first);
    assert.equal(await append(first, channel, clock.now()), 1);
    await sweep(first, clock, channel);
    clock.setBack(-30 * day);
    await first.close();
    const again = await openSqlite(test, clock, directory);
    assert.deepEqual(await sweep(again, clock, channel, 20), { oldest: 1, newest: 1 });
  });

  it("is that of an event, not of one that was deleted and had its place", async test => {
    const clock = new FakeSweeps();
    const log = await openSqlite(test, clock);
    const [gone, channel] = [await newChannel(log), await newChannel(log)];
    for (let count = 0; count < 5; count++) await append(log, gone, clock.now());
    await sweep(log, clock, gone);
    assert.equal(await log.deleteChannel(gone), "deleted");
    clock.jump(6 * day);
    assert.equal(await append(log, channel, clock.now()), 1);
    assert.deepEqual(await sweep(log, clock, channel), { oldest: 1, newest: 1 });
    clock.jump(2 * day);
    assert.deepEqual(await sweep(log, clock, channel, 2), { oldest: 1, newest: 1 });
  });

  it("is taken from when they were received, in a database of an earlier relay", async test => {
    const [clock, directory] = [new FakeSweeps(), temporaryFolder(test)];
    const earlier = await openSqlite(test, clock, directory);
    const channel = await newChannel(earlier);
    for (const age of [6.5, 6.4, -300, 1]) await append(earlier, channel, clock.now() - age * day);
    await earlier.close();
    const database = new DatabaseSync(join(directory, "relay.db"));
    database.exec("DROP TABLE passed; DROP TABLE log_age; PRAGMA user_version = 6");
    database.close();
    const log = await openSqlite(test, clock, directory);
    assert.deepEqual(await sweep(log, clock, channel), { oldest: 1, newest: 4 });
    clock.jump(day);
    assert.deepEqual(await sweep(log, clock, channel), { oldest: 3, newest: 4 });
    clock.jump(6 * day);
    assert.deepEqual(await sweep(log, clock, channel), { oldest: 5, newest: 4 });
  });
});
