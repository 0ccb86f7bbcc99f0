import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour, second, systemClock } from "../../../src/base/clock.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import { JetStreamChannels } from "../../../src/relay/jetstreamChannels.ts";
import { JetStreamCluster } from "../../../src/relay/jetstreamCluster.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { startNatsServers } from "../../support/natsServers.ts";

async function openCluster(test: TestContext): Promise<JetStreamCluster> {
  const opened: JetStreamCluster[] = [];
  // Hooks run in the order in which they were registered: the connection ends before its server is killed.
  test.after(async () => Promise.all(opened.map(async cluster => cluster.close())));
  const [server] = await startNatsServers(test, 1);
  const sizes = { maxEventBytes: 1_000, maxMessagesPerChannel: 10, maxStorageBytes: 1_000_000 };
  const options = { servers: [server?.url ?? ""], replicas: 1, clock: systemClock, ...sizes };
  const cluster = await JetStreamCluster.open(options);
  opened.push(cluster);
  return cluster;
}

describe("the records of channels in NATS", () => {
  it("are not remembered as they were before a change that came while they were read", async test => {
    const cluster = await openCluster(test);
    const [isRead, goOn, isTold] = [
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
    ];
    const slowBucket: JetStreamCluster["channels"] = Object.assign(
      Object.create(cluster.channels) as JetStreamCluster["channels"],
      {
        get: async (key: string) => {
          const entry = await cluster.channels.get(key);
          isRead.resolve(undefined);
          await goOn.promise;
          return entry;
        },
      },
    );
    const slow: JetStreamCluster = Object.assign(Object.create(cluster) as JetStreamCluster, { channels: slowBucket });
    const here = new JetStreamChannels(slow, systemClock, () => isTold.resolve(undefined));
    const there = new JetStreamChannels(cluster, systemClock, () => undefined);
    test.after(() => [here, there].forEach(channels => channels.dispose()));

    const channel = newChannelId();
    await there.create({ channel, readKeyHash: Uint8Array.of(1), createdAt: 1 });
    const before = here.find(channel);
    await isRead.promise;
    const answer = { status: 202, headers: [], body: "" };
    await there.update(channel, record => ({ ...record, answer }));
    await isTold.promise;
    goOn.resolve(undefined);
    assert.equal((await before)?.answer, undefined);
    assert.equal((await here.find(channel))?.answer?.status, 202);
  });

  it("are believed for ten seconds, also where the clock is set back meanwhile", async test => {
    const cluster = await openCluster(test);
    const clock = new FakeClock();
    const channels = new JetStreamChannels(cluster, clock, () => undefined);
    test.after(() => channels.dispose());
    const channel = newChannelId();
    await channels.create({ channel, readKeyHash: Uint8Array.of(1), createdAt: 1 });
    await channels.find(channel);
    clock.setBack(hour);
    clock.advance(9 * second);
    assert.notEqual(channels.recall(channel), undefined);
    clock.advance(second);
    assert.equal(channels.recall(channel), undefined);
  });
});
