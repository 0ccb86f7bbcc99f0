import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, second } from "../../../src/base/clock.ts";
import { type ChannelCreated, relayPaths, relaySubprotocol } from "../../../src/protocol/relayApi.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { sendRaw } from "../../support/rawHttp.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly retryAfter: number;
}

async function refusal(response: Response): Promise<Refusal> {
  const body: unknown = await response.json();
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return { status: response.status, code, retryAfter: Number(response.headers.get("retry-after")) };
}

async function postFor(created: ChannelCreated, body: string): Promise<Refusal> {
  return refusal(await fetch(created.ingestUrl, { method: "POST", body }));
}

describe("a channel that gets more than its rate", () => {
  it("is answered 429 with the time to wait, and 200 after it; other channels are not", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { maxEventsPerSecond: 1 }, { clock });
    const [busy, other] = [await createTestChannel(url), await createTestChannel(url)];
    for (let count = 0; count < 10; count++) assert.equal(await post(busy.ingestUrl, "x"), 200);
    assert.deepEqual(await postFor(busy, "x"), { status: 429, code: "CHANNEL_RATE", retryAfter: 1 });
    assert.equal(await post(other.ingestUrl, "x"), 200);
    clock.jump(second);
    assert.equal(await post(busy.ingestUrl, "x"), 200);
    assert.equal(await post(busy.ingestUrl, "x"), 429);
  });

  it("may send a body larger than ten seconds' worth, and waits for it afterwards", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { maxBytesPerSecond: 1_000 }, { clock });
    const created = await createTestChannel(url);
    assert.equal(await post(created.ingestUrl, "x".repeat(50_000)), 200);
    const { status, retryAfter } = await postFor(created, "x");
    assert.equal(status, 429);
    assert.ok(retryAfter >= 40 && retryAfter <= 42, `${retryAfter} s`);
    clock.jump(retryAfter * second);
    assert.equal(await post(created.ingestUrl, "x"), 200);
  });

  it("is refused before the body is sent when the sender asks first", async test => {
    const { url } = await startTestRelay(test, { maxEventsPerSecond: 1 }, { clock: new FakeClock() });
    const created = await createTestChannel(url);
    for (let count = 0; count < 10; count++) await post(created.ingestUrl, "x");
    const head = `POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`;
    assert.equal((await sendRaw(url, head)).status, 429);
  });
});

describe("somebody who makes channels without end", () => {
  it("is stopped by address, also with a wrong create key, and may go on an hour later", async test => {
    const clock = new FakeClock();
    const { url } = await startTestRelay(test, { maxNewChannels: 3, createKey: "the-create-key" }, { clock });
    const create = async (key: string): Promise<Response> =>
      fetch(url + relayPaths.channels, { method: "POST", headers: { authorization: `Bearer ${key}` } });
    assert.equal((await create("the-create-key")).status, 201);
    assert.equal((await create("a-guess")).status, 401);
    assert.equal((await create("a-guess")).status, 401);
    const refused = await refusal(await create("the-create-key"));
    assert.deepEqual([refused.status, refused.code], [429, "CREATE_RATE"]);
    assert.equal(refused.retryAfter, 1_200);
    clock.jump(hour);
    assert.equal((await create("the-create-key")).status, 201);
  });

  it("cannot pretend to be somebody else, unless a trusted proxy says so", async test => {
    const statuses = async (trustProxy: number): Promise<number[]> => {
      const { url } = await startTestRelay(test, { maxNewChannels: 1, trustProxy });
      const create = async (forwarded: string): Promise<number> =>
        (await fetch(url + relayPaths.channels, { method: "POST", headers: { "x-forwarded-for": forwarded } })).status;
      return [await create("192.0.2.1"), await create("192.0.2.2"), await create("192.0.2.9, 192.0.2.2")];
    };
    assert.deepEqual(await statuses(0), [201, 429, 429]);
    assert.deepEqual(await statuses(1), [201, 201, 429]);
  });

  it("gets addresses with https only where a trusted proxy says that it was", async test => {
    const originOf = async (trustProxy: number): Promise<string> => {
      const { url } = await startTestRelay(test, { trustProxy });
      const response = await fetch(url + relayPaths.channels, {
        method: "POST",
        headers: { "x-forwarded-proto": "https" },
      });
      return /"ingestUrl":"(https?):/.exec(await response.text())?.[1] ?? "";
    };
    assert.deepEqual([await originOf(0), await originOf(1)], ["http", "https"]);
  });
});

describe("streams", () => {
  it("are so many per channel and in all; who closes one makes room", async test => {
    const { url } = await startTestRelay(test, { maxStreamsPerChannel: 2, maxStreams: 3 });
    const [one, other] = [await createTestChannel(url), await createTestChannel(url)];
    const ask = async ({ channel, readKey }: ChannelCreated): Promise<string> => {
      const connection = await RawConnection.open(url);
      connection.write(
        `GET ${relayPaths.stream(channel)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nAuthorization: Bearer ${readKey}\r\n` +
          `Sec-WebSocket-Protocol: ${relaySubprotocol}\r\n\r\n`,
      );
      await connection.closed();
      return connection.received;
    };
    const readers = [await RelayReader.open(url, one), await RelayReader.open(url, one)];
    assert.match(await ask(one), /^HTTP\/1\.1 429 [^]*retry-after: 30\r\n[^]*TOO_MANY_STREAMS/);
    const third = await RelayReader.open(url, other);
    assert.match(await ask(other), /^HTTP\/1\.1 503 [^]*retry-after[^]*FULL/);
    await readers[0]?.close();
    const again = await RelayReader.open(url, one);
    await Promise.all([readers[1]?.close(), third.close(), again.close()]);
  });
});

describe("the head of a request", () => {
  it("has so many headers at most, none of which is dropped in silence", async test => {
    const { url } = await startTestRelay(test, { maxHeaders: 20 });
    const { channel } = await createTestChannel(url);
    const send = async (count: number): Promise<number> => {
      const more = Array.from({ length: count - 2 }, (_, index) => `X-${index}: y\r\n`).join("");
      return (await sendRaw(url, `POST /in/${channel} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`)).status;
    };
    assert.deepEqual([await send(20), await send(21)], [200, 431]);
  });

  it("has so many bytes at most", async test => {
    const { url } = await startTestRelay(test, { maxHeadBytes: 4_096 });
    const { channel } = await createTestChannel(url);
    const send = async (bytes: number): Promise<number> => {
      const head = `POST /in/${channel} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ${"y".repeat(bytes)}\r\n\r\n`;
      return (await sendRaw(url, head)).status;
    };
    assert.deepEqual([await send(3_000), await send(5_000)], [200, 431]);
  });

  it("comes within its time, or the connection is closed with 408 and nothing is kept", async test => {
    const { url } = await startTestRelay(test, { headTimeout: 200, requestTimeout: 200 });
    const created = await createTestChannel(url);
    const slowHead = await RawConnection.open(url);
    slowHead.write(`POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\nX-Slow`);
    const slowBody = await RawConnection.open(url);
    slowBody.write(`POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx`);
    await Promise.all([slowHead.closed(), slowBody.closed()]);
    assert.match(slowHead.received, /^HTTP\/1\.1 408 /);
    assert.ok(!slowBody.received.includes(" 200 "), slowBody.received);
    const reader = await RelayReader.open(url, created);
    assert.equal((await reader.expect("hello")).newest, 0);
    await reader.close();
  });
});

describe("connections", () => {
  it("are so many at most, and end when they idle", async test => {
    const { url } = await startTestRelay(test, { maxConnections: 2, idleTimeout: 100 });
    const connections = [await RawConnection.open(url), await RawConnection.open(url)];
    for (const connection of connections) {
      connection.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
      await connection.until("instance");
    }
    const surplus = await RawConnection.open(url);
    await surplus.closed();
    assert.equal(surplus.received, "");
    await Promise.all(connections.map(async connection => connection.closed()));
    const late = await RawConnection.open(url);
    late.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await late.closed();
    assert.match(late.received, /^HTTP\/1\.1 200 /);
  });
});

describe("bodies under way", () => {
  it("of strangers are not held: a channel that does not exist is refused before a large body is read", async test => {
    const { url } = await startTestRelay(test);
    const connection = await RawConnection.open(url);
    connection.write(`POST /in/${"n".repeat(32)} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbegin`);
    await connection.until("UNKNOWN_CHANNEL");
    assert.match(connection.received, /^HTTP\/1\.1 404 /);
    await connection.destroy();
  });
});

describe("the memory of requests under way", () => {
  const mebibyte = 1024 * 1024;
  /** A request that is not whole yet, from a client behind the proxy; the relay has what was sent of it when it resolves. */
  const begin = async (
    url: string,
    channel: string,
    client: string,
    body: string,
    more = "",
  ): Promise<RawConnection> => {
    const connection = await RawConnection.open(url);
    const lines = `Host: x\r\nX-Forwarded-For: ${client}\r\nExpect: 100-continue\r\nContent-Length: ${body.length + 1}\r\n${more}`;
    connection.write(`POST /in/${channel} HTTP/1.1\r\n${lines}\r\n`);
    await connection.until("\r\n\r\n");
    connection.write(body);
    return connection;
  };

  it("is half of all for one channel and half for one address, and what they leave is for others", async test => {
    const { url } = await startTestRelay(test, { maxUnstoredBytes: 3 * mebibyte, trustProxy: 1 });
    const [busy, other] = [await createTestChannel(url), await createTestChannel(url)];
    const large = "x".repeat(0.9 * mebibyte);
    const first = await begin(url, busy.channel, "192.0.2.1", large);
    // Told apart by what is refused: the second large body of the channel, and of the address.
    const ofChannel = await begin(url, busy.channel, "192.0.2.2", large);
    ofChannel.write("x");
    await ofChannel.until("BUSY");
    const ofAddress = await begin(url, other.channel, "192.0.2.1", large);
    ofAddress.write("x");
    await ofAddress.until("BUSY");
    const ofAnother = await begin(url, other.channel, "192.0.2.2", large);
    ofAnother.write("x");
    await ofAnother.until('{"ok":true}');
    first.write("x");
    await first.until('{"ok":true}');
    await Promise.all([first, ofChannel, ofAddress, ofAnother].map(async connection => connection.destroy()));
  });

  it("counts heads, and leaves room for the question how the relay is", async test => {
    const { url } = await startTestRelay(test, { maxUnstoredBytes: 400_000, maxBodyBytes: 1_000 });
    const { channel } = await createTestChannel(url);
    const heads: RawConnection[] = [];
    for (let refused = false; !refused;) {
      const connection = await begin(url, channel, "192.0.2.1", "x", `X-Long: ${"y".repeat(30_000)}\r\n`);
      refused = connection.received.includes("BUSY");
      heads.push(connection);
    }
    assert.ok(heads.length > 5 && heads.length < 8, `${heads.length} heads`);
    assert.equal((await fetch(url + relayPaths.health)).status, 200);
    const headers = { "x-long": "y".repeat(30_000) };
    assert.equal((await fetch(url + relayPaths.channels, { method: "POST", headers })).status, 503);
    await Promise.all(heads.map(async connection => connection.destroy()));
    while ((await fetch(`${url}/in/${channel}`, { method: "POST", body: "x" })).status !== 200);
  });
});

describe("what is kept of a channel", () => {
  it("has so many bytes at most: the oldest go, and a gap says so", async test => {
    const { url } = await startTestRelay(test, { maxChannelBytes: 100_000 });
    const created = await createTestChannel(url);
    for (let count = 0; count < 30; count++) assert.equal(await post(created.ingestUrl, "z".repeat(10_000)), 200);
    const reader = await RelayReader.open(url, created, 1);
    const { oldest, newest } = await reader.expect("hello");
    assert.equal(newest, 30);
    assert.ok(newest - oldest + 1 >= 9 && newest - oldest + 1 <= 12, `${newest - oldest + 1} kept`);
    assert.deepEqual(await reader.expect("gap"), { type: "gap", from: 2, to: oldest - 1, reason: "retention" });
    assert.equal((await reader.expect("event")).sequence, oldest);
    await reader.close();
  });

  it("is at least its newest event, however large", async test => {
    const { url } = await startTestRelay(test, { maxChannelBytes: 1_000 });
    const created = await createTestChannel(url);
    assert.equal(await post(created.ingestUrl, "z".repeat(10_000)), 200);
    assert.equal(await post(created.ingestUrl, "z".repeat(10_000)), 200);
    const reader = await RelayReader.open(url, created, 1);
    assert.deepEqual((({ oldest, newest }) => [oldest, newest])(await reader.expect("hello")), [2, 2]);
    await reader.close();
  });
});
