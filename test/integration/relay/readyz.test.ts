import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { hour, minute, second } from "../../../src/base/clock.ts";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamEventLog } from "../../../src/relay/jetstreamEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { passTimeAtNats } from "../../support/jetstreamLogs.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { startTestRelay } from "../../support/testRelay.ts";

/** Appends until the log refuses, and then what is smaller; how many it has refused. */
async function fill(log: EventLog, channel: string, at: number): Promise<number> {
  let refused = 0;
  for (const size of [20_000, 2_000, 200]) {
    for (let count = 0; count < 1_000; count++) {
      const outcome = await log.append(channel, { receivedAt: at, scheme: 0, payload: new Uint8Array(size) });
      if (outcome.ok) continue;
      refused++;
      break;
    }
  }
  return refused;
}

describe("GET /readyz", { timeout: 60_000 }, () => {
  it("cannot be used to write: a thousand of them leave the database and its log as they were", async test => {
    const dataDir = temporaryFolder(test);
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { dataDir }, { clock });
    const size = (): number => statSync(join(dataDir, "relay.db")).size + statSync(join(dataDir, "relay.db-wal")).size;
    const isReady = async (): Promise<boolean> => (await fetch(url + relayPaths.ready)).ok;
    assert.equal(await isReady(), true);
    // What was written to find that out is swept away.
    clock.advance(minute);
    for (let count = 0; count < 10; count++) assert.equal(await isReady(), true);
    const before = size();
    for (let round = 0; round < 20; round++) {
      assert.ok((await Promise.all(Array.from({ length: 50 }, isReady))).every(Boolean));
      clock.advance(10 * second);
    }
    assert.equal(size(), before);
  });
});

describe("readiness of a log in SQLite", { timeout: 60_000 }, () => {
  it("is what an event would meet: no once the database is full, yes once retention has made room", async test => {
    const clock = new FakeClock();
    const log = await SqliteEventLog.open({
      directory: temporaryFolder(test),
      retention: { maxAge: hour, maxEvents: 100_000, maxBytes: 100_000_000, maxStorageBytes: 1_000_000 },
      ...{ clock, logger: silentRelayLogger },
    });
    test.after(async () => log.close());
    const channel = newChannelId();
    await log.createChannel({ channel, readKeyHash: new Uint8Array(32), createdAt: 0 });
    assert.equal(await log.isReady(), true);
    assert.ok((await fill(log, channel, clock.now())) > 0);
    assert.equal(await log.isReady(), false);
    // A sweep notes what has come in.
    clock.advance(minute);
    for (let looks = 0; looks < 20; looks++) await log.bounds(channel);
    assert.equal(await log.isReady(), false);
    clock.jump(2 * hour);
    for (let tries = 0; tries < 500 && !(await log.isReady()); tries++) clock.advance(2 * second);
    assert.equal(await log.isReady(), true);
    assert.ok((await log.append(channel, { receivedAt: clock.now(), scheme: 0, payload: new Uint8Array(9) })).ok);
  });
});

describe("readiness of a log in JetStream", { timeout: 60_000 }, () => {
  it("is what an event would meet, and writes nothing to find out", async test => {
    const closing: (() => Promise<unknown>)[] = [];
    test.after(async () => Promise.all(closing.map(async close => close())));
    const [server] = await startNatsServers(test, 1);
    assert.ok(server);
    const clock = new FakeClock();
    passTimeAtNats(test, clock);
    const log = await JetStreamEventLog.open({
      ...{ servers: [server.url], replicas: 1, shards: 2, maxEventBytes: 1_000_000, maxStorageBytes: 1_000_000 },
      retention: { maxAge: hour, maxEvents: 100_000, maxBytes: 100_000_000 },
      ...{ clock, logger: silentRelayLogger },
    });
    const connection = await connect({ servers: server.url });
    closing.push(
      async () => log.close(),
      async () => connection.close(),
    );
    const manager = await jetstreamManager(connection);
    const written = async (): Promise<number[]> => {
      const infos = await Promise.all([0, 1].map(async shard => manager.streams.info(`zcn_events_${shard}`)));
      return infos.map(({ state }) => state.last_seq);
    };
    const channel = newChannelId();
    await log.createChannel({ channel, readKeyHash: new Uint8Array(32), createdAt: 0 });
    for (let round = 0; round < 20; round++) {
      assert.equal(await log.isReady(), true);
      clock.advance(10 * second);
    }
    assert.deepEqual(await written(), [0, 0]);
    assert.equal(await log.isReady(), true);
    assert.ok((await fill(log, channel, clock.now())) > 0);
    assert.equal(await log.isReady(), false);
    clock.advance(second);
    assert.equal(await log.isReady(), false, "also when it is asked anew");
    clock.jump(2 * hour);
    for (let tries = 0; tries < 2_000 && !(await log.isReady()); tries++) {
      clock.advance(tries % 50 === 0 ? minute : 2 * second);
    }
    assert.equal(await log.isReady(), true);
    assert.ok((await log.append(channel, { receivedAt: clock.now(), scheme: 0, payload: new Uint8Array(9) })).ok);
  });
});
