import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { day, systemClock } from "../../../src/base/clock.ts";
import { plainPayload } from "../../../src/protocol/relayFrames.ts";
import { generateSealingKeyPair, keyIdOf } from "../../../src/protocol/sealing.ts";
import { DataDirectoryInUseError, type LoggedEvent } from "../../../src/relay/eventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { openText } from "../../support/sealing.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

async function open(test: TestContext, directory: string): Promise<SqliteEventLog> {
  const retention = { maxAge: day, maxEvents: 1_000, maxBytes: 1_000_000, maxStorageBytes: 100_000_000 };
  const log = await SqliteEventLog.open({ directory, retention, clock: systemClock, logger: silentRelayLogger });
  test.after(async () => log.close());
  return log;
}

const record = { channel: "a-channel", readKeyHash: Uint8Array.of(1, 2, 3), createdAt: 5 };
const event = (text: string): { receivedAt: number; scheme: number; payload: Uint8Array } => {
  return { receivedAt: 7, scheme: 0, payload: Buffer.from(text) };
};
const limit = { events: 100, bytes: 10_000 };

describe("the log in SQLite, on its own thread", () => {
  it("keeps what was appended at once in the order of the calls, and reads it back as it was", async test => {
    const log = await open(test, temporaryFolder(test));
    await log.createChannel(record);
    const texts = ["", "b", "c".repeat(5_000), "d"];
    const outcomes = await Promise.all(texts.map(async text => log.append(record.channel, event(text))));
    assert.deepEqual(
      outcomes.map(outcome => outcome.ok && outcome.value),
      [1, 2, 3, 4],
    );
    const kept = await log.read(record.channel, 0, limit);
    assert.deepEqual(
      kept.map(({ sequence, receivedAt, payload }) => [sequence, receivedAt, Buffer.from(payload).toString()]),
      texts.map((text, index) => [index + 1, 7, text]),
    );
  });

  it("tells each append of its own channel's fate when known and unknown channels share a commit", async test => {
    const log = await open(test, temporaryFolder(test));
    await log.createChannel(record);
    const outcomes = await Promise.all(
      ["nobody", record.channel, "nobody"].map(async channel => log.append(channel, event("x"))),
    );
    assert.deepEqual(
      outcomes.map(outcome => (outcome.ok ? outcome.value : outcome.error.kind)),
      ["unknown-channel", 1, "unknown-channel"],
    );
  });

  it("announces events in order before their appends are known to be done", async test => {
    const log = await open(test, temporaryFolder(test));
    await log.createChannel(record);
    const heard: number[] = [];
    log.watch(record.channel, {
      appended: events => heard.push(...events.map(({ sequence }) => sequence)),
      accessChanged: () => undefined,
      deleted: () => heard.push(-1),
    });
    for (const text of ["a", "b"]) await log.append(record.channel, event(text));
    assert.deepEqual(heard, [1, 2]);
    assert.equal(await log.deleteChannel(record.channel), "deleted");
    assert.deepEqual(heard, [1, 2, -1]);
    assert.equal(await log.findChannel(record.channel), undefined);
  });

  it("settles what was asked for when it closes, and refuses what comes later", async test => {
    const directory = temporaryFolder(test);
    const log = await open(test, directory);
    await log.createChannel(record);
    const appended = log.append(record.channel, event("last"));
    await log.close();
    assert.deepEqual(await appended, { ok: true, value: 1 });
    const late = await log.append(record.channel, event("too late"));
    assert.equal(!late.ok && late.error.kind, "storage");
    assert.equal(await log.isReady(), false);
    const again = await open(test, directory);
    assert.deepEqual(await again.bounds(record.channel), { oldest: 1, newest: 1 });
  });

  it("seals to the key that its channel has when it writes, also what was under way as that changed", async test => {
    const log = await open(test, temporaryFolder(test));
    const keys = await Promise.all([1, 2, 3].map(generateSealingKeyPair));
    await log.createChannel(record);
    const underWay: Promise<unknown>[] = [];
    const append = (): void => void underWay.push(log.append(record.channel, event("under way")));
    for (const { publicKey } of keys) {
      for (let count = 0; count < 20; count++) append();
      underWay.push(log.setPublicKey(record.channel, publicKey));
      for (let count = 0; count < 20; count++) append();
      // One transaction goes by; what follows meets the next one at work.
      await log.bounds(record.channel);
    }
    await Promise.all(underWay);
    const [, , newest] = keys;
    assert.equal((await log.findChannel(record.channel))?.publicKey, newest?.publicKey);
    await log.append(record.channel, event("last"));
    const kept = await log.read(record.channel, 0, { events: 1_000, bytes: 1_000_000 });
    const names = kept.map(({ scheme, payload }) =>
      scheme === plainPayload ? "" : Buffer.from(payload.subarray(0, 8)).toString("hex"),
    );
    const order = ["", ...(await Promise.all(keys.map(async ({ publicKey }) => keyIdOf(publicKey))))];
    const places = names.map(name => order.findIndex(key => Buffer.from(key).toString("hex") === name));
    assert.equal(kept.length, 121);
    assert.deepEqual(places, places.toSorted(), "no event in the clear or to an older key after one to a newer");
    assert.equal(places.at(-1), 3);
  });

  it("tells whom each payload belongs to when sealed, plain and unknown ones share a commit", async test => {
    const log = await open(test, temporaryFolder(test));
    const keys = await generateSealingKeyPair();
    const sealed = { ...record, channel: "sealed", publicKey: keys.publicKey };
    for (const each of [record, sealed]) await log.createChannel(each);
    const heard = new Map<string, LoggedEvent[]>();
    for (const { channel } of [record, sealed]) {
      const events: LoggedEvent[] = [];
      heard.set(channel, events);
      log.watch(channel, {
        appended: more => void events.push(...more),
        accessChanged: () => undefined,
        deleted: () => undefined,
      });
    }
    const channels = Array.from({ length: 30 }, (_, index) => [record.channel, "sealed", "nobody"][index % 3] ?? "");
    await Promise.all(channels.map(async (channel, index) => log.append(channel, event(`${index}`.repeat(index)))));
    const texts = (first: number): string[] =>
      Array.from({ length: 10 }, (_, turn) => `${first + 3 * turn}`.repeat(first + 3 * turn));
    for (const read of [await log.read(record.channel, 0, limit), heard.get(record.channel) ?? []]) {
      assert.deepEqual(
        read.map(({ payload }) => Buffer.from(payload).toString()),
        texts(0),
      );
    }
    for (const read of [await log.read("sealed", 0, limit), heard.get("sealed") ?? []]) {
      assert.deepEqual(await Promise.all(read.map(async each => openText("sealed", keys, each))), texts(1));
    }
  });

  it("writes what came up meanwhile while it tells of what was written before", async test => {
    const directory = temporaryFolder(test);
    const log = await open(test, directory);
    await log.createChannel(record);
    const file = join(directory, "relay.db-wal");
    const before = statSync(file).size;
    const sizes: number[] = [];
    const appended = (): void => {
      if (sizes.length > 0) return;
      // Nothing of this thread's happens until the other one has written, or the deadline has passed.
      const until = performance.now() + 10_000;
      while (statSync(file).size < before + 50_000 && performance.now() < until);
      sizes.push(statSync(file).size);
    };
    log.watch(record.channel, { appended, accessChanged: () => undefined, deleted: () => undefined });
    const first = log.append(record.channel, event("first"));
    await new Promise(resolve => setImmediate(resolve));
    const second = log.append(record.channel, event("x".repeat(50_000)));
    assert.deepEqual(
      await Promise.all([first, second]),
      [1, 2].map(value => ({ ok: true, value })),
    );
    assert.ok((sizes[0] ?? 0) > before + 50_000, `${before}, ${sizes.join(", ")}`);
  });

  it("keeps its write-ahead log short while it takes events", async test => {
    const directory = temporaryFolder(test);
    const log = await open(test, directory);
    await log.createChannel(record);
    for (let round = 0; round < 40; round++) {
      await Promise.all(Array.from({ length: 10 }, async () => log.append(record.channel, event("x".repeat(20_000)))));
    }
    const { size } = statSync(join(directory, "relay.db-wal"));
    // A megabyte is due to be brought in; what comes in until nobody waits for an answer comes to that.
    assert.ok(size < 4 * 1024 * 1024, `${size} of 8,000,000 bytes written`);
  });

  it("is refused to a second opener of the same directory", async test => {
    const directory = temporaryFolder(test);
    await open(test, directory);
    await assert.rejects(open(test, directory), DataDirectoryInUseError);
  });
});
