import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, minute, systemClock } from "../../../src/base/clock.ts";
import { succeed } from "../../../src/base/result.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { FrontDuel } from "../../support/frontDuel.ts";
import { nearlyPlain, seeded } from "../../support/nearlyPlain.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { testCertificate } from "../../support/testCertificates.ts";
import { createTestChannel, startTestRelay } from "../../support/testRelay.ts";

/** The same input each time, unless FUZZ_SEED says otherwise. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_105);
const atOnce = 16;

/** Has both servers understand so many connections, and wants the same of them. */
async function fight(duel: FrontDuel, connections: number): Promise<void> {
  const random = seeded(seed);
  let left = connections;
  const run = async (): Promise<void> => {
    while (left-- > 0) {
      const pieces = nearlyPlain(random);
      const [plain, fronted] = await duel.send(pieces);
      assert.deepEqual(fronted, plain, JSON.stringify(pieces));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

describe("the front before node:http", { timeout: 120_000 }, () => {
  for (const [transport, certificate, connections] of [
    ["TCP", undefined, 2_000],
    ["TLS", testCertificate, 400],
  ] as const) {
    it(`understands and answers to the byte what node:http does, over ${transport}`, async test => {
      const duel = new FrontDuel(certificate);
      test.after(() => duel.close());
      await duel.listen();
      await fight(duel, connections);
      assert.ok(duel.taken > connections / 10, `only ${duel.taken} requests were taken by the front`);
    });
  }
});

const plain = (channel: string, body: string): string =>
  `POST /in/${channel} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const accepted = /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n\{"ok":true\}/;

/** Longer than a test may take: what ends before was ended by the front. */
const drainDeadline = 10 * minute;

/** A log that knows every channel, and whose events become durable when `durable` says so. */
async function patientLog(test: TestContext): Promise<{ log: EventLog; begun: Promise<unknown>; durable: () => void }> {
  const kept = await SqliteEventLog.open({
    directory: temporaryFolder(test),
    retention: { maxAge: day, maxEvents: 10, maxBytes: 1e6, maxStorageBytes: 1e9 },
    clock: systemClock,
    logger: silentRelayLogger,
  });
  const begun = Promise.withResolvers<undefined>();
  const durable = Promise.withResolvers<undefined>();
  const log: EventLog = Object.assign(Object.create(kept) as EventLog, {
    recallChannel: (channel: string) => ({ channel, readKeyHash: new Uint8Array(32), createdAt: 0 }),
    append: async () => {
      begun.resolve(undefined);
      await durable.promise;
      return succeed(1);
    },
    close: async () => kept.close(),
  });
  return { log, begun: begun.promise, durable: () => durable.resolve(undefined) };
}

describe("a connection that the front has", { timeout: 60_000 }, () => {
  it("gets each answer in its turn, however fast its requests follow each other", async test => {
    const { url } = await startTestRelay(test);
    const { channel } = await createTestChannel(url);
    const connection = await RawConnection.open(url);
    const bodies = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const body of bodies) {
      connection.write(plain(channel, body));
      await new Promise(resolve => setImmediate(resolve));
    }
    connection.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await connection.closed();
    assert.equal(connection.received.split("HTTP/1.1 200 OK").length - 1, 21);
    assert.ok(connection.received.indexOf('"service":"relay"') > connection.received.lastIndexOf('{"ok":true}'));
  });

  it("has what came while a request was under way answered after that", async test => {
    const { log, begun, durable } = await patientLog(test);
    const { url } = await startTestRelay(test, {}, { log });
    const connection = await RawConnection.open(url);
    connection.write(plain("a-channel", "first"));
    await begun;
    connection.write(plain("a-channel", "second"));
    // By then the relay has read it.
    for (let turn = 0; turn < 3; turn++) await (await fetch(`${url}/healthz`)).text();
    assert.equal(connection.received, "");
    connection.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    durable();
    await connection.closed();
    assert.match(
      connection.received,
      /^HTTP\/1\.1 200 [^{]+\{"ok":true\}HTTP\/1\.1 200 [^{]+\{"ok":true\}HTTP\/1\.1 200 [^{]+\{"service"/,
    );
  });

  it("is refused like any other when its channel is unknown", async test => {
    const { url } = await startTestRelay(test);
    const connection = await RawConnection.open(url);
    connection.write(plain("nobody", "x"));
    await connection.until("UNKNOWN_CHANNEL");
    assert.match(connection.received, /^HTTP\/1\.1 404 Not Found\r\n/);
    await connection.destroy();
  });

  it("gets the answer to what is under way when the relay ends, and no more", async test => {
    const { log, begun, durable } = await patientLog(test);
    const relay = await startTestRelay(test, { drainDeadline }, { log });
    const connection = await RawConnection.open(relay.url);
    connection.write(plain("a-channel", "x"));
    await begun;
    const closed = relay.close();
    durable();
    await connection.closed();
    await closed;
    assert.match(connection.received, accepted);
    assert.match(connection.received, /\r\nConnection: close\r\n/);
  });

  it("ends with the relay when nothing is under way; one that was about to begin is still answered", async test => {
    const { log, durable } = await patientLog(test);
    durable();
    const relay = await startTestRelay(test, { drainDeadline }, { log });
    const [used, fresh] = [await RawConnection.open(relay.url), await RawConnection.open(relay.url)];
    used.write(plain("a-channel", "x"));
    await used.until('{"ok":true}');
    const closed = relay.close();
    await used.closed();
    fresh.write(plain("a-channel", "x"));
    await fresh.closed();
    await closed;
    assert.match(fresh.received, accepted);
    assert.match(fresh.received, /\r\nConnection: close\r\n/);
  });

  it("has so long to begin, and so long between two requests", async test => {
    const { url } = await startTestRelay(test, { headTimeout: 300, idleTimeout: 300 });
    const { channel } = await createTestChannel(url);
    const [silent, used] = [await RawConnection.open(url), await RawConnection.open(url)];
    used.write(plain(channel, "x"));
    await used.until('{"ok":true}');
    await Promise.all([silent.closed(), used.closed()]);
    assert.equal(silent.received, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
    assert.match(used.received, accepted);
  });

  it("counts in the metrics, with what it was answered", async test => {
    const ports: unknown[] = [];
    const note = (message: string, details: Readonly<Record<string, unknown>> = {}): void => {
      if (message === "metrics served") ports.push(details["port"]);
    };
    const logger = { ...silentRelayLogger, info: note };
    const { url } = await startTestRelay(test, { metricsPort: 0 }, { logger });
    const { channel } = await createTestChannel(url);
    const connection = await RawConnection.open(url);
    connection.write(plain(channel, "x"));
    await connection.until('{"ok":true}');
    const metrics = await (await fetch(`http://127.0.0.1:${String(ports[0])}/metrics`)).text();
    assert.match(metrics, /relay_requests_total\{route="ingest",status="200"\} 1\n/);
    assert.match(metrics, /relay_events_accepted_total 1\n/);
    assert.match(metrics, /relay_unstored_bytes 0\n/);
    assert.match(metrics, /relay_connections [1-9]/);
    await connection.destroy();
  });
});
