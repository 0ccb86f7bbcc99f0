import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, describe, it } from "node:test";
import * as v from "valibot";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { type RelayChannel, relayChannelSchema } from "../../../src/core/relay/relayChannel.ts";
import type { Capture, EventSink } from "../../../src/core/events/capture.ts";
import type { RelayState } from "../../../src/core/relay/relaySession.ts";
import { Tunnel, type TunnelSettings } from "../../../src/core/tunnel/tunnel.ts";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { type Relay, createRelay } from "../../../src/relay/relay.ts";
import { RecordingLogger } from "../../unit/core/connections/recordingLogger.ts";
import { MemoryVault } from "../../support/memoryVault.ts";

async function startRelay(test: TestContext, port = 0, folder?: string): Promise<Relay> {
  const dataDir = folder ?? (await mkdtemp(path.join(tmpdir(), "zcn-tunnel-")));
  const relay = await createRelay({ dataDir, port });
  test.after(async () => {
    await relay.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return relay;
}

class MemorySink implements EventSink {
  readonly events: Capture[] = [];
  readonly #waiting: (() => void)[] = [];
  lastSequence(): number {
    return this.events.at(-1)?.sequence ?? 0;
  }
  store(events: readonly Capture[]): void {
    this.events.push(...events);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
  /** The bodies of the first `count` events, once they are there; of one that could not be opened, why. */
  async bodies(count: number): Promise<(string | undefined)[]> {
    while (this.events.length < count) await new Promise<void>(resolve => this.#waiting.push(resolve));
    return this.events.map(({ payload, unreadable }) => unreadable ?? bodyOf(payload));
  }
  recordGap(): void {
    assert.fail("no gap is expected");
  }
}

function bodyOf(payload: Uint8Array): string | undefined {
  const decoded = decodeCapturedRequest(payload);
  return decoded.ok ? Buffer.from(decoded.value.body).toString() : undefined;
}

interface Fixture {
  readonly tunnel: Tunnel;
  readonly sink: MemorySink;
}

function openTunnel(
  test: TestContext,
  settings: Partial<TunnelSettings>,
  vault = new MemoryVault(),
  logger = silentLogger,
): Fixture {
  const sink = new MemorySink();
  const tunnel = new Tunnel({
    settings: () => ({ relayUrl: undefined, publicUrl: undefined, ...settings }),
    vault,
    embeddedRelay: () => assert.fail("a configured relay is used, not the embedded one"),
    sinkFor: () => sink,
    clock: systemClock,
    random: () => 0,
    logger,
  });
  test.after(() => tunnel.dispose());
  return { tunnel, sink };
}

async function until(tunnel: Tunnel, kind: RelayState["kind"]): Promise<RelayState> {
  if (tunnel.state.kind === kind) return tunnel.state;
  return new Promise(resolve => {
    const subscription = tunnel.onDidChangeState(state => {
      if (state.kind !== kind) return;
      subscription.dispose();
      resolve(state);
    });
  });
}

async function addressOf(tunnel: Tunnel): Promise<string> {
  const address = await tunnel.waitForAddress();
  assert.ok(address.ok);
  return address.value;
}

describe("the tunnel", { timeout: 30_000 }, () => {
  it("makes a channel on the relay, goes live, and stores what is posted to its address", async test => {
    const relay = await startRelay(test);
    const { tunnel, sink } = openTunnel(test, { relayUrl: relay.url });
    const address = await addressOf(tunnel);
    await until(tunnel, "live");
    assert.ok(address.startsWith(`${relay.url}/in/`));
    assert.equal((await fetch(address, { method: "POST", body: "{}" })).status, 200);
    assert.deepEqual(await sink.bodies(1), ["{}"]);
    assert.deepEqual(
      sink.events.map(({ sequence }) => sequence),
      [1],
    );
  });

  it("keeps its channel, so that the address outlives the editor", async test => {
    const relay = await startRelay(test);
    const vault = new MemoryVault();
    const first = openTunnel(test, { relayUrl: relay.url }, vault);
    const address = await addressOf(first.tunnel);
    first.tunnel.dispose();
    assert.equal(await addressOf(openTunnel(test, { relayUrl: relay.url }, vault).tunnel), address);
  });

  it("gives the public address where one is set", async test => {
    const relay = await startRelay(test);
    const { tunnel } = openTunnel(test, { relayUrl: relay.url, publicUrl: "https://hooks.example.com" });
    assert.match(await addressOf(tunnel), /^https:\/\/hooks\.example\.com\/in\/[\w-]{16,}$/);
  });

  it("says that the relay does not answer, and connects once it does", async test => {
    const folder = await mkdtemp(path.join(tmpdir(), "zcn-tunnel-"));
    const gone = await startRelay(test, 0, folder);
    const port = Number(new URL(gone.url).port);
    await gone.close();
    const { tunnel } = openTunnel(test, { relayUrl: gone.url });
    tunnel.start();
    const state = await until(tunnel, "reconnecting");
    assert.ok(state.kind === "reconnecting");
    assert.match(state.problem.message, /relay/i);
    await startRelay(test, port, folder);
    tunnel.retryNow();
    await until(tunnel, "live");
  });

  it("makes a new address on request, and the old one is no longer listened to", async test => {
    const relay = await startRelay(test);
    const { tunnel } = openTunnel(test, { relayUrl: relay.url });
    const before = await addressOf(tunnel);
    await tunnel.renewChannel();
    const after = await addressOf(tunnel);
    assert.notEqual(after, before);
    await until(tunnel, "live");
  });

  it("follows another window that made the channel first, so that both have one address", async test => {
    const relay = await startRelay(test);
    const vault = new MemoryVault();
    const windows = [
      openTunnel(test, { relayUrl: relay.url }, vault),
      openTunnel(test, { relayUrl: relay.url }, vault),
    ];
    await Promise.all(windows.map(async ({ tunnel }) => addressOf(tunnel)));
    await Promise.all(windows.map(async ({ tunnel }) => until(tunnel, "live")));
    const addresses = await Promise.all(windows.map(async ({ tunnel }) => addressOf(tunnel)));
    assert.equal(new Set(addresses).size, 1);
  });
});

async function keptChannel(vault: MemoryVault, relay: Relay): Promise<RelayChannel> {
  return v.parse(v.pipe(v.string(), v.parseJson(), relayChannelSchema), await vault.get(`relay.channel:${relay.url}`));
}

async function send(address: string, body: string): Promise<void> {
  assert.equal((await fetch(address, { method: "POST", body })).status, 200);
}

/** What the relay says of a channel, asked as its editor does. */
async function describedKey(relay: Relay, { channel, readKey }: RelayChannel): Promise<unknown> {
  const headers = { authorization: `Bearer ${readKey}` };
  const response = await fetch(`${relay.url}/v1/channels/${channel}`, { headers });
  return v.parse(v.object({ keyId: v.optional(v.string()) }), await response.json()).keyId;
}

describe("the keys of the tunnel's channel", { timeout: 30_000 }, () => {
  it("are made with it, kept in the vault only, and rotated in the middle of the stream", async test => {
    const relay = await startRelay(test);
    const vault = new MemoryVault();
    const logger = new RecordingLogger();
    const { tunnel, sink } = openTunnel(test, { relayUrl: relay.url }, vault, logger);
    const address = await addressOf(tunnel);
    await until(tunnel, "live");
    const before = await keptChannel(vault, relay);
    assert.equal(before.keys.length, 1);
    await send(address, "to the first key");
    assert.deepEqual(await tunnel.rotateKey(), { ok: true, value: undefined });
    await send(address, "to the second key");
    assert.deepEqual(await sink.bodies(2), ["to the first key", "to the second key"]);
    const after = await keptChannel(vault, relay);
    assert.deepEqual(after.keys.slice(1), before.keys);
    assert.equal(after.keys.length, 2);
    assert.equal(after.channel, before.channel);
    for (const { privateKey } of after.keys) assert.ok(logger.lines.every(line => !line.includes(privateKey)));
    assert.ok(logger.lines.every(line => !line.includes(after.readKey)));
  });

  it("are found by a window that did not make them, and by one that opens later", async test => {
    const relay = await startRelay(test);
    const vault = new MemoryVault();
    const one = openTunnel(test, { relayUrl: relay.url }, vault);
    const address = await addressOf(one.tunnel);
    const other = openTunnel(test, { relayUrl: relay.url }, vault);
    other.tunnel.start();
    await Promise.all([until(one.tunnel, "live"), until(other.tunnel, "live")]);
    assert.ok((await one.tunnel.rotateKey()).ok);
    await send(address, "one");
    assert.ok((await other.tunnel.rotateKey()).ok);
    await send(address, "two");
    const later = openTunnel(test, { relayUrl: relay.url }, vault);
    later.tunnel.start();
    for (const { sink } of [one, other, later]) assert.deepEqual(await sink.bodies(2), ["one", "two"]);
    assert.equal((await keptChannel(vault, relay)).keys.length, 3);
  });

  it("are put back by a window that has them when another one wrote without", async test => {
    const relay = await startRelay(test);
    const vault = new MemoryVault();
    const { tunnel } = openTunnel(test, { relayUrl: relay.url }, vault);
    await addressOf(tunnel);
    const kept = await keptChannel(vault, relay);
    await vault.store(`relay.channel:${relay.url}`, JSON.stringify({ ...kept, keys: [] }));
    while ((await keptChannel(vault, relay)).keys.length === 0) await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual((await keptChannel(vault, relay)).keys, kept.keys);
  });

  it("are given to a channel from before sealing once the stream is live", async test => {
    const relay = await startRelay(test);
    const vault = new MemoryVault();
    const created: unknown = await (await fetch(`${relay.url}/v1/channels`, { method: "POST" })).json();
    const old = v.parse(relayChannelSchema, { relayUrl: relay.url, ...v.parse(v.looseObject({}), created) });
    await vault.store(`relay.channel:${relay.url}`, JSON.stringify({ ...old, keys: undefined }));
    assert.equal(await describedKey(relay, old), undefined);
    await send(old.ingestUrl, "in the clear");
    const { tunnel, sink } = openTunnel(test, { relayUrl: relay.url }, vault);
    tunnel.start();
    while ((await describedKey(relay, old)) === undefined) await new Promise(resolve => setImmediate(resolve));
    await send(old.ingestUrl, "sealed");
    assert.deepEqual(await sink.bodies(2), ["in the clear", "sealed"]);
    assert.equal((await keptChannel(vault, relay)).keys.length, 1);
  });

  it("cannot be rotated before there is a channel, and are set later when the relay was away", async test => {
    const folder = await mkdtemp(path.join(tmpdir(), "zcn-tunnel-"));
    const relay = await startRelay(test, 0, folder);
    const vault = new MemoryVault();
    const { tunnel, sink } = openTunnel(test, { relayUrl: relay.url }, vault);
    assert.equal((await tunnel.rotateKey()).ok, false);
    const address = await addressOf(tunnel);
    await until(tunnel, "live");
    const away = until(tunnel, "reconnecting");
    await relay.close();
    await away;
    const rotated = await tunnel.rotateKey();
    assert.ok(!rotated.ok && rotated.error.code === "RELAY_UNREACHABLE");
    const kept = await keptChannel(vault, relay);
    const again = await startRelay(test, Number(new URL(relay.url).port), folder);
    const before = await describedKey(again, kept);
    tunnel.retryNow();
    while ((await describedKey(again, kept)) === before) await new Promise(resolve => setImmediate(resolve));
    await send(address, "to the new key");
    assert.deepEqual(await sink.bodies(1), ["to the new key"]);
  });
});
