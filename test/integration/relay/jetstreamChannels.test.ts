import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import { JetStreamChannels } from "../../../src/relay/jetstreamChannels.ts";
import { JetStreamCluster } from "../../../src/relay/jetstreamCluster.ts";
import { startNatsServers } from "../../support/natsServers.ts";

describe("the records of channels in NATS", () => {
  it("are not remembered as they were before a change that came while they were read", async test => {
    const opened: JetStreamCluster[] = [];
    // Hooks run in the order in which they were registered: the connection ends before its server is killed.
    test.after(async () => Promise.all(opened.map(async cluster => cluster.close())));
    const [server] = await startNatsServers(test, 1);
    const sizes = { maxEventBytes: 1_000, maxMessagesPerChannel: 10, maxStorageBytes: 1_000_000 };
    const cluster = await JetStreamCluster.open({
      servers: [server?.url ?? ""],
      replicas: 1,
      clock: systemClock,
      ...sizes,
    });
    opened.push(cluster);

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
});
