import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { upgradeRequest } from "../../support/hostileInput.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { sendRaw } from "../../support/rawHttp.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

describe("an upgrade that is replayed", () => {
  it("opens nothing on the connection that it has opened a stream on", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const connection = await RawConnection.open(url);
    connection.write(upgradeRequest(created));
    await connection.until('"live"');
    connection.write(upgradeRequest(created));
    await connection.closed();
    assert.equal(connection.received.match(/HTTP\/1\.1 101/g)?.length, 1);
    assert.equal(connection.received.match(/"hello"/g)?.length, 1);
  });

  it("opens nothing once the channel is deleted", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const replay = upgradeRequest(created);
    const headers = { authorization: `Bearer ${created.readKey}` };
    assert.equal((await fetch(url + relayPaths.channel(created.channel), { method: "DELETE", headers })).status, 204);
    assert.match((await sendRaw(url, replay)).head, /^HTTP\/1\.1 404 /);
  });

  it("opens nothing where it is preceded by a request on the same connection that failed", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const answer = await sendRaw(url, `POST / HTTP/9.9\r\nHost: x\r\n\r\n${upgradeRequest(created)}`);
    assert.match(answer.head, /^HTTP\/1\.1 (400|505) /);
    assert.ok(!answer.body.includes("101 Switching"));
  });
});

describe("an attempt to smuggle", () => {
  const cases: Readonly<Record<string, (target: string) => string>> = {
    "two lengths that differ": target =>
      `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    "a length beside chunks": target =>
      `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "a coding that is not chunked": target =>
      `POST ${target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc`,
    "a space before the colon": target => `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc`,
    "a folded header": target => `POST ${target} HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Content-Length: 3\r\n\r\n`,
    "a bare line feed": target => `POST ${target} HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc`,
    "a carriage return in a header": target => `POST ${target} HTTP/1.1\r\nHost: x\r\nX-A: b\rX-C: d\r\n\r\n`,
    "a zero byte in a header": target => `POST ${target} HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n`,
    "a chunk size that is none": target =>
      `POST ${target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
  };
  for (const [name, make] of Object.entries(cases)) {
    it(`with ${name} is answered 400, and nothing is kept`, async test => {
      const { url } = await startTestRelay(test);
      const created = await createTestChannel(url);
      assert.match((await sendRaw(url, make(relayPaths.ingest(created.channel)))).head, /^HTTP\/1\.1 400 /);
      const reader = await RelayReader.open(url, created);
      assert.equal((await reader.expect("hello")).newest, 0);
      await reader.close();
    });
  }
});

describe("what a sender writes into its request", () => {
  it("comes back in no answer, so that it cannot become a header of one", async test => {
    const { url } = await startTestRelay(test);
    const { channel } = await createTestChannel(url);
    const injected = "%0d%0aX-Injected:%20yes";
    for (const target of [`/in/${channel}/${injected}`, `/${injected}`, `/v1/channels/${injected}`]) {
      const answer = await sendRaw(url, `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.ok(!`${answer.head}${answer.body}`.toLowerCase().includes("injected"), target);
    }
  });

  it("as Host gets into no address that the relay hands out, unless it is one", async test => {
    const { url } = await startTestRelay(test);
    for (const host of ["evil.example.com/path?", 'a"b', "user@evil.example.com", "a b", "evil.example.com#", ""]) {
      const answer = await sendRaw(url, `POST /v1/channels HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.equal(answer.status, 400, host);
    }
  });
});

describe("a key that opens one channel", () => {
  it("opens, shows and deletes no other, by whatever method", async test => {
    const { url } = await startTestRelay(test);
    const [mine, other] = [await createTestChannel(url), await createTestChannel(url)];
    assert.equal(await post(other.ingestUrl, "kept"), 200);
    const headers = { authorization: `Bearer ${mine.readKey}` };
    for (const method of ["GET", "DELETE", "PUT", "POST"]) {
      const response = await fetch(url + relayPaths.channel(other.channel), { method, headers });
      assert.equal(response.status, 401, method);
    }
    assert.match((await sendRaw(url, upgradeRequest({ ...other, readKey: mine.readKey }))).head, /^HTTP\/1\.1 401 /);
    const reader = await RelayReader.open(url, other);
    assert.equal((await reader.expect("hello")).newest, 1);
    await reader.close();
  });
});
