import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import * as v from "valibot";
import { type ChannelCreated, relayPaths } from "../../../src/protocol/relayApi.ts";
import { JetStreamNames } from "../../../src/relay/jetstreamNames.ts";
import { type ChildServer, runToExit, startChildServer } from "../../support/childServer.ts";
import { type NatsServer, startNatsServers } from "../../support/natsServers.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { Senders } from "../../support/senders.ts";
import { SteadyReader } from "../../support/steadyReader.ts";
import { createTestChannel, post } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));
const boundsSchema = v.object({ oldest: v.number(), newest: v.number() });
const shards = 4;

function natsArguments(servers: readonly NatsServer[]): string[] {
  return ["--nats", servers.map(({ url }) => url).join(","), "--replicas", String(servers.length)];
}

async function startNode(test: TestContext, servers: readonly NatsServer[]): Promise<ChildServer> {
  return startChildServer(test, script, [...natsArguments(servers), "--max-events-per-second", "0"]);
}

async function boundsAt(
  url: string,
  { channel, readKey }: ChannelCreated,
): Promise<v.InferOutput<typeof boundsSchema>> {
  const headers = { authorization: `Bearer ${readKey}` };
  return v.parse(boundsSchema, await (await fetch(url + relayPaths.channel(channel), { headers })).json());
}

/** Which of the servers leads the stream that holds the channel: the one that hurts most. */
async function leaderOf(servers: readonly NatsServer[], channel: string): Promise<NatsServer> {
  const connection = await connect({ servers: servers.map(({ url }) => url) });
  const manager = await jetstreamManager(connection);
  const { cluster } = await manager.streams.info(new JetStreamNames("zcn", shards).streamOf(channel));
  await connection.close();
  const leader = servers[Number(cluster?.leader?.slice(1))];
  assert.ok(leader, "the stream has a leader");
  return leader;
}

/** Every body that got a 200 came, each once, in the order in which its sender had sent it. */
function assertDelivered(senders: Senders, reader: SteadyReader): void {
  const delivered = new Set(reader.bodies);
  assert.equal(delivered.size, reader.bodies.length, "each once");
  assert.deepEqual(
    [...senders.accepted].filter(body => !delivered.has(body)),
    [],
    "all that got a 200",
  );
  assert.deepEqual(
    [...delivered].filter(body => !senders.sent.has(body)),
    [],
    "nothing that was not sent",
  );
  assert.equal(reader.missing, 0, "no gap");
  const counts = new Map<string, number>();
  for (const body of reader.bodies) {
    const [sender = "", count] = body.split("/");
    assert.ok(Number(count) > (counts.get(sender) ?? 0), `order of sender ${sender}`);
    counts.set(sender, Number(count));
  }
}

describe("two relay nodes over one NATS cluster", () => {
  it("deliver every event that got a 200 once and in order, though a NATS node is killed, then a relay node", async test => {
    const servers = await startNatsServers(test, 3);
    const [one, other] = await Promise.all([startNode(test, servers), startNode(test, servers)]);
    const urls = [one.url, other.url];
    const created = await createTestChannel(one.url);
    const reader = new SteadyReader(urls, created);
    const senders = new Senders(urls, created.channel, 16);
    await senders.more(500);
    await (await leaderOf(servers, created.channel)).kill();
    await senders.more(500);
    assert.equal(await one.end("SIGKILL"), null);
    await senders.more(500);
    await senders.stop();
    const { newest } = await boundsAt(other.url, created);
    await reader.until(newest);
    await reader.stop();
    assertDelivered(senders, reader);
    const refused = [...senders.refused].map(([answer, count]) => `${count} × ${answer}`).join(", ");
    test.diagnostic(
      `${senders.sent.size} sent, ${senders.accepted.size} got a 200 (else: ${refused || "none"}), ` +
        `${reader.bodies.length} delivered as 1 to ${newest} over ${reader.connections} streams, 0 lost, 0 twice`,
    );
  });

  it("number the events of one channel as one would, also when both are given events at once", async test => {
    const servers = await startNatsServers(test, 3);
    const [one, other] = await Promise.all([startNode(test, servers), startNode(test, servers)]);
    const created = await createTestChannel(one.url);
    const senders = new Senders([one.url, other.url], created.channel, 8);
    await senders.more(400);
    await senders.stop();
    assert.equal(senders.refused.size, 0);
    assert.deepEqual(await boundsAt(other.url, created), { oldest: 1, newest: senders.accepted.size });
    const reader = new SteadyReader([other.url], created);
    await reader.until(senders.accepted.size);
    await reader.stop();
    assertDelivered(senders, reader);
  });

  it("let an editor go on at either, and end its stream when the channel is deleted at the other", async test => {
    const servers = await startNatsServers(test, 1);
    const [one, other] = await Promise.all([startNode(test, servers), startNode(test, servers)]);
    const created = await createTestChannel(one.url);
    assert.equal(await post(`${other.url}/in/${created.channel}`, "first"), 200);
    const before = await RelayReader.open(one.url, created);
    await before.expect("hello");
    assert.equal((await before.expect("event")).sequence, 1);
    await before.close();
    assert.equal(await post(`${one.url}/in/${created.channel}`, "second"), 200);
    const after = await RelayReader.open(other.url, created, 1);
    await after.expect("hello");
    assert.equal((await after.expect("event")).sequence, 2);
    await after.expect("live");
    assert.equal(await post(`${one.url}/in/${created.channel}`, "third"), 200);
    assert.equal((await after.expect("event")).sequence, 3);
    const headers = { authorization: `Bearer ${created.readKey}` };
    assert.equal(
      (await fetch(one.url + relayPaths.channel(created.channel), { method: "DELETE", headers })).status,
      204,
    );
    assert.equal((await after.expect("goodbye")).reason, "channel-deleted");
    assert.equal(await post(`${other.url}/in/${created.channel}`, "late"), 404);
  });
});

describe("a relay node whose NATS is not as it should be", () => {
  it("answers 503 and is not ready while most of the cluster is gone, and goes on when it is back", async test => {
    const [server] = await startNatsServers(test, 1);
    assert.ok(server);
    const node = await startNode(test, [server]);
    const created = await createTestChannel(node.url);
    assert.equal(await post(created.ingestUrl, "kept"), 200);
    await server.kill();
    assert.equal((await fetch(`${node.url}/readyz`)).status, 503);
    const late = post(created.ingestUrl, "late");
    await server.start();
    assert.equal(await late, 200);
    assert.deepEqual(await boundsAt(node.url, created), { oldest: 1, newest: 2 });
    assert.equal((await fetch(`${node.url}/readyz`)).status, 200);
  });

  it("refuses to start with messages too small for its events, and says what to change", async test => {
    const servers = await startNatsServers(test, 1);
    const ended = await runToExit(script, [...natsArguments(servers), "--max-body-kib", "16384"]);
    assert.equal(ended.code, 64);
    assert.match(ended.stderr, /^NATS takes messages of up to 8192 KiB.+max_payload.+\n$/);
  });
});
