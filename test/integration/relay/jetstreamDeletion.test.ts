import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour, second, systemClock } from "../../../src/base/clock.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamAppender } from "../../../src/relay/jetstreamAppender.ts";
import { JetStreamChannels } from "../../../src/relay/jetstreamChannels.ts";
import { JetStreamCluster } from "../../../src/relay/jetstreamCluster.ts";
import { JetStreamFloors } from "../../../src/relay/jetstreamFloors.ts";
import type { FakeClock } from "../../support/fakeClock.ts";
import { filesWith } from "../../support/filesWith.ts";
import {
  FakeSweeps,
  type OpenOptions,
  append,
  fillWith,
  makeChannels,
  makeNeighbours,
  openLog,
  openManager,
  passTimeAtNats,
  startServer,
  sweepUntil,
} from "../../support/jetstreamLogs.ts";

async function refuse(): Promise<never> {
  return Promise.reject(new Error("NATS has no leader now"));
}

describe("a channel that is deleted in NATS", { timeout: 60_000 }, () => {
  for (const after of [undefined, 2]) {
    const condition = after === undefined ? "" : ", on condition";
    it(`takes nothing at a node that has not heard of it, which says that there is none${condition}`, async test => {
      const { server, closing } = await startServer(test);
      const clock = new FakeSweeps();
      const [log, deaf] = [await openLog(closing, { server, clock }), await openLog(closing, { server, clock })];
      const [channel = ""] = await makeChannels(log, 1);
      for (const sequence of [1, 2]) assert.equal(await append(deaf, channel, clock.now()), sequence);
      const telling = test.mock.method(JetStreamChannels.prototype, "tell", () => undefined);
      assert.equal(await log.deleteChannel(channel, after), "deleted");
      telling.mock.restore();
      assert.notEqual(deaf.recallChannel(channel), undefined);
      const late = await deaf.append(channel, { receivedAt: clock.now(), scheme: 0, payload: new Uint8Array(1) });
      assert.deepEqual(late, { ok: false, error: { kind: "unknown-channel" } });
      assert.equal(await deaf.deleteChannel(channel, after), "unknown-channel");
      assert.equal(await deaf.findChannel(channel), undefined);
    });
  }

  it("leaves its end for as long as events are kept, and nothing after that", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock });
    const manager = await openManager(closing, server);
    const [channel = ""] = await makeNeighbours(log, 1);
    assert.equal(await append(log, channel, clock.now()), 1);
    assert.equal(await log.deleteChannel(channel), "deleted");
    const messages = async (): Promise<number> => (await manager.streams.info("drill_events_0")).state.messages;
    assert.equal(await messages(), 1);
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await messages()) === 0);
  });

  it("is not remembered by a node that was cut off from NATS when it is back", async test => {
    const { server, closing } = await startServer(test);
    const log = await openLog(closing, { server, clock: new FakeSweeps() });
    const [channel = ""] = await makeChannels(log, 1);
    await log.findChannel(channel);
    assert.notEqual(log.recallChannel(channel), undefined);
    await server.kill();
    await server.start();
    while (log.recallChannel(channel) !== undefined) await new Promise(resolve => setImmediate(resolve));
  });

  it("is told to those who watch it, also where the answer to the removal of its record is lost", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    const [log, other] = [await openLog(closing, { server, clock }), await openLog(closing, { server, clock })];
    const [channel = ""] = await makeChannels(log, 1);
    const told = Promise.withResolvers<undefined>();
    const watcher = {
      appended: () => undefined,
      accessChanged: () => undefined,
      deleted: () => told.resolve(undefined),
    };
    const watch = other.watch(channel, watcher);
    const cluster = await JetStreamCluster.open({
      ...{ servers: [server.url], replicas: 1, prefix: "drill", maxEventBytes: 1_000, clock: systemClock },
      ...{ maxMessagesPerChannel: 100, maxStorageBytes: 100_000_000 },
    });
    closing.push(async () => cluster.close());
    const purge = cluster.channels.purge.bind(cluster.channels);
    test.mock.method(cluster.channels, "purge", async (key: string) => {
      await purge(key);
      throw new Error("the answer is lost");
    });
    const channels = new JetStreamChannels(cluster, systemClock, () => undefined);
    await assert.rejects(channels.delete(channel), /answer is lost/);
    await told.promise;
    watch.dispose();
    channels.dispose();
  });

  it("is told to those who watch it at a node that has not heard of it, once that looks", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    const [log, deaf] = [await openLog(closing, { server, clock }), await openLog(closing, { server, clock })];
    const [channel = ""] = await makeChannels(log, 1);
    await deaf.findChannel(channel);
    const told = Promise.withResolvers<undefined>();
    const watcher = {
      appended: () => undefined,
      accessChanged: () => undefined,
      deleted: () => told.resolve(undefined),
    };
    const watch = deaf.watch(channel, watcher);
    const telling = test.mock.method(JetStreamChannels.prototype, "tell", () => undefined);
    assert.equal(await log.deleteChannel(channel), "deleted");
    telling.mock.restore();
    // For longer than records are believed.
    clock.jump(20 * second);
    await told.promise;
    watch.dispose();
  });
});

describe("a channel whose removal was left half done in NATS", { timeout: 60_000 }, () => {
  const ways: Readonly<Record<string, (log: EventLog, channel: string, clock: FakeClock) => Promise<unknown>>> = {
    "sent to": async (log, channel, clock) => append(log, channel, clock.now()),
    "looked at": async (log, channel) => log.bounds(channel),
    "resumed from ahead": async (log, channel) => log.skipTo(channel, 10),
    "deleted again": async (log, channel) => log.deleteChannel(channel, 1),
    swept: async (_log, _channel, clock) => {
      clock.jump(2 * hour);
      return Promise.resolve();
    },
  };
  /** What a removal does first, in between, and last. */
  const steps: readonly ((test: TestContext) => { readonly mock: { restore(): void } })[] = [
    test => test.mock.method(JetStreamCluster.prototype, "next", refuse),
    test => test.mock.method(JetStreamFloors.prototype, "delete", refuse),
    test => test.mock.method(JetStreamChannels.prototype, "delete", refuse),
  ];
  for (const [way, meet] of Object.entries(ways)) {
    it(`is removed with all its events as soon as it is ${way}, by whichever node and wherever it was left`, async test => {
      const { server, closing } = await startServer(test);
      const clock = new FakeSweeps();
      passTimeAtNats(test, clock);
      const [log, other] = [await openLog(closing, { server, clock }), await openLog(closing, { server, clock })];
      const channels = await makeChannels(log, steps.length);
      for (const [index, fail] of steps.entries()) {
        const channel = channels[index] ?? "";
        const payload = Buffer.from("ERASE-ME");
        assert.ok((await log.append(channel, { receivedAt: clock.now(), scheme: 0, payload })).ok);
        const failing = fail(test);
        await assert.rejects(log.deleteChannel(channel, 1));
        failing.mock.restore();
        assert.notEqual(await other.findChannel(channel), undefined);
      }
      for (const channel of channels) await meet(other, channel, clock);
      for (const channel of channels) {
        await sweepUntil(clock, async () => (await other.findChannel(channel)) === undefined);
        assert.equal(await append(log, channel, clock.now()), undefined);
      }
      assert.deepEqual(filesWith(server.dataDir, "ERASE-ME"), []);
    });
  }
});

/** Sends again and again, as senders do that are told 503. */
class StubbornSender {
  /** Resolves once it was. */
  readonly refused: Promise<undefined>;
  readonly #sending: Promise<void>;
  #isOver = false;

  constructor(log: EventLog, channel: string) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.refused = promise;
    this.#sending = this.#send(log, channel, () => resolve(undefined));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }

  async #send(log: EventLog, channel: string, onRefused: () => void): Promise<void> {
    while (!this.#isOver) if ((await append(log, channel, Date.now(), 1)) === undefined) onRefused();
  }
}

describe("a JetStream that is full", { timeout: 60_000 }, () => {
  it("is freed by removing a channel all of whose events were read, though it has no room for the channel's end", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    const log = await openLog(closing, { server, clock, maxStorageBytes: 60_000 });
    const [channel = "", other = ""] = await makeNeighbours(log, 2);
    const newest = await fillWith(log, channel, clock.now());
    assert.equal(await append(log, other, clock.now(), 1), undefined);
    assert.equal(await log.deleteChannel(channel, newest - 1), "newer-events");
    assert.equal(await log.deleteChannel(channel, newest), "deleted");
    assert.equal(await append(log, other, clock.now(), 3_000), 1);
  });

  it("loses no event that comes in at another node, as there is room again, while a channel is removed", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    const log = await openLog(closing, { server, clock, maxStorageBytes: 60_000 });
    const other = await openLog(closing, { server, clock, maxStorageBytes: 60_000 });
    const [channel = "", neighbour = ""] = await makeNeighbours(log, 2);
    assert.equal(await append(log, neighbour, clock.now(), 3_000), 1);
    const newest = await fillWith(log, channel, clock.now());
    let late: number | undefined;
    const removing = test.mock.method(
      JetStreamChannels.prototype,
      "delete",
      async function (this: JetStreamChannels, of: string) {
        // Now that the channel has ended, and before its record is gone.
        removing.mock.restore();
        assert.equal(await other.deleteChannel(neighbour), "deleted");
        late = await append(other, channel, clock.now(), 100);
        return this.delete(of);
      },
    );
    assert.equal(await log.deleteChannel(channel, newest), "deleted");
    assert.equal(late, undefined, "it was answered that it is kept");
    assert.equal(await append(other, channel, clock.now()), undefined);
  });

  for (const replicas of [1, 3] as const) {
    it(`has room for channels' ends however many senders of others wait for room: replicas ${replicas}`, async test => {
      const { server, closing } = await startServer(test, replicas);
      const clock = new FakeSweeps();
      const options: OpenOptions = { server, clock, replicas, maxStorageBytes: 60_000 };
      const [log, other] = [await openLog(closing, options), await openLog(closing, options)];
      const [neighbour = "", ...channels] = await makeNeighbours(log, 6);
      for (const channel of channels) assert.equal(await append(log, channel, clock.now()), 1);
      await fillWith(log, neighbour, clock.now());
      const senders = Array.from({ length: 8 }, () => new StubbornSender(other, neighbour));
      closing.push(async () => {
        await Promise.all(senders.map(async sender => sender.end()));
      });
      await Promise.all(senders.map(async sender => sender.refused));
      for (const channel of channels) assert.equal(await log.deleteChannel(channel, 1), "deleted");
      await Promise.all(senders.map(async sender => sender.end()));
      assert.equal((await log.bounds(neighbour))?.oldest, 1);
    });
  }

  it("keeps everything of a channel for the end of which it gives no room", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    const log = await openLog(closing, { server, clock, maxStorageBytes: 60_000 });
    const [channel = "", neighbour = ""] = await makeNeighbours(log, 2);
    for (let count = 0; count < 3; count++) await append(log, channel, clock.now());
    await fillWith(log, neighbour, clock.now());
    const refusing = test.mock.method(JetStreamCluster.prototype, "makeRoom", async () => Promise.resolve());
    await assert.rejects(log.deleteChannel(channel, 3), /could not be ended/);
    refusing.mock.restore();
    assert.deepEqual(await log.bounds(channel), { oldest: 1, newest: 3 });
    assert.equal((await log.read(channel, 0, { events: 9, bytes: 9_999 })).length, 3);
    assert.equal(await log.deleteChannel(neighbour), "deleted");
    assert.equal(await append(log, channel, clock.now()), 4);
  });

  it("is not freed by removing a channel that something has come in to while its end was refused", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    const log = await openLog(closing, { server, clock, maxStorageBytes: 60_000 });
    const other = await openLog(closing, { server, clock, maxStorageBytes: 60_000 });
    const [channel = "", neighbour = ""] = await makeNeighbours(log, 2);
    assert.equal(await append(log, neighbour, clock.now(), 3_000), 1);
    const newest = await fillWith(log, channel, clock.now());
    const ending = test.mock.method(
      JetStreamAppender.prototype,
      "end",
      async function (this: JetStreamAppender, of: string, after: number) {
        ending.mock.restore();
        const outcome = await this.end(of, after);
        assert.ok(!outcome.ok);
        assert.equal(await other.deleteChannel(neighbour), "deleted");
        assert.equal(await append(other, channel, clock.now(), 100), newest + 1);
        return outcome;
      },
    );
    assert.equal(await log.deleteChannel(channel, newest), "newer-events");
    assert.deepEqual(
      (await log.read(channel, newest, { events: 9, bytes: 9_999 })).map(({ sequence }) => sequence),
      [newest + 1],
    );
    assert.deepEqual(
      (await log.read(channel, 0, { events: 1, bytes: 1 })).map(({ sequence }) => sequence),
      [1],
      "others may not have read it",
    );
    assert.equal(await append(log, channel, clock.now(), 10), newest + 2);
  });
});
