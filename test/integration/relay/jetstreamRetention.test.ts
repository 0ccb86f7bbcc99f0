import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { JetStreamManager } from "@nats-io/jetstream";
import { hour, minute, systemClock } from "../../../src/base/clock.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamAppender } from "../../../src/relay/jetstreamAppender.ts";
import { encodeEvents, encodeHead, nextAfter } from "../../../src/relay/jetstreamBatch.ts";
import { JetStreamCluster } from "../../../src/relay/jetstreamCluster.ts";
import { JetStreamFloors } from "../../../src/relay/jetstreamFloors.ts";
import { JetStreamNames } from "../../../src/relay/jetstreamNames.ts";
import { storedUnit } from "../../../src/relay/jetstreamPadding.ts";
import { type RelayLogger, silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import {
  FakeSweeps,
  type OpenOptions,
  append,
  makeChannels,
  makeNeighbours,
  openLog,
  openManager,
  passTimeAtNats,
  shards,
  startServer,
  sweepUntil,
} from "../../support/jetstreamLogs.ts";

/** A message of one event as a relay writes it, without waiting for the one before. */
async function publishBatch(
  manager: JetStreamManager,
  names: JetStreamNames,
  channel: string,
  at: number,
): Promise<void> {
  const head = { first: 1, count: 1, previous: 0, bytes: 1, skipped: 0, id: "x", receivedAt: at, isEnd: false };
  const data = encodeEvents([{ receivedAt: at, scheme: 0, payload: new Uint8Array(1) }]);
  await manager.jetstream().publish(names.events(channel), data, { headers: encodeHead(head), timeout: minute });
}

async function messagesIn(manager: JetStreamManager, shard: number, prefix = "drill"): Promise<number> {
  return (await manager.streams.info(`${prefix}_events_${shard}`)).state.messages;
}

async function allMessages(manager: JetStreamManager): Promise<number> {
  return (await messagesIn(manager, 0)) + (await messagesIn(manager, 1));
}

/** Resolves once so many messages are left, or less. */
async function untilAtMost(manager: JetStreamManager, messages: number): Promise<void> {
  for (let looks = 0; looks < 5_000; looks++) if ((await allMessages(manager)) <= messages) return;
  throw new Error("More messages remain");
}

/** What a full stream has taken and refused, and where each channel goes on. */
async function fill(log: EventLog, channels: readonly string[], at: number, sizes: readonly number[]): Promise<Filled> {
  const next = new Map(channels.map(channel => [channel, 1]));
  let refused = 0;
  for (const size of sizes) {
    for (const channel of channels) {
      const sequence = await append(log, channel, at, size);
      if (sequence === undefined) refused++;
      else next.set(channel, sequence + 1);
    }
  }
  return { next, refused };
}

interface Filled {
  readonly next: ReadonlyMap<string, number>;
  readonly refused: number;
}

describe("a JetStream that is full", { timeout: 240_000 }, () => {
  it("is empty again once everything is too old, and every channel goes on with its numbers", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock, maxStorageBytes: 800_000 });
    const manager = await openManager(closing, server);
    const channels = await makeChannels(log, 120);
    const { next, refused } = await fill(log, channels, clock.now(), [6_000, 1_500, 600, 100]);
    assert.ok(refused > 100, `${refused} were refused`);
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await allMessages(manager)) === 0);
    for (const channel of channels) {
      const expected = next.get(channel) ?? 0;
      assert.deepEqual(await log.bounds(channel), { oldest: expected, newest: expected - 1 });
      assert.equal(await append(log, channel, clock.now(), 600), expected);
    }
  });

  it("takes events on three servers as soon as there is room, also of a channel that was refused just before", async test => {
    const { server, closing } = await startServer(test, 3);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock, replicas: 3, maxStorageBytes: 100_000 });
    const manager = await openManager(closing, server);
    const channels = await makeChannels(log, 10);
    const { next, refused } = await fill(log, channels, clock.now(), [6_000, 5_500, 5_000, 4_500, 4_000, 3_500]);
    assert.ok(refused > 0, "none was refused");
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await allMessages(manager)) === 0);
    const began = performance.now();
    for (const channel of channels) assert.equal(await append(log, channel, clock.now(), 600), next.get(channel));
    test.diagnostic(`10 events in ${Math.round(performance.now() - began)} ms`);
  });

  it("goes through every sequence of filling up, expiring, deleting and opening anew without a number used twice", async test => {
    const { server, closing } = await startServer(test);
    const manager = await openManager(closing, server);
    let filled = 0;
    for (const steps of sequencesOf(["large", "small", "expire", "reopen"], 3)) {
      const prefix = `t${randomBytes(4).toString("hex")}`;
      const clock = new FakeSweeps();
      passTimeAtNats(test, clock);
      const options: OpenOptions = { server, clock, prefix, maxStorageBytes: 60_000 };
      let log = await openLog(closing, options);
      const channels = await makeChannels(log, 6);
      const last = new Map<string, number>();
      const add = async (channel: string, bytes: number): Promise<boolean> => {
        const sequence = await append(log, channel, clock.now(), bytes);
        if (sequence === undefined) return false;
        assert.equal(sequence, (last.get(channel) ?? 0) + 1, steps.join());
        last.set(channel, sequence);
        return true;
      };
      const expire = async (): Promise<void> => {
        clock.jump(2 * hour);
        const isEmpty = async (): Promise<boolean> =>
          (await messagesIn(manager, 0, prefix)) + (await messagesIn(manager, 1, prefix)) === 0;
        await sweepUntil(clock, isEmpty);
      };
      for (const step of ["small", ...steps, "large", "expire"]) {
        if (step === "expire") await expire();
        else if (step === "reopen") {
          await log.close();
          log = await openLog(closing, options);
        } else {
          for (let count = 0; count < 10; count++) {
            const added = await Promise.all(channels.map(async channel => add(channel, bytesOf(step))));
            filled += added.filter(isAdded => !isAdded).length;
          }
        }
      }
      for (const channel of channels) assert.ok(await add(channel, 300), `${steps.join()}: still refused`);
      await log.close();
      for (let shard = 0; shard < shards; shard++) await manager.streams.delete(`${prefix}_events_${shard}`);
    }
    assert.ok(filled > 1_000, `only ${filled} events were refused`);
  });

  it("keeps the last message of a channel whose number cannot be kept, frees the rest, and goes on when it can", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock, maxStorageBytes: 300_000 });
    const manager = await openManager(closing, server);
    const channels = await makeChannels(log, 40);
    const { next, refused } = await fill(log, channels, clock.now(), [6_000, 1_500, 1_500]);
    assert.ok(refused > 10, `${refused} were refused`);
    const before = await allMessages(manager);
    const bucket = (await manager.streams.info("KV_drill_channels")).config;
    const taken = (await manager.streams.info("KV_drill_channels")).state.bytes;
    await manager.streams.update(bucket.name, { max_bytes: taken });
    clock.jump(2 * hour);
    const kept = channels.filter(channel => (next.get(channel) ?? 1) > 1).length;
    await sweepUntil(clock, async () => (await allMessages(manager)) === kept);
    assert.ok(kept < before);
    await manager.streams.update(bucket.name, { max_bytes: -1 });
    await sweepUntil(clock, async () => (await allMessages(manager)) === 0);
    for (const channel of channels) assert.equal(await append(log, channel, clock.now()), next.get(channel));
  });

  for (const replicas of [1, 3] as const) {
    it(`refuses whatever does not fit, and makes no room for it by what it has accepted: replicas ${replicas}`, async test => {
      const { server, closing } = await startServer(test, replicas);
      const clock = new FakeSweeps();
      passTimeAtNats(test, clock);
      const log = await openLog(closing, { server, clock, replicas, maxStorageBytes: 60_000 });
      const manager = await openManager(closing, server);
      const channels = await makeChannels(log, 40);
      const sizes = Array.from({ length: 20 }, (_, index) => 1 + ((index * 67) % 200));
      const { next, refused } = await fill(log, channels, clock.now(), sizes);
      assert.ok(refused > 300, `${refused} were refused`);
      for (const channel of channels) {
        assert.deepEqual(await log.bounds(channel), { oldest: 1, newest: (next.get(channel) ?? 0) - 1 });
      }
      for (const shard of [0, 1]) {
        const { config, state } = await manager.streams.info(`drill_events_${shard}`);
        assert.deepEqual([state.bytes % storedUnit, config.max_bytes % storedUnit], [0, 0]);
      }
    });
  }

  it("keeps what it has accepted when it is given less room, which holds from the start after that is gone", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const manager = await openManager(closing, server);
    const before = await openLog(closing, { server, clock, maxStorageBytes: 200_000 });
    const channels = await makeChannels(before, 20);
    const { next } = await fill(before, channels, clock.now(), [3_000, 3_000]);
    await before.close();
    const less = 64_000;
    const log = await openLog(closing, { server, clock, maxStorageBytes: less });
    for (const channel of channels) {
      assert.deepEqual(await log.bounds(channel), { oldest: 1, newest: (next.get(channel) ?? 0) - 1 });
    }
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await allMessages(manager)) === 0);
    await openLog(closing, { server, clock, maxStorageBytes: less });
    const { config } = await manager.streams.info("drill_events_0");
    assert.equal(config.max_bytes, less / shards);
  });

  it("keeps what it has accepted where an operator took the limit of its streams away", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const manager = await openManager(closing, server);
    const before = await openLog(closing, { server, clock, maxStorageBytes: 200_000 });
    const channels = await makeChannels(before, 20);
    const { next } = await fill(before, channels, clock.now(), [3_000, 3_000]);
    await before.close();
    for (let shard = 0; shard < shards; shard++) {
      const { config } = await manager.streams.info(`drill_events_${shard}`);
      await manager.streams.update(`drill_events_${shard}`, { ...config, max_bytes: -1 });
    }
    const log = await openLog(closing, { server, clock, maxStorageBytes: 64_000 });
    for (const channel of channels) {
      assert.deepEqual(await log.bounds(channel), { oldest: 1, newest: (next.get(channel) ?? 0) - 1 });
    }
  });

  it("keeps the only message of a channel whose number cannot be kept, also the first that the stream ever had", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock });
    const manager = await openManager(closing, server);
    const [first = "", second = ""] = await makeNeighbours(log, 2);
    for (const channel of [first, second, second]) await append(log, channel, clock.now());
    const bucket = await manager.streams.info("KV_drill_channels");
    await manager.streams.update(bucket.config.name, { max_bytes: bucket.state.bytes });
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await allMessages(manager)) === 2);
    assert.deepEqual(await log.bounds(first), { oldest: 1, newest: 1 });
    assert.deepEqual(await log.bounds(second), { oldest: 2, newest: 2 });
    assert.equal(await append(log, first, clock.now()), 2);
  });
});

describe("retention in JetStream", { timeout: 240_000 }, () => {
  it("goes on in the other shards when one cannot be swept, and says which", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const errors: string[] = [];
    const logger: RelayLogger = {
      ...silentRelayLogger,
      error: (message, fields) => errors.push(`${message} ${JSON.stringify(fields)}`),
    };
    const log = await openLog(closing, { server, clock, logger });
    const manager = await openManager(closing, server);
    for (const channel of await makeChannels(log, 20)) await append(log, channel, clock.now());
    assert.ok((await messagesIn(manager, 1)) > 0);
    await manager.streams.delete("drill_events_0");
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await messagesIn(manager, 1)) === 0);
    assert.match(errors.join("\n"), /retention failed .*drill_events_0/);
  });

  it("is not held up by a message that no relay has written", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock });
    const manager = await openManager(closing, server);
    for (const shard of [0, 1]) await manager.jetstream().publish(`drill.${shard}.event.stranger`, "not a batch");
    const channels = await makeChannels(log, 10);
    for (const channel of channels) await append(log, channel, clock.now());
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await allMessages(manager)) === 0);
  });

  it("removes in one sweep whatever has grown too old, however much that is", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock });
    const manager = await openManager(closing, server);
    const channels = await makeChannels(log, 50);
    const names = new JetStreamNames("drill", shards);
    await Promise.all(
      Array.from({ length: 25_000 }, async (_, index) =>
        publishBatch(manager, names, channels[index % 50] ?? "", clock.now()),
      ),
    );
    const before = [await messagesIn(manager, 0), await messagesIn(manager, 1)];
    assert.ok(Math.min(...before) > 0 && Math.max(...before) > 10_000, before.join());
    clock.jump(2 * hour);
    const began = performance.now();
    clock.advance(minute);
    for (let tries = 0; tries < 20_000 && (await allMessages(manager)) > 0;) tries++;
    assert.deepEqual([await messagesIn(manager, 0), await messagesIn(manager, 1)], [0, 0]);
    test.diagnostic(`25,000 messages removed in ${Math.round(performance.now() - began)} ms`);
  });

  it("takes nothing of a channel whose only message has more events than are to be kept", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock, retention: { maxEvents: 8 } });
    const manager = await openManager(closing, server);
    const [channel = ""] = await makeChannels(log, 1);
    // With the channel's record in memory nothing comes between the events, and they share a message.
    await log.findChannel(channel);
    await Promise.all(Array.from({ length: 20 }, async () => append(log, channel, clock.now())));
    for (let looks = 0; looks < 200; looks++) assert.equal(await allMessages(manager), 1);
    assert.deepEqual(await log.bounds(channel), { oldest: 1, newest: 20 });
    assert.equal(await append(log, channel, clock.now()), 21);
  });

  it("takes no message for another that was removed from between before", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock, retention: { maxEvents: 8 } });
    const manager = await openManager(closing, server);
    const [steady = "", trimmed = "", newest = ""] = await makeNeighbours(log, 3);
    for (const channel of [steady, steady, trimmed, steady, trimmed]) await append(log, channel, clock.now());
    clock.jump(hour / 2);
    for (let count = 0; count < 8; count++) await append(log, trimmed, clock.now());
    await untilAtMost(manager, 11);
    clock.jump(hour / 2);
    await append(log, newest, clock.now());
    await sweepUntil(clock, async () => (await allMessages(manager)) === 9);
    assert.deepEqual(await log.bounds(trimmed), { oldest: 3, newest: 10 });
    clock.jump(hour / 2);
    await sweepUntil(clock, async () => (await allMessages(manager)) <= 1);
    assert.deepEqual(await log.bounds(newest), { oldest: 1, newest: 1 });
  });

  it("is not held up by a server that names a first message which is gone", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    // Of a stream this small the server makes files of 32 KB. Several emptied at once make it forget to look for the first.
    const log = await openLog(closing, { server, clock, maxStorageBytes: 250_000, retention: { maxBytes: 56_000 } });
    const manager = await openManager(closing, server);
    const [channel = ""] = await makeNeighbours(log, 1);
    for (let count = 0; count < 18; count++) await append(log, channel, clock.now(), 3_000);
    assert.equal(await append(log, channel, clock.now(), 56_000), 19);
    await untilAtMost(manager, 1);
    clock.jump(2 * hour);
    await sweepUntil(clock, async () => (await allMessages(manager)) === 0);
    assert.equal(await append(log, channel, clock.now()), 20);
  });

  it("keeps what comes after the message that a server which is behind names as the newest", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock });
    const manager = await openManager(closing, server);
    const [channel = ""] = await makeChannels(log, 1);
    for (let count = 0; count < 3; count++) await append(log, channel, clock.now());
    const behind = test.mock.method(JetStreamCluster.prototype, "last", async function (this: JetStreamCluster) {
      return this.next(channel, 1);
    });
    clock.jump(2 * hour);
    clock.advance(minute);
    await untilAtMost(manager, 2);
    behind.mock.restore();
    assert.deepEqual(await log.bounds(channel), { oldest: 2, newest: 3 });
    assert.equal(await append(log, channel, clock.now()), 4);
  });

  it("leaves the server no wrong count of a channel's messages, by which it would take new ones", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const log = await openLog(closing, { server, clock, retention: { maxEvents: 16 } });
    const manager = await openManager(closing, server);
    const [large = "", small = ""] = await makeNeighbours(log, 2);
    for (let kept = 0; kept < 80; kept += 16) {
      // More than the server keeps in one file: it is the removal of whole files that could be miscounted.
      for (let count = 0; count < 16; count++) await append(log, large, clock.now(), 900_000);
      assert.deepEqual(await log.bounds(large), { oldest: kept + 1, newest: kept + 16 });
      clock.jump(hour / 2);
      await append(log, small, clock.now());
      clock.jump(hour / 2);
      await sweepUntil(clock, async () => (await allMessages(manager)) === 1);
    }
  });

  it("may take the last message of a channel that another node is just adding to: the numbers go on", async test => {
    const { server, closing } = await startServer(test);
    const [sweeping, clock] = [new FakeSweeps(), new FakeSweeps()];
    passTimeAtNats(test, sweeping);
    await openLog(closing, { server, clock: sweeping });
    const log = await openLog(closing, { server, clock });
    const [channel = ""] = await makeChannels(log, 1);
    const longAgo = clock.now() - 2 * hour;
    const began = performance.now();
    const sequences: (number | undefined)[] = [];
    // Several at a time, so that the node never has to ask anew what the newest message is.
    const send = async (): Promise<void> => {
      for (let count = 0; count < 150; count++) sequences.push(await append(log, channel, longAgo));
    };
    const sending = Promise.all([1, 2, 3, 4].map(send));
    while (sequences.length < 600) {
      sweeping.advance(minute);
      await new Promise(resolve => setImmediate(resolve));
    }
    await sending;
    assert.deepEqual(
      sequences.toSorted((one, other) => (one ?? 0) - (other ?? 0)),
      Array.from({ length: 600 }, (_, index) => index + 1),
    );
    test.diagnostic(`600 events in ${Math.round(performance.now() - began)} ms while they were swept away`);
  });

  it("may take the newest message between two batches of a node: the second goes on with the number that was kept", async test => {
    const { server, closing } = await startServer(test);
    const clock = new FakeSweeps();
    passTimeAtNats(test, clock);
    const cluster = await JetStreamCluster.open({
      ...{ servers: [server.url], replicas: 1, shards: 1, maxEventBytes: 1_000_000, clock },
      ...{ maxMessagesPerChannel: 100, maxStorageBytes: 1_000_000 },
    });
    closing.push(async () => cluster.close());
    const floors = new JetStreamFloors(cluster);
    const appender = new JetStreamAppender(cluster, {
      ...{ clock: systemClock, maxBatchBytes: 10, onAppended: () => undefined, onDoubt: () => undefined },
      floorOf: async channel => floors.get(channel),
    });
    const channel = newChannelId();
    const publish = cluster.client.publish.bind(cluster.client);
    test.mock.method(cluster.client, "publish", async (...given: Parameters<typeof publish>) => {
      const last = await cluster.last(channel);
      if (last?.first === 2) {
        await floors.raise(channel, { next: nextAfter(last), bytes: last.bytes, skipped: last.skipped });
        await cluster.manager.streams.purge(cluster.names.streamOf(channel));
      }
      return publish(...given);
    });
    const event = { receivedAt: clock.now(), scheme: 0, payload: new Uint8Array(20) };
    const outcomes = await Promise.all([1, 2, 3, 4].map(async () => appender.append(channel, event)));
    assert.deepEqual(
      outcomes.map(outcome => outcome.ok && outcome.value),
      [1, 2, 3, 4],
    );
    assert.equal((await cluster.last(channel))?.first, 4);
  });
});

function bytesOf(step: string): number {
  return step === "large" ? 4_000 : 300;
}

/** All sequences of so many steps. */
function sequencesOf(steps: readonly string[], length: number): string[][] {
  if (length === 0) return [[]];
  return sequencesOf(steps, length - 1).flatMap(before => steps.map(step => [...before, step]));
}
