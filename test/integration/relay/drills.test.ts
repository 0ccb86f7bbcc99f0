import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { type ChannelCreated, relayPaths } from "../../../src/protocol/relayApi.ts";
import { type ChildServer, startChildServer } from "../../support/childServer.ts";
import { CuttableLink } from "../../support/cuttableLink.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { upgradeRequest } from "../../support/hostileInput.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { mountSmallDisk } from "../../support/smallDisk.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

/** Posts numbered bodies until one is refused; what was accepted. */
async function fill(
  created: ChannelCreated,
  name: string,
  size = 40_000,
): Promise<{ accepted: string[]; status: number }> {
  const accepted: string[] = [];
  for (let count = 1; count <= 2_000; count++) {
    const body = `${name}/${count}/${"x".repeat(size)}`;
    const status = await post(created.ingestUrl, body);
    if (status !== 200) return { accepted, status };
    accepted.push(body);
  }
  return { accepted, status: 200 };
}

async function readAll(url: string, created: ChannelCreated): Promise<string[]> {
  const reader = await RelayReader.open(url, created);
  const bodies: string[] = [];
  for (let frame = await reader.next(); frame.type !== "live"; frame = await reader.next()) {
    if (frame.type !== "event") continue;
    const decoded = decodeCapturedRequest(frame.payload);
    assert.ok(decoded.ok);
    bodies.push(Buffer.from(decoded.value.body).toString());
    reader.ack(frame.sequence);
  }
  await reader.close();
  return bodies;
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(url + relayPaths.ready)).ok;
}

describe("a disk that is full", () => {
  it("gets 503 and no 200; reading goes on, and storing too once there is room", async test => {
    const disk = mountSmallDisk(test, 6);
    if (disk === undefined) {
      test.skip("only root on Linux can mount a small disk");
      return;
    }
    const server = await startChildServer(test, script, [
      "--data-dir",
      `${disk.path}/data`,
      "--max-events-per-second",
      "0",
    ]);
    const created = await createTestChannel(server.url);
    const before = await fill(created, "before");
    assert.equal(before.status, 503);
    for (let count = 0; count < 5; count++) assert.equal(await post(created.ingestUrl, "y".repeat(100_000)), 503);
    assert.equal(await isReady(server.url), false);
    assert.deepEqual(await readAll(server.url, created), before.accepted);
    disk.resize(16);
    // A no is believed for a second.
    for (let tries = 0; tries < 10_000 && !(await isReady(server.url));) tries++;
    assert.equal(await isReady(server.url), true);
    const after = await fill(created, "after");
    assert.ok(after.accepted.length > 20);
    await server.end("SIGKILL");
    disk.resize(32);
    const again = await startChildServer(test, script, ["--data-dir", `${disk.path}/data`]);
    const kept = await readAll(again.url, created);
    assert.deepEqual(kept, [...before.accepted, ...after.accepted]);
    test.diagnostic(`${kept.length} events accepted and delivered around two full disks`);
    await again.end("SIGTERM");
  });

  it("is what a database of its largest size is like, until retention makes room", async test => {
    const clock = new FakeClock();
    const options = { maxStorageBytes: 2_000_000, maxAge: hour };
    const { url } = await startTestRelay(test, options, { clock });
    const created = await createTestChannel(url);
    const large = await fill(created, "large");
    const small = await fill(created, "small", 1_000);
    assert.deepEqual([large.status, small.status], [503, 503]);
    const accepted = [...large.accepted, ...small.accepted];
    assert.ok(large.accepted.length > 20 && large.accepted.length < 50, `${large.accepted.length} accepted`);
    assert.equal(await isReady(url), false);
    assert.deepEqual(await readAll(url, created), accepted);
    clock.advance(2 * hour);
    for (let tries = 0; tries < 200 && !(await isReady(url)); tries++) clock.advance(second);
    assert.equal(await post(created.ingestUrl, "room again"), 200);
  });
});

/** Looks at a metric of a relay in a process of its own. */
function metricOf(server: ChildServer, name: string): () => Promise<number> {
  const metricsPort = /"port":(\d+)/.exec(server.log())?.[1];
  assert.ok(metricsPort !== undefined);
  return async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1]);
  };
}

function memoryOf(server: ChildServer): () => Promise<number> {
  return metricOf(server, "process_resident_memory_bytes");
}

/** Resolves once nothing is counted any more, of requests or of streams. */
async function untilNothingIsHeld(server: ChildServer): Promise<void> {
  for (const name of ["relay_unstored_bytes", "relay_unsent_bytes", "relay_streams"]) {
    const look = metricOf(server, name);
    while ((await look()) !== 0);
  }
}

/** Resolves when `look` has given nothing larger for a while. */
async function highest(look: () => Promise<number>): Promise<number> {
  let most = 0;
  for (let lower = 0; lower < 20;) {
    const now = await look();
    lower = now > most ? 0 : lower + 1;
    most = Math.max(most, now);
  }
  return most;
}

const noRates = ["--max-events-per-second", "0", "--max-kib-per-second", "0", "--metrics-port", "0"];

describe("a reader that stops reading", () => {
  it("costs the relay no memory, holds up nobody, and gets everything when it goes on", async test => {
    const args = ["--data-dir", temporaryFolder(test), "--window", "65536"];
    const server = await startChildServer(test, script, [...args, ...noRates]);
    const memory = memoryOf(server);
    const created = await createTestChannel(server.url);
    const [stuck, brisk] = [await RelayReader.open(server.url, created), await RelayReader.open(server.url, created)];
    await Promise.all([stuck.expect("hello"), brisk.expect("hello"), stuck.expect("live"), brisk.expect("live")]);
    const body = "x".repeat(400_000);
    const send = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        assert.equal(await post(created.ingestUrl, body), 200);
        brisk.ack((await brisk.expect("event")).sequence);
      }
    };
    await send(50);
    stuck.socket.pause();
    const before = await memory();
    await send(250);
    const grown = (await memory()) - before;
    test.diagnostic(`memory grew by ${Math.round(grown / 1e6)} MB while 100 MB passed a stuck reader`);
    assert.ok(grown < 60_000_000, `${grown} bytes`);
    stuck.socket.resume();
    for (let sequence = 1; sequence <= 300; sequence++) assert.equal((await stuck.expect("event")).sequence, sequence);
    await Promise.all([stuck.close(), brisk.close()]);
    await server.end("SIGTERM");
  });
});

describe("readers that do not read, while many senders post at once", () => {
  it("cost the relay about a mebibyte each, senders nothing, and each gets every event when it goes on", async test => {
    const server = await startChildServer(test, script, ["--data-dir", temporaryFolder(test), ...noRates]);
    const memory = memoryOf(server);
    const created = await createTestChannel(server.url);
    const readers = await Promise.all(Array.from({ length: 24 }, async () => RelayReader.open(server.url, created)));
    for (const reader of readers) {
      await reader.expect("hello");
      await reader.expect("live");
      reader.socket.pause();
    }
    const before = await memory();
    const body = "x".repeat(1024 * 1024 - 100);
    const statuses = await Promise.all(Array.from({ length: 56 }, async () => post(created.ingestUrl, body)));
    assert.ok(statuses.every(status => status === 200));
    const grown = (await highest(memory)) - before;
    test.diagnostic(`memory grew by ${Math.round(grown / 1e6)} MB for 24 readers and 56 senders of a mebibyte`);
    assert.ok(grown < 400_000_000, `${grown} bytes`);
    for (const reader of readers.slice(0, 2)) {
      reader.socket.resume();
      for (let sequence = 1; sequence <= 56; sequence++) {
        assert.equal((await reader.expect("event")).sequence, sequence);
      }
    }
    for (const reader of readers) reader.socket.terminate();
    await untilNothingIsHeld(server);
    await server.end("SIGTERM");
  });

  it("are let go after some heartbeats, though they ping, and those that read are not", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { heartbeatInterval: second }, { clock });
    const created = await createTestChannel(url);
    const stuck = await RawConnection.open(url);
    stuck.write(upgradeRequest(created));
    await stuck.until('"live"');
    stuck.socket.pause();
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await reader.expect("live");
    // More than what systems keep for a connection.
    for (let count = 0; count < 24; count++) assert.equal(await post(created.ingestUrl, "x".repeat(1_000_000)), 200);
    for (let count = 0; count < 24; count++) reader.ack((await reader.expect("event")).sequence);
    for (let beat = 0; beat < 6; beat++) {
      stuck.write(clientPing);
      const pinged = new Promise(resolve => reader.socket.once("ping", resolve));
      clock.advance(second);
      await pinged;
      assert.equal(await post(created.ingestUrl, "meanwhile"), 200);
    }
    stuck.socket.resume();
    await stuck.closed();
    assert.equal(reader.socket.readyState, reader.socket.OPEN);
    await reader.close();
  });
});

/** What an editor sends to say that it is there. */
const clientPing = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);

describe("bodies that are dribbled", () => {
  it("cost no more than they count, a byte a chunk or a byte a segment, and are kept to the byte", async test => {
    const server = await startChildServer(test, script, ["--data-dir", temporaryFolder(test), ...noRates]);
    const memory = memoryOf(server);
    const created = await createTestChannel(server.url);
    const before = await memory();
    const [count, length] = [3, 300_000];
    const head = `POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\n`;
    const chunked = await Promise.all(Array.from({ length: count }, async () => RawConnection.open(server.url)));
    for (const connection of chunked) {
      connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(length)}`);
    }
    const segments = await Promise.all(Array.from({ length: 100 }, async () => RawConnection.open(server.url)));
    for (const { socket } of segments) socket.setNoDelay(true);
    for (const connection of segments) connection.write(`${head}Content-Length: 501\r\n\r\n`);
    for (let byte = 0; byte < 500; byte++) {
      for (const connection of segments) connection.write("x");
      await new Promise(resolve => setImmediate(resolve));
    }
    const grown = (await highest(memory)) - before;
    test.diagnostic(`memory grew by ${Math.round(grown / 1e6)} MB for a megabyte in one-byte pieces`);
    assert.ok(grown < 300_000_000, `${grown} bytes`);
    for (const connection of chunked) connection.write("0\r\n\r\n");
    for (const connection of segments) connection.write("x");
    await Promise.all([...chunked, ...segments].map(async connection => connection.until('{"ok":true}')));
    const sizes = (await readAll(server.url, created)).map(text => text.length).sort((one, other) => one - other);
    assert.deepEqual(sizes, [...segments.map(() => 501), ...chunked.map(() => length)]);
    await Promise.all([...chunked, ...segments].map(async connection => connection.destroy()));
    await untilNothingIsHeld(server);
    await server.end("SIGTERM");
  });
});

describe("a link that is cut without a word", () => {
  it("is noticed by the relay, which lets go of the stream", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { heartbeatInterval: second, maxStreamsPerChannel: 1 }, { clock });
    const link = await CuttableLink.open(test, url);
    const created = await createTestChannel(url);
    const reader = await RelayReader.open(link.url, created);
    await reader.expect("hello");
    await reader.expect("live");
    link.cut();
    assert.equal(await post(created.ingestUrl, "into the void"), 200);
    clock.advance(4 * second);
    // The one place on the channel is free again.
    const next = await openWhenFree(url, created);
    assert.equal((await next.expect("hello")).newest, 1);
    assert.equal((await next.expect("event")).sequence, 1);
    await next.close();
    reader.socket.terminate();
  });
});

async function openWhenFree(url: string, created: ChannelCreated): Promise<RelayReader> {
  for (let tries = 0; ; tries++) {
    try {
      return await RelayReader.open(url, created);
    } catch (error) {
      if (tries === 50) throw error;
    }
  }
}

describe("a clock that jumps", () => {
  it("forward ends no stream that lives, and what came before it is delivered once", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { heartbeatInterval: 15 * second }, { clock });
    const created = await createTestChannel(url);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await reader.expect("live");
    assert.equal(await post(created.ingestUrl, "before"), 200);
    clock.jump(8 * hour);
    const pinged = new Promise(resolve => reader.socket.once("ping", resolve));
    clock.advance(0);
    await pinged;
    assert.equal(await post(created.ingestUrl, "after"), 200);
    const [one, two] = [await reader.expect("event"), await reader.expect("event")];
    assert.deepEqual([one.sequence, two.sequence], [1, 2]);
    assert.ok(two.receivedAt - one.receivedAt >= 8 * hour);
    await reader.close();
  });

  it("back neither reorders events nor removes those that are young", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { maxAge: day }, { clock });
    const created = await createTestChannel(url);
    assert.equal(await post(created.ingestUrl, "first"), 200);
    clock.setBack(3 * day);
    assert.equal(await post(created.ingestUrl, "second"), 200);
    clock.advance(hour);
    assert.deepEqual(await readAll(url, created), ["first", "second"]);
    clock.advance(5 * day);
    for (let tries = 0; tries < 200; tries++) {
      clock.advance(minute);
      const bodies = await readAll(url, created);
      if (bodies.length === 0) return;
    }
    assert.fail("what is old was not removed");
  });
});
