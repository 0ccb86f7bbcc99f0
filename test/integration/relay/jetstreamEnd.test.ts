import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import { JetStreamAppender } from "../../../src/relay/jetstreamAppender.ts";
import { JetStreamCluster } from "../../../src/relay/jetstreamCluster.ts";
import { type NatsServer, startNatsServers } from "../../support/natsServers.ts";

const event = { receivedAt: 1, scheme: 0, payload: Buffer.from("x") };
const unknown = { ok: false, error: { kind: "unknown-channel" } };

/** What appends at one node of the relay, which has heard nothing of what other nodes do. */
async function openNode(server: NatsServer | undefined, opened: JetStreamCluster[]): Promise<JetStreamAppender> {
  const cluster = await JetStreamCluster.open({
    ...{ servers: [server?.url ?? ""], replicas: 1, clock: systemClock },
    ...{ maxEventBytes: 1_000, maxMessagesPerChannel: 100, maxStorageBytes: 1_000_000 },
  });
  opened.push(cluster);
  return new JetStreamAppender(cluster, {
    clock: systemClock,
    maxBatchBytes: 10_000,
    floorOf: async () => Promise.resolve({ next: 1, bytes: 0, skipped: 0 }),
    onAppended: () => undefined,
    onDoubt: () => undefined,
  });
}

async function openNodes(test: TestContext): Promise<readonly [JetStreamAppender, JetStreamAppender]> {
  const opened: JetStreamCluster[] = [];
  // Hooks run in the order in which they were registered: the connections end before their server is killed.
  test.after(async () => Promise.all(opened.map(async cluster => cluster.close())));
  const [server] = await startNatsServers(test, 1);
  return [await openNode(server, opened), await openNode(server, opened)];
}

describe("the end of a channel in NATS", () => {
  it("is one for nodes that have not heard of it, and only where nothing has come in that was not named", async test => {
    const [one, other] = await openNodes(test);
    const channel = newChannelId();
    assert.deepEqual(await one.append(channel, event), { ok: true, value: 1 });
    assert.deepEqual(await other.append(channel, event), { ok: true, value: 2 });
    // By what this node has stored itself there is one event.
    assert.deepEqual(await one.end(channel, 1), { ok: true, value: 2 });
    assert.deepEqual(await one.append(channel, event), { ok: true, value: 3 });
    assert.deepEqual(await one.end(channel, 3), { ok: true, value: 3 });
    for (const node of [other, one]) {
      assert.deepEqual(await node.append(channel, event), unknown);
      assert.deepEqual(await node.end(channel, 3), unknown);
    }
  });

  it("comes before or after each event, whichever node takes that", async test => {
    const [one, other] = await openNodes(test);
    for (let round = 0; round < 10; round++) {
      const channel = newChannelId();
      assert.deepEqual(await other.append(channel, event), { ok: true, value: 1 });
      const [ended, appended] = await Promise.all([one.end(channel, 1), other.append(channel, event)]);
      assert.ok(ended.ok);
      assert.equal(appended.ok, ended.value > 1, "what was accepted is not lost");
    }
  });
});
