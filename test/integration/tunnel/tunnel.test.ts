import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, describe, it } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { EventSink, RelayState, StoredCapture } from "../../../src/core/relay/relaySession.ts";
import { Tunnel, type TunnelSettings } from "../../../src/core/tunnel/tunnel.ts";
import { type Relay, createRelay } from "../../../src/relay/relay.ts";
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
  readonly events: StoredCapture[] = [];
  lastSequence(): number {
    return this.events.at(-1)?.sequence ?? 0;
  }
  store(events: readonly StoredCapture[]): void {
    this.events.push(...events);
  }
  recordGap(): void {
    assert.fail("no gap is expected");
  }
}

interface Fixture {
  readonly tunnel: Tunnel;
  readonly sink: MemorySink;
}

function openTunnel(test: TestContext, settings: Partial<TunnelSettings>, vault = new MemoryVault()): Fixture {
  const sink = new MemorySink();
  const tunnel = new Tunnel({
    settings: () => ({ relayUrl: undefined, publicUrl: undefined, ...settings }),
    vault,
    embeddedRelay: () => assert.fail("a configured relay is used, not the embedded one"),
    sinkFor: () => sink,
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
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
    const stored = Promise.withResolvers<undefined>();
    const timer = setInterval(() => sink.events.length > 0 && stored.resolve(undefined), 5);
    await stored.promise;
    clearInterval(timer);
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
