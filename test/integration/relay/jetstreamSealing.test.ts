import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { day, systemClock } from "../../../src/base/clock.ts";
import { plainPayload } from "../../../src/protocol/relayFrames.ts";
import { generateSealingKeyPair } from "../../../src/protocol/sealing.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import type { NewEvent } from "../../../src/relay/eventLog.ts";
import { EventSealer } from "../../../src/relay/eventSealer.ts";
import { JetStreamEventLog } from "../../../src/relay/jetstreamEventLog.ts";
import { JetStreamNames } from "../../../src/relay/jetstreamNames.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { openText } from "../../support/sealing.ts";

const prefix = "sealed";
const secret: NewEvent = { receivedAt: 1, scheme: plainPayload, payload: Buffer.from("secret") };

interface Opened {
  readonly log: JetStreamEventLog;
  /** Messages in all of NATS that hold events. */
  readonly messages: () => Promise<number>;
}

async function openLog(test: TestContext): Promise<Opened> {
  const closing: (() => Promise<void>)[] = [];
  // Hooks run in the order in which they were registered: the connections end before their server is killed.
  test.after(async () => Promise.all(closing.map(async close => close())));
  const [server] = await startNatsServers(test, 1);
  assert.ok(server);
  const log = await JetStreamEventLog.open({
    ...{ servers: [server.url], replicas: 1, shards: 1, prefix, maxEventBytes: 1_000_000, maxStorageBytes: 10_000_000 },
    retention: { maxAge: day, maxEvents: 1_000, maxBytes: 10_000_000 },
    ...{ clock: systemClock, logger: silentRelayLogger },
  });
  const connection = await connect({ servers: server.url });
  closing.push(
    async () => log.close(),
    async () => connection.close(),
  );
  const manager = await jetstreamManager(connection);
  const stream = new JetStreamNames(prefix, 1).stream(0);
  return { log, messages: async () => (await manager.streams.info(stream)).state.messages };
}

/** Does `meanwhile` once the first event is sealed, before the log has it back. */
function onceSealed(test: TestContext, meanwhile: () => Promise<unknown>): void {
  const sealer = new EventSealer(systemClock);
  test.after(() => sealer.dispose());
  const seal = sealer.seal.bind(sealer);
  let isFirst = true;
  test.mock.method(EventSealer.prototype, "seal", async (...given: Parameters<typeof seal>) => {
    const payload = await seal(...given);
    if (isFirst) {
      isFirst = false;
      await meanwhile();
    }
    return payload;
  });
}

describe("an event in NATS that is being sealed", () => {
  it("goes to the key that its channel was given meanwhile, and the former cannot read it", async test => {
    const { log } = await openLog(test);
    const [former, next] = [await generateSealingKeyPair(), await generateSealingKeyPair()];
    const channel = newChannelId();
    await log.createChannel({ channel, readKeyHash: Uint8Array.of(1), createdAt: 1, publicKey: former.publicKey });
    onceSealed(test, async () => log.setPublicKey(channel, next.publicKey));
    assert.deepEqual(await log.append(channel, secret), { ok: true, value: 1 });
    const [kept] = await log.read(channel, 0, { events: 10, bytes: 10_000 });
    assert.ok(kept);
    assert.equal(await openText(channel, next, kept), "secret");
    assert.equal(await openText(channel, former, kept), "no-key");
  });

  it("is not kept when its channel was deleted meanwhile", async test => {
    const { log, messages } = await openLog(test);
    const { publicKey } = await generateSealingKeyPair();
    const channel = newChannelId();
    await log.createChannel({ channel, readKeyHash: Uint8Array.of(1), createdAt: 1, publicKey });
    onceSealed(test, async () => log.deleteChannel(channel));
    assert.deepEqual(await log.append(channel, secret), { ok: false, error: { kind: "unknown-channel" } });
    assert.equal(await messages(), 1, "the channel's end");
  });
});
