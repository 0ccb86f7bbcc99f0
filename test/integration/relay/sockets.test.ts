import assert from "node:assert/strict";
import { type Socket, connect } from "node:net";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { type TestContext, describe, it } from "node:test";
import { second } from "../../../src/base/clock.ts";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { upgradeRequest } from "../../support/hostileInput.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { testCertificate } from "../../support/testCertificates.ts";
import { createTestChannel, startTestRelay } from "../../support/testRelay.ts";

const quick = { headTimeout: 200, requestTimeout: 200, idleTimeout: 200 };
const health = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/** A peer that keeps its end open whatever the relay does, and reads only if told to. */
async function openStubborn(test: TestContext, url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on("error", () => undefined);
  test.after(() => socket.destroy());
  await new Promise<void>(resolve => socket.once("connect", resolve));
  return socket;
}

/** Whether the relay serves a connection that comes now; it turns away what is beyond its limit. */
async function isServed(url: string): Promise<boolean> {
  const connection = await RawConnection.open(url);
  connection.write(health);
  await connection.closed();
  return connection.received.startsWith("HTTP/1.1 200 ");
}

async function untilServed(url: string): Promise<void> {
  while (!(await isServed(url))) await new Promise(resolve => setImmediate(resolve));
}

describe("a connection of somebody who means no good", () => {
  const refused = upgradeRequest({ channel: "n".repeat(32), readKey: "none", ingestUrl: "" });

  it("ends after an upgrade that was refused, though the peer never closes its own end", async test => {
    const { url } = await startTestRelay(test, { maxConnections: 5 });
    const peers = await Promise.all(Array.from({ length: 5 }, async () => openStubborn(test, url)));
    assert.equal(await isServed(url), false);
    for (const peer of peers) {
      const answer = new Promise<string>(resolve => peer.once("data", data => resolve(data.toString())));
      peer.write(refused);
      assert.match(await answer, /^HTTP\/1\.1 404 [^]*UNKNOWN_CHANNEL/);
    }
    await untilServed(url);
  });

  it("gets its refusal also where it has sent more already", async test => {
    const { url } = await startTestRelay(test);
    const connection = await RawConnection.open(url);
    connection.write(refused + "x".repeat(60_000));
    await connection.closed();
    assert.match(connection.received, /^HTTP\/1\.1 404 [^]*UNKNOWN_CHANNEL[^]*}$/);
  });

  it("ends while its upgrade waits for a storage that says nothing", async test => {
    const clock = new FakeClock();
    const retention = { maxAge: second, maxEvents: 10, maxBytes: 1_000, maxStorageBytes: 1_000_000 };
    const log = await SqliteEventLog.open({
      ...{ directory: temporaryFolder(test), retention, clock },
      logger: silentRelayLogger,
    });
    const asked = Promise.withResolvers<undefined>();
    log.findChannel = async () => {
      asked.resolve(undefined);
      return new Promise(() => undefined);
    };
    const { url } = await startTestRelay(test, { requestTimeout: 60 * second }, { clock, log });
    const connection = await RawConnection.open(url);
    connection.write(refused);
    await asked.promise;
    clock.advance(61 * second);
    await connection.closed();
    assert.equal(connection.received, "");
  });

  it("ends when it asks and asks, and reads no answer", async test => {
    const { url } = await startTestRelay(test, { ...quick, maxConnections: 1 });
    const peer = await openStubborn(test, url);
    peer.pause();
    peer.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100_000));
    assert.equal(await isServed(url), false);
    await untilServed(url);
  });

  it("ends when it never shakes hands for TLS", async test => {
    const folder = temporaryFolder(test);
    const [tlsCert, tlsKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(tlsCert, testCertificate.cert);
    writeFileSync(tlsKey, testCertificate.key);
    const { url } = await startTestRelay(test, { ...quick, tlsCert, tlsKey });
    const connection = await RawConnection.open(url);
    await connection.closed();
    assert.equal(connection.received, "");
  });

  it("ends when it sends nothing, half a head, half a body, or closes its end amid either", async test => {
    const { url } = await startTestRelay(test, { ...quick, maxConnections: 6 });
    const { channel } = await createTestChannel(url);
    const head = `POST ${relayPaths.ingest(channel)} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`;
    for (const part of ["", head.slice(0, 30), head]) {
      for (const ends of [false, true]) {
        const peer = await openStubborn(test, url);
        peer.resume();
        peer.write(part);
        if (ends) peer.end();
      }
    }
    await untilServed(url);
  });
});

describe("the connections of one address", () => {
  it("are so many at most; when one ends there is room for another", async test => {
    const { url } = await startTestRelay(test, { maxConnectionsPerAddress: 3 });
    const connections = await Promise.all([1, 2, 3].map(async () => RawConnection.open(url)));
    assert.equal(await isServed(url), false);
    await connections[0]?.destroy();
    await untilServed(url);
    await Promise.all(connections.map(async connection => connection.destroy()));
  });

  it("behind a proxy are the proxy's, and the streams of its clients are counted each for itself", async test => {
    const { url } = await startTestRelay(test, { maxConnectionsPerAddress: 2, trustProxy: 1 });
    const created = await createTestChannel(url);
    const open = async (client: string): Promise<RawConnection> => {
      const connection = await RawConnection.open(url);
      connection.write(upgradeRequest(created).replace("\r\n", `\r\nX-Forwarded-For: ${client}\r\n`));
      await connection.until("\r\n\r\n");
      return connection;
    };
    const streams = [await open("192.0.2.1"), await open("192.0.2.1"), await open("192.0.2.2")];
    for (const { received } of streams) assert.match(received, /^HTTP\/1\.1 101 /);
    const surplus = await open("192.0.2.1");
    assert.match(surplus.received, /^HTTP\/1\.1 429 /);
    await Promise.all([...streams, surplus].map(async stream => stream.destroy()));
  });
});
