import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { day, minute } from "../../../src/base/clock.ts";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamEventLog } from "../../../src/relay/jetstreamEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { filesWith } from "../../support/filesWith.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { createTestChannel, startTestRelay } from "../../support/testRelay.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const marker = "ERASE-ME";

async function open(test: TestContext, directory: string, clock = new FakeClock()): Promise<SqliteEventLog> {
  const retention = { maxAge: day, maxEvents: 40, maxBytes: 50_000_000, maxStorageBytes: 100_000_000 };
  const log = await SqliteEventLog.open({ directory, retention, clock, logger: silentRelayLogger });
  test.after(async () => log.close());
  return log;
}

/** A channel with events of all sizes, of which retention has removed some. */
async function fillChannel(log: EventLog, text: string): Promise<string> {
  const channel = newChannelId();
  await log.createChannel({ channel, readKeyHash: Uint8Array.of(1, 2, 3), createdAt: 5 });
  for (let count = 0; count < 60; count++) {
    const payload = Buffer.from(`${text} ${"x".repeat((count % 6) ** 5)} ${text}`);
    assert.ok((await log.append(channel, { receivedAt: new FakeClock().now(), scheme: 0, payload })).ok);
  }
  return channel;
}

describe("a channel that is deleted at the relay", () => {
  it("leaves nothing of its events in the database or its log, also of those that retention had removed", async test => {
    const directory = temporaryFolder(test);
    const log = await open(test, directory);
    const channel = await fillChannel(log, marker);
    const other = await fillChannel(log, "KEEP-ME");
    assert.ok(filesWith(directory, marker).length > 0);
    assert.equal(await log.deleteChannel(channel), "deleted");
    assert.deepEqual(filesWith(directory, marker), []);
    assert.deepEqual(filesWith(directory, channel), []);
    assert.ok((await log.read(other, 0, { events: 100, bytes: 1_000_000 })).length >= 40);
  });

  it("is erased by the next sweep when the relay ended in between, and nobody has it until then", async test => {
    const directory = temporaryFolder(test);
    const log = await open(test, directory);
    const channel = await fillChannel(log, marker);
    await log.close();
    const database = new DatabaseSync(join(directory, "relay.db"));
    database.exec("UPDATE channel SET id = 'deleted:' || number");
    database.close();
    const clock = new FakeClock();
    const again = await open(test, directory, clock);
    assert.equal(await again.findChannel(channel), undefined);
    const fresh = await fillChannel(again, "KEEP-ME");
    clock.advance(minute);
    for (let tries = 0; tries < 1_000 && filesWith(directory, marker).length > 0; tries++) await again.bounds(fresh);
    assert.deepEqual(filesWith(directory, marker), []);
    assert.equal((await again.bounds(fresh))?.newest, 60);
  });

  it("is unknown to who asks for it as another has just deleted it", async test => {
    const { url } = await startTestRelay(test);
    const { channel, readKey } = await createTestChannel(url);
    const deleting = test.mock.method(
      SqliteEventLog.prototype,
      "deleteChannel",
      async function (this: SqliteEventLog, of: string, after?: number) {
        deleting.mock.restore();
        assert.equal(await this.deleteChannel(of), "deleted");
        return this.deleteChannel(of, after);
      },
    );
    const headers = { authorization: `Bearer ${readKey}` };
    const answer = await fetch(url + relayPaths.channel(channel), { method: "DELETE", headers });
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /"UNKNOWN_CHANNEL"/);
  });

  it("leaves nothing of its events on the disks of NATS", async test => {
    const logs: EventLog[] = [];
    test.after(async () => Promise.all(logs.map(async log => log.close())));
    const [server] = await startNatsServers(test, 1);
    assert.ok(server);
    const log = await JetStreamEventLog.open({
      ...{ servers: [server.url], replicas: 1, shards: 1, maxEventBytes: 1_000_000, maxStorageBytes: 100_000_000 },
      retention: { maxAge: day, maxEvents: 1_000, maxBytes: 50_000_000 },
      ...{ clock: new FakeClock(), logger: silentRelayLogger },
    });
    logs.push(log);
    // What is in one file of the stream with more that is kept is not written anew.
    const [other = ""] = await Promise.all(["KEEP-ME", "KEEP-ME-2"].map(async text => fillChannel(log, text)));
    const channel = await fillChannel(log, marker);
    assert.ok(filesWith(server.dataDir, marker).length > 0);
    assert.equal(await log.deleteChannel(channel), "deleted");
    assert.deepEqual(filesWith(server.dataDir, marker), []);
    assert.equal((await log.read(other, 0, { events: 100, bytes: 1_000_000 })).length, 60);
  });
});
