import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { fail } from "../../../src/base/result.ts";
import { defaultRelayOptions } from "../../../src/relay/relay.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { sendRaw } from "../../support/rawHttp.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

describe("what a sender posts", () => {
  it("arrives with its method, path, query and headers as they were sent", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await reader.expect("live");
    const { host } = new URL(url);
    const answer = await sendRaw(
      url,
      `PATCH /in/${created.channel}/a%2Fb//c/../d;v=1?x=1&x=2&y=%20+%zz& HTTP/1.1\r\nHost: ${host}\r\n` +
        "X-One: first\r\nx-one:  second \r\nX-Latin: caf\xe9\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '{"ok":true}');
    const { body, ...head } = await reader.expectRequest();
    assert.deepEqual(head, {
      method: "PATCH",
      path: "/a%2Fb//c/../d;v=1",
      query: "x=1&x=2&y=%20+%zz&",
      headers: [
        ["Host", host],
        ["X-One", "first"],
        ["x-one", "second"],
        ["X-Latin", "cafÃ©"],
        ["Content-Length", "3"],
        ["Connection", "close"],
      ],
    });
    assert.equal(Buffer.from(body).toString(), "abc");
    await reader.close();
  });

  it("arrives byte for byte, whatever the bytes and however many", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await reader.expect("live");
    for (const size of [0, 1, 17, 1200, 65_536, 1024 * 1024]) {
      const sent = randomBytes(size);
      assert.equal(await post(created.ingestUrl, sent), 200);
      const { body } = await reader.expectRequest();
      assert.ok(sent.equals(body), `${size} bytes`);
    }
    await reader.close();
  });

  it("may be chunked, and may have no body at all", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    await reader.expect("live");
    const head = (method: string): string =>
      `${method} /in/${created.channel} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
    const chunked = await sendRaw(
      url,
      `${head("POST")}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;a=b\r\n world!\r\n0\r\n\r\n`,
    );
    assert.equal(chunked.status, 200);
    assert.equal(Buffer.from((await reader.expectRequest()).body).toString(), "hello world!");
    for (const method of ["GET", "HEAD", "OPTIONS", "DELETE", "PROPFIND"]) {
      assert.equal((await sendRaw(url, `${head(method)}\r\n`)).status, 200, method);
      const { method: captured, body } = await reader.expectRequest();
      assert.deepEqual([captured, body.byteLength], [method, 0]);
    }
    await reader.close();
  });

  it("is taken as a request when it offers HTTP/2, not refused as an upgrade", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const answer = await sendRaw(
      url,
      `POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n` +
        "HTTP2-Settings: AAEAAEAAAAIAAAAB\r\nContent-Length: 2\r\n\r\nhi",
    );
    assert.equal(answer.status, 200);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    assert.equal(Buffer.from((await reader.expectRequest()).body).toString(), "hi");
    await reader.close();
  });

  it("is not answered 200 when the body is too large, and nothing of it is kept", async test => {
    const { url } = await startTestRelay(test, { maxBodyBytes: 1000 });
    const created = await createTestChannel(url);
    assert.equal(await post(created.ingestUrl, randomBytes(1000)), 200);
    assert.equal(await post(created.ingestUrl, randomBytes(1001)), 413);
    const chunks = `3e8\r\n${"x".repeat(1000)}\r\n1\r\ny\r\n0\r\n\r\n`;
    const chunked = await sendRaw(
      url,
      `POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    );
    assert.equal(chunked.status, 413);
    assert.equal(await newestOf(url, created), 1);
  });

  it("is refused before its body is sent when the sender asks first", async test => {
    const { url } = await startTestRelay(test, { maxBodyBytes: 1000 });
    const created = await createTestChannel(url);
    const ask = async (channel: string, length: number): Promise<number> => {
      const head = `POST /in/${channel} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
      return (await sendRaw(url, length === 3 ? `${head}abc` : head)).status;
    };
    assert.equal(await ask(created.channel, 5000), 413);
    assert.equal(await ask("n".repeat(32), 10), 404);
    assert.equal(await ask(created.channel, 3), 100);
    assert.equal(await newestOf(url, created), 1);
  });

  it("is answered 404 for a channel that does not exist or an address that is none", async test => {
    const { url } = await startTestRelay(test);
    const { channel } = await createTestChannel(url);
    for (const path of [
      "/in/",
      "/in",
      `/in/${channel}x`,
      `/in//${channel}`,
      `/in/${channel};a`,
      `/in/%41${channel}`,
      "/",
    ]) {
      assert.equal(await post(url + path, "x"), 404, path);
    }
  });

  it("is answered 503 with Retry-After when the log cannot keep it", async test => {
    const log = await SqliteEventLog.open({
      directory: temporaryFolder(test),
      retention: { maxAge: defaultRelayOptions.maxAge, maxEvents: 10, maxBytes: 1e6, maxStorageBytes: 1e9 },
      clock: systemClock,
      logger: silentRelayLogger,
    });
    const failing: EventLog = Object.assign(Object.create(log) as EventLog, {
      findChannel: async (channel: string) =>
        Promise.resolve({ channel, readKeyHash: new Uint8Array(32), createdAt: 0 }),
      recallChannel: () => undefined,
      append: async () => Promise.resolve(fail({ kind: "storage", cause: "disk full" } as const)),
      close: async () => log.close(),
    });
    const { url } = await startTestRelay(test, {}, { log: failing });
    const response = await fetch(`${url}/in/whatever`, { method: "POST", body: "x" });
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    assert.deepEqual(await response.json(), {
      error: { code: "STORAGE_DOWN", message: "The relay cannot store events now." },
    });
  });

  it("is not kept when the sender leaves in the middle", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const socket = await import("node:net").then(({ connect }) => connect(Number(new URL(url).port), "127.0.0.1"));
    socket.write(`POST /in/${created.channel} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`);
    await new Promise(resolve => socket.once("connect", resolve));
    await new Promise<void>(resolve => socket.end(() => resolve()));
    socket.destroy();
    assert.equal(await post(created.ingestUrl, "whole"), 200);
    assert.equal(await newestOf(url, created), 1);
  });
});

async function newestOf(url: string, { channel, readKey }: { channel: string; readKey: string }): Promise<unknown> {
  const response = await fetch(`${url}/v1/channels/${channel}`, { headers: { authorization: `Bearer ${readKey}` } });
  const state: unknown = await response.json();
  return typeof state === "object" && state !== null && "newest" in state ? state.newest : undefined;
}
