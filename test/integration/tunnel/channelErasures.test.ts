import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, describe, it } from "node:test";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { type Logger, silentLogger } from "../../../src/base/logger.ts";
import { succeed } from "../../../src/base/result.ts";
import type { LocalServer } from "../../../src/core/local/localServer.ts";
import { newReadKey, replaceReadKey } from "../../../src/core/relay/channelAccess.ts";
import { type RelayChannel, createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { ChannelErasures, keepErasures } from "../../../src/core/tunnel/channelErasures.ts";
import { ChannelVault } from "../../../src/core/tunnel/channelVault.ts";
import { Tunnel } from "../../../src/core/tunnel/tunnel.ts";
import type { Relay } from "../../../src/relay/relay.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { startRelayFront } from "../../support/relayFront.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { startTestRelay } from "../../support/testRelay.ts";
import { RecordingLogger } from "../../unit/core/connections/recordingLogger.ts";

const listKey = "relay.erasures";
const noEvents = {
  lastSequence: (): number => 0,
  store: (): void => undefined,
  recordGap: (): void => undefined,
};

interface Parts {
  readonly vault: MemoryVault;
  readonly clock: FakeClock;
}

function openTunnel(test: TestContext, relayUrl: string, { vault, clock }: Parts, logger = silentLogger): Tunnel {
  const tunnel = new Tunnel({
    settings: () => ({ relayUrl, publicUrl: undefined }),
    ...{ vault, clock, logger, random: () => 0, sinkFor: () => noEvents },
    embeddedRelay: () => assert.fail("a configured relay is used"),
  });
  test.after(() => tunnel.dispose());
  return tunnel;
}

function openErasures(
  test: TestContext,
  { vault, clock }: Parts,
  embeddedRelay: () => LocalServer = () => assert.fail("no embedded relay is expected"),
  logger: Logger = silentLogger,
): ChannelErasures {
  const erasures = new ChannelErasures({ vault, clock, embeddedRelay, random: () => 0, logger });
  test.after(() => erasures.dispose());
  return erasures;
}

function newParts(): Parts {
  return { vault: new MemoryVault(), clock: new FakeClock() };
}

async function newChannel(relay: Relay): Promise<RelayChannel> {
  const created = await createRelayChannel(relay.url);
  assert.ok(created.ok);
  return created.value;
}

async function addressOf(tunnel: Tunnel): Promise<string> {
  const address = await tunnel.waitForAddress();
  assert.ok(address.ok);
  return address.value;
}

async function statusOf(address: string): Promise<number> {
  return (await fetch(address, { method: "POST", body: "x" })).status;
}

/** How many channels are to be deleted. */
function due({ vault }: Parts): number {
  return (JSON.parse(vault.entries.get(listKey) ?? "[]") as unknown[]).length;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 200_000, "it does not come about");
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** What comes of `work`, with the pauses that it makes. */
async function passing<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  void work.finally(() => over.abort());
  while (!over.signal.aborted) {
    await new Promise(resolve => setImmediate(resolve));
    clock.advance(second);
  }
  return work;
}

/** A server that answers every request in the same way, and keeps with which methods and keys it was asked. */
async function startAnswering(
  test: TestContext,
  status: number,
  body: string,
): Promise<{ readonly url: string; readonly asked: string[]; readonly keys: (string | undefined)[] }> {
  const asked: string[] = [];
  const keys: (string | undefined)[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.method ?? "");
    keys.push(request.headers.authorization);
    response.writeHead(status).end(status === 204 ? undefined : body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, keys };
}

describe("a relay channel that is given up", { timeout: 60_000 }, () => {
  it("is deleted at its relay when a new address is made because it leaked, with its events", async test => {
    const relay = await startTestRelay(test);
    const parts = newParts();
    const tunnel = openTunnel(test, relay.url, parts);
    const before = await addressOf(tunnel);
    assert.equal(await statusOf(before), 200);
    const kept = parts.vault.entries.get(`relay.channel:${relay.url}`) ?? assert.fail();
    const { channel, readKey } = JSON.parse(kept) as RelayChannel;
    assert.deepEqual(await tunnel.renewChannel({ deletesFormer: true }), succeed([]));
    assert.notEqual(await addressOf(tunnel), before);
    assert.equal(await statusOf(before), 404);
    const headers = { authorization: `Bearer ${readKey}` };
    assert.equal((await fetch(`${relay.url}/v1/channels/${channel}`, { headers })).status, 404);
    assert.equal(due(parts), 0);
  });

  it("is deleted later, by whichever window is open, when its relay was away; and it is said that it was", async test => {
    const dataDir = temporaryFolder(test);
    const relay = await startTestRelay(test, { dataDir });
    const parts = newParts();
    const logger = new RecordingLogger();
    const tunnel = openTunnel(test, relay.url, parts, logger);
    const before = await addressOf(tunnel);
    await relay.close();
    const [failed] = await tunnel.giveUpAll();
    assert.equal(failed?.problem.code, "RELAY_UNREACHABLE");
    assert.equal(due(parts), 1);
    assert.ok(logger.lines.some(line => line.includes("not deleted yet")));
    assert.ok(!logger.lines.some(line => line.includes(failed.erasure.readKey)));
    tunnel.dispose();
    await startTestRelay(test, { dataDir, port: Number(new URL(relay.url).port) });
    assert.equal(await statusOf(before), 200);
    openErasures(test, parts).start();
    await until(() => due(parts) === 0);
    assert.equal(await statusOf(before), 404);
  });

  it("is tried also by a window that hears of it from another, which was closed at once", async test => {
    const relay = await startTestRelay(test);
    const parts = newParts();
    const clock = new FakeClock();
    const [noting, other] = [openErasures(test, parts), openErasures(test, { ...parts, clock })];
    assert.deepEqual(await other.tryNow(), []);
    await noting.note(relay.url, await newChannel(relay));
    noting.dispose();
    assert.equal(due(parts), 1);
    await until(() => clock.pending > 0);
    clock.advance(minute);
    await until(() => due(parts) === 0);
  });

  it("is not used any more where a window died between writing that down and forgetting it", async test => {
    const relay = await startTestRelay(test);
    const parts = newParts();
    const tunnel = openTunnel(test, relay.url, parts);
    const before = await addressOf(tunnel);
    tunnel.dispose();
    const kept = JSON.parse(parts.vault.entries.get(`relay.channel:${relay.url}`) ?? "") as RelayChannel;
    const dying = openErasures(test, parts);
    await dying.note(relay.url, kept);
    dying.dispose();
    const next = openTunnel(test, relay.url, parts);
    assert.notEqual(await addressOf(next), before);
    next.erasures.start();
    await until(() => due(parts) === 0);
    assert.equal(await statusOf(before), 404);
  });

  it("counts as deleted only by the relay's own word", async test => {
    const captive = '<html>{"error":{"code":"UNKNOWN_CHANNEL","message":""}}</html>';
    const another = '{"error":{"code":"NO_ROUTE","message":"nothing here"}}';
    const answers: readonly (readonly [number, string])[] = [
      [204, ""],
      [404, captive],
      [404, another],
      [200, '{"error":{"code":"UNKNOWN_CHANNEL","message":""}}'],
      [502, "bad gateway"],
      [401, '{"error":{"code":"WRONG_KEY","message":""}}'],
    ];
    const relay = await startTestRelay(test);
    for (const [status, body] of answers) {
      const { url } = await startAnswering(test, status, body);
      const parts = newParts();
      const erasures = openErasures(test, parts);
      await erasures.note(url, { ...(await newChannel(relay)), relayUrl: url });
      const [failed] = await passing(parts.clock, erasures.tryNow());
      assert.ok(failed !== undefined, `${status} ${body}`);
      assert.equal(due(parts), 1, `${status} ${body}`);
    }
  });

  it("is asked for again after a pause where another node of its relay has not heard of the deletion yet", async test => {
    const relay = await startTestRelay(test);
    const parts = newParts();
    const given = await newChannel(relay);
    // A node that still has it answers so, and deletes nothing more.
    const stale = await startAnswering(test, 204, "");
    let asked = 0;
    const front = await startRelayFront(test, relay.url, async (_method, path) =>
      Promise.resolve({ path, passage: "answered", to: ++asked === 3 ? stale.url : relay.url }),
    );
    const erasures = openErasures(test, parts);
    const unsettled = { ...given, relayUrl: front, readKey: newReadKey(), formerReadKey: given.readKey };
    await erasures.note(front, unsettled);
    assert.deepEqual(await passing(parts.clock, erasures.tryNow()), []);
    assert.deepEqual([asked, due(parts)], [4, 0]);
    assert.deepEqual(stale.keys, [`Bearer ${given.readKey}`], "with the key that the relay has taken");
    assert.equal(await statusOf(given.ingestUrl), 404);
  });

  it("is tried less and less often, and at least every hour, and the log has that once", async test => {
    const relay = await startTestRelay(test);
    const { url, asked } = await startAnswering(test, 502, "");
    const [parts, logger] = [newParts(), new RecordingLogger()];
    const erasures = openErasures(test, parts, undefined, logger);
    await erasures.note(url, { ...(await newChannel(relay)), relayUrl: url });
    erasures.start();
    const times: number[] = [];
    for (const end = parts.clock.now() + day / 2; parts.clock.now() < end;) {
      const before = asked.length;
      parts.clock.advance(minute);
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
      await until(() => asked.length === before || parts.clock.pending > 0);
      if (asked.length > before) times.push(parts.clock.now());
    }
    const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    assert.ok(times.length > 10 && times.length < 60, `asked ${times.length} times`);
    assert.ok(Math.max(...waits) <= hour + minute, `waited ${Math.max(...waits)}`);
    assert.ok((waits.at(-1) ?? 0) > (waits[0] ?? 0));
    assert.equal(logger.lines.length, 1);
  });

  it("is deleted at the embedded relay where that answers now, which is let go of afterwards", async test => {
    const relay = await startTestRelay(test);
    const parts = newParts();
    let held = 0;
    const server = {
      acquire: async () => Promise.resolve((held++, succeed({ url: relay.url }))),
      dispose: () => held--,
    } as unknown as LocalServer;
    const erasures = openErasures(test, parts, () => server);
    const channel = await newChannel(relay);
    await erasures.note("embedded", { ...channel, relayUrl: "http://127.0.0.1:1" });
    assert.deepEqual(await erasures.tryNow(), []);
    assert.equal(held, 0);
    assert.equal(await statusOf(channel.ingestUrl), 404);
  });
});

describe("a channel whose read key may or may not have been replaced when it is given up", { timeout: 60_000 }, () => {
  for (const taken of [false, true]) {
    it(`is deleted with ${taken ? "the new key, which" : "the former key, as that is the one"} the relay takes`, async test => {
      const relay = await startTestRelay(test);
      const parts = newParts();
      const channel = await newChannel(relay);
      const unsettled = { ...channel, readKey: newReadKey(), formerReadKey: channel.readKey };
      if (taken) assert.ok((await replaceReadKey(channel, unsettled.readKey)).ok);
      const erasures = openErasures(test, parts);
      await erasures.note(relay.url, unsettled);
      assert.deepEqual(await erasures.tryNow(), []);
      assert.equal(due(parts), 0);
      assert.equal(await statusOf(channel.ingestUrl), 404);
    });
  }
});

describe("all relay channels, when everything is forgotten", { timeout: 60_000 }, () => {
  it("are deleted at every relay that there was; what could not be is kept and tried by the window that begins anew", async test => {
    const [one, other] = [await startTestRelay(test), await startTestRelay(test)];
    const dataDir = temporaryFolder(test);
    const away = await startTestRelay(test, { dataDir });
    const parts = newParts();
    const addresses: string[] = [];
    for (const { url } of [one, other, away]) {
      const tunnel = openTunnel(test, url, parts);
      addresses.push(await addressOf(tunnel));
      tunnel.dispose();
    }
    await away.close();
    const left = await openTunnel(test, one.url, parts).giveUpAll();
    assert.deepEqual(
      left.map(({ erasure }) => erasure.relayUrl),
      [away.url],
    );
    assert.deepEqual([await statusOf(addresses[0] ?? ""), await statusOf(addresses[1] ?? "")], [404, 404]);
    await startTestRelay(test, { dataDir, port: Number(new URL(away.url).port) });
    const anew = newParts();
    await keepErasures(
      anew.vault,
      left.map(({ erasure }) => erasure),
    );
    openErasures(test, anew).start();
    await until(() => due(anew) === 0);
    assert.equal(await statusOf(addresses[2] ?? ""), 404);
  });

  it("are deleted also where the list of relays is damaged, as it is kept twice", async test => {
    const [one, other] = [await startTestRelay(test), await startTestRelay(test)];
    const parts = newParts();
    const addresses: string[] = [];
    for (const { url } of [one, other]) {
      const tunnel = openTunnel(test, url, parts);
      addresses.push(await addressOf(tunnel));
      tunnel.dispose();
    }
    parts.vault.entries.set("relay.names", "no list");
    assert.deepEqual(await openTunnel(test, one.url, parts).giveUpAll(), []);
    assert.deepEqual([await statusOf(addresses[0] ?? ""), await statusOf(addresses[1] ?? "")], [404, 404]);
  });

  it("are deleted also where one is behind a colleague's that is damaged", async test => {
    const relay = await startTestRelay(test);
    const parts = newParts();
    const own = await newChannel(relay);
    const channels = new ChannelVault(parts.vault, silentLogger);
    await channels.write(relay.url, own);
    await channels.writeGuest(relay.url, { ...(await newChannel(relay)), isGuest: true });
    parts.vault.entries.set(`relay.channel:${relay.url}`, "{");
    assert.deepEqual(await openTunnel(test, relay.url, parts).giveUpAll(), []);
    assert.equal(await statusOf(own.ingestUrl), 404);
    assert.ok(![...parts.vault.entries.values()].some(text => text.includes(own.readKey)));
  });
});
