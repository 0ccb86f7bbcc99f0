import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { type ChannelCreated, relayPaths, relaySubprotocol } from "../../../src/protocol/relayApi.ts";
import * as v from "valibot";
import { minute, second, systemClock } from "../../../src/base/clock.ts";
import type { ChannelWatcher, LoggedEvent } from "../../../src/relay/eventLog.ts";
import { createRelay } from "../../../src/relay/relay.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

async function postAll(created: ChannelCreated, count: number): Promise<void> {
  for (let index = 1; index <= count; index++) assert.equal(await post(created.ingestUrl, `event ${index}`), 200);
}

async function expectSequences(reader: RelayReader, sequences: readonly number[]): Promise<void> {
  for (const sequence of sequences) assert.equal((await reader.expect("event")).sequence, sequence);
}

/** The status with which an upgrade is answered. */
async function statusOfUpgrade(url: string, path: string, key: string, protocol = relaySubprotocol): Promise<number> {
  const socket = new WebSocket(url.replace("http", "ws") + path, protocol, {
    headers: { authorization: `Bearer ${key}` },
  });
  return new Promise(resolve => {
    socket.on("error", () => undefined);
    socket.once("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

describe("the stream of a channel", () => {
  it("greets, sends what is kept in order, says live once, and goes on with what comes", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    await postAll(created, 3);
    const reader = await RelayReader.open(url, created);
    const hello = await reader.expect("hello");
    assert.deepEqual([hello.channel, hello.oldest, hello.newest], [created.channel, 1, 3]);
    await expectSequences(reader, [1, 2, 3]);
    assert.equal((await reader.expect("live")).newest, 3);
    await postAll(created, 2);
    await expectSequences(reader, [4, 5]);
    await reader.close();
  });

  it("resumes after the sequence that the editor names, also in a relay started anew", async test => {
    const dataDir = temporaryFolder(test);
    const first = await createRelay({ dataDir });
    const created = await createTestChannel(first.url);
    await postAll(created, 5);
    await first.close();
    const { url } = await startTestRelay(test, { dataDir });
    const reader = await RelayReader.open(url, created, 3);
    await reader.expect("hello");
    await expectSequences(reader, [4, 5]);
    await reader.expect("live");
    assert.equal(await post(`${url}/in/${created.channel}`, "more"), 200);
    await expectSequences(reader, [6]);
    await reader.close();
  });

  it("announces what retention removed as a gap, and never uses a number twice", async test => {
    const dataDir = temporaryFolder(test);
    const first = await createRelay({ dataDir, maxEvents: 8 });
    const created = await createTestChannel(first.url);
    await postAll(created, 20);
    const reader = await RelayReader.open(first.url, created, 4);
    const { oldest, newest } = await reader.expect("hello");
    assert.ok(newest === 20 && newest - oldest + 1 >= 8 && newest - oldest + 1 <= 9);
    assert.deepEqual(await reader.expect("gap"), { type: "gap", from: 5, to: oldest - 1, reason: "retention" });
    await expectSequences(reader, [oldest, oldest + 1]);
    await reader.close();
    await first.close();
  });

  it("ends where the log has no such channel any more, though nobody told it so", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const looking = test.mock.method(
      SqliteEventLog.prototype,
      "bounds",
      async function (this: SqliteEventLog, of: string) {
        looking.mock.restore();
        const bounds = await this.bounds(of);
        test.mock.method(SqliteEventLog.prototype, "bounds", async () => Promise.resolve(undefined));
        return bounds;
      },
    );
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    assert.equal((await reader.expect("goodbye")).reason, "channel-deleted");
  });

  it("announces a gap up to the end when nothing is left, and numbers go on after it", async test => {
    const clock = new FakeClock();
    const dataDir = temporaryFolder(test);
    const first = await createRelay({ dataDir, maxAge: second }, { clock });
    const created = await createTestChannel(first.url);
    await postAll(created, 3);
    const headers = { authorization: `Bearer ${created.readKey}` };
    for (let oldest: unknown = 1; oldest !== 4;) {
      clock.advance(minute);
      const described = await fetch(first.url + relayPaths.channel(created.channel), { headers });
      ({ oldest } = v.parse(v.object({ oldest: v.number() }), await described.json()));
    }
    await first.close();
    const { url } = await startTestRelay(test, { dataDir });
    const reader = await RelayReader.open(url, created, 1);
    assert.deepEqual([(await reader.expect("hello")).oldest, (await reader.next()).type], [4, "gap"]);
    assert.equal((await reader.expect("live")).newest, 3);
    assert.equal(await post(`${url}/in/${created.channel}`, "more"), 200);
    await expectSequences(reader, [4]);
    await reader.close();
  });

  it("says reset to an editor that is ahead of the log, and leaves the numbers it has unused", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    await postAll(created, 2);
    const behind = await RelayReader.open(url, created);
    await behind.expect("hello");
    await expectSequences(behind, [1, 2]);
    await behind.expect("live");
    const ahead = await RelayReader.open(url, created, 7);
    assert.equal((await ahead.expect("hello")).newest, 2);
    assert.deepEqual(await ahead.expect("gap"), { type: "gap", from: 3, to: 7, reason: "reset" });
    await ahead.expect("live");
    await postAll(created, 1);
    await expectSequences(ahead, [8]);
    const { from, to } = await behind.expect("gap");
    assert.deepEqual([from, to], [3, 7]);
    await expectSequences(behind, [8]);
    await Promise.all([ahead.close(), behind.close()]);
  });

  it("sends no more than the window past the last ack, and goes on as acks come", async test => {
    const { url } = await startTestRelay(test, { window: 4 });
    const created = await createTestChannel(url);
    await postAll(created, 10);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await expectSequences(reader, [1, 2, 3, 4]);
    await roundTrip(reader);
    assert.equal(reader.frames.length, 5, "nothing past the window");
    reader.ack(2);
    await expectSequences(reader, [5, 6]);
    await roundTrip(reader);
    assert.equal(reader.frames.length, 7);
    reader.ack(6);
    await expectSequences(reader, [7, 8, 9, 10]);
    reader.ack(10);
    await reader.expect("live");
    await postAll(created, 5);
    await expectSequences(reader, [11, 12, 13, 14]);
    reader.ack(14);
    await expectSequences(reader, [15]);
    await reader.close();
  });

  it("reads the log no further for a reader that stops reading its socket", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const body = "x".repeat(900_000);
    for (let index = 0; index < 24; index++) assert.equal(await post(created.ingestUrl, body), 200);
    const before = process.memoryUsage();
    const reader = await RelayReader.open(url, created);
    reader.socket.pause();
    for (let index = 0; index < 8; index++) assert.equal(await post(created.ingestUrl, "small"), 200);
    const grown = process.memoryUsage().arrayBuffers - before.arrayBuffers;
    assert.ok(grown < 16_000_000, `${grown} bytes held for a reader that does not read`);
    reader.socket.resume();
    await reader.expect("hello");
    await expectSequences(
      reader,
      Array.from({ length: 32 }, (_, index) => index + 1),
    );
    await reader.close();
  });

  it("is sent a commit of many large events in turns, not all at once", async test => {
    const retention = { maxAge: 3_600 * second, maxEvents: 100, maxBytes: 1e9, maxStorageBytes: 1e9 };
    const opened = { directory: temporaryFolder(test), retention, clock: systemClock, logger: silentRelayLogger };
    const log = await SqliteEventLog.open(opened);
    const watch = log.watch.bind(log);
    const held: LoggedEvent[] = [];
    const watchers: ChannelWatcher[] = [];
    log.watch = (channel, watcher) => {
      watchers.push(watcher);
      return watch(channel, { ...watcher, appended: events => void held.push(...events) });
    };
    const { url } = await startTestRelay(test, {}, { log });
    const created = await createTestChannel(url);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await reader.expect("live");
    reader.socket.pause();
    const body = "x".repeat(900_000);
    for (let index = 0; index < 24; index++) assert.equal(await post(created.ingestUrl, body), 200);
    const before = process.memoryUsage().arrayBuffers;
    watchers[0]?.appended(held);
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 4_000_000, `${grown} bytes`);
    reader.socket.resume();
    for (let sequence = 1; sequence <= 24; sequence++) await expectSequences(reader, [sequence]);
    await reader.close();
  });

  it("goes to several editors of one channel, to each whole", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const readers = await Promise.all([1, 2, 3].map(async () => RelayReader.open(url, created)));
    await postAll(created, 4);
    for (const reader of readers) {
      const sequences: number[] = [];
      while (sequences.length < 4) {
        const frame = await reader.next();
        if (frame.type === "event") sequences.push(frame.sequence);
      }
      assert.deepEqual(sequences, [1, 2, 3, 4]);
      await reader.close();
    }
  });

  it("is refused to a wrong key, to the key of another channel, and for an unknown channel", async test => {
    const { url } = await startTestRelay(test);
    const [mine, other] = [await createTestChannel(url), await createTestChannel(url)];
    const path = relayPaths.stream(mine.channel);
    assert.equal(await statusOfUpgrade(url, path, mine.readKey), 101);
    assert.equal(await statusOfUpgrade(url, path, "wrong"), 401);
    assert.equal(await statusOfUpgrade(url, path, ""), 401);
    assert.equal(await statusOfUpgrade(url, path, other.readKey), 401);
    assert.equal(await statusOfUpgrade(url, relayPaths.stream("n".repeat(32)), mine.readKey), 404);
    assert.equal(await statusOfUpgrade(url, path, mine.readKey, "zcn.relay.v99"), 400);
    assert.equal(await statusOfUpgrade(url, `${path}?after=-1`, mine.readKey), 400);
    assert.equal(await statusOfUpgrade(url, `${path}?after=9007199254740991`, mine.readKey), 400);
  });

  it("closes on an editor that says what it may not", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const codes = [
      ["not json", 1002],
      [JSON.stringify({ type: "ack", sequence: 1 }), 1002],
      [JSON.stringify({ type: "ack" }), 1002],
      [JSON.stringify({ type: 1 }), 1002],
      [Buffer.from([1, 2, 3]), 1003],
      ["x".repeat(2000), 1009],
    ] as const;
    for (const [message, code] of codes) {
      const reader = await RelayReader.open(url, created);
      await reader.expect("hello");
      reader.socket.send(message);
      assert.equal(await reader.closed(), code);
    }
  });

  it("ignores what only a later editor says", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    await postAll(created, 1);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await expectSequences(reader, [1]);
    reader.socket.send(JSON.stringify({ type: "of-a-later-version", sequence: -1 }));
    reader.socket.send(JSON.stringify({ type: "ack", sequence: 1, reason: "of a later version" }));
    await reader.expect("live");
    await roundTrip(reader);
    assert.equal(reader.socket.readyState, WebSocket.OPEN);
    await reader.close();
  });

  it("ends for a peer that shows no sign of life, and not for one that answers pings", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { heartbeatInterval: second }, { clock });
    const created = await createTestChannel(url);
    const [dead, alive] = [await RelayReader.open(url, created), await RelayReader.open(url, created)];
    await Promise.all([dead.expect("hello"), alive.expect("hello")]);
    dead.socket.pause();
    for (let beat = 0; beat < 4; beat++) {
      const pinged = new Promise(resolve => alive.socket.once("ping", resolve));
      if (beat < 3) {
        clock.advance(second);
        await pinged;
        await roundTrip(alive);
      }
    }
    dead.socket.resume();
    assert.equal(await dead.closed(), 1006);
    assert.equal(alive.socket.readyState, WebSocket.OPEN);
    await alive.close();
  });

  it("says goodbye before a planned stop and closes with 1012", async test => {
    const relay = await createRelay({ dataDir: temporaryFolder(test) });
    const reader = await RelayReader.open(relay.url, await createTestChannel(relay.url));
    await reader.expect("hello");
    await reader.expect("live");
    await Promise.all([relay.close(), reader.closed()]);
    const goodbye = await reader.expect("goodbye");
    assert.equal(goodbye.reason, "restart");
    assert.equal(await reader.closed(), 1012);
  });

  it("ends with the channel, which is gone then", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    await postAll(created, 1);
    const reader = await RelayReader.open(url, created, 1);
    await reader.expect("hello");
    await reader.expect("live");
    const address = url + relayPaths.channel(created.channel);
    assert.equal((await fetch(address, { method: "DELETE" })).status, 401);
    const headers = { authorization: `Bearer ${created.readKey}` };
    assert.equal((await fetch(address, { method: "DELETE", headers })).status, 204);
    assert.equal((await reader.expect("goodbye")).reason, "channel-deleted");
    assert.equal(await reader.closed(), 4404);
    assert.equal((await fetch(address, { headers })).status, 404);
    assert.equal(await post(created.ingestUrl, "late"), 404);
  });
});

/** When the answer to a ping is here, so is everything that the relay sent before it. */
async function roundTrip(reader: RelayReader): Promise<void> {
  const answered = new Promise(resolve => reader.socket.once("pong", resolve));
  reader.socket.ping();
  await answered;
}
