import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { type TestContext, describe, it } from "node:test";
import { PublicDoor } from "../../../src/core/address/publicDoor.ts";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { startTestRelay } from "../../support/testRelay.ts";

async function openDoor(test: TestContext, relay: () => string | undefined, port = 0): Promise<PublicDoor> {
  const door = await PublicDoor.open({ relay }, port);
  test.after(() => door.dispose());
  return door;
}

/** Something that takes down what reaches it, in place of a relay. */
async function startListener(test: TestContext) {
  const seen: { readonly url: string | undefined; readonly rawHeaders: string[]; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({ url: request.url, rawHeaders: request.rawHeaders, body: Buffer.concat(chunks).toString("latin1") });
      response.writeHead(429, { "retry-after": "7" }).end("later");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("the door that a public address leads to", () => {
  it("passes on what is for the relay's ingest, and the relay's answer, and nothing else", async test => {
    const relay = await startTestRelay(test);
    const door = await openDoor(test, () => relay.url);
    const created = await fetch(relay.url + relayPaths.channels, { method: "POST" });
    const { channel } = (await created.json()) as { channel: string };
    const sent = await fetch(door.url + relayPaths.ingest(channel), { method: "POST", body: "hello" });
    assert.equal(sent.status, 200);
    assert.equal((await fetch(`${door.url}/in/unknown-channel-000`, { method: "POST" })).status, 404);
    for (const path of [relayPaths.channels, relayPaths.health, relayPaths.channel(channel), "/lease", "/"]) {
      assert.equal((await fetch(door.url + path, { method: "POST" })).status, 404, path);
    }
    assert.equal((await fetch(`${door.url}/in/../v1/channels`, { method: "POST" })).status, 404);
  });

  it("says nothing in the clear to a relay at https", async test => {
    const heard: Buffer[] = [];
    const relay = createSocketServer(socket => {
      socket.on("error", () => undefined);
      socket.once("data", bytes => {
        heard.push(bytes);
        socket.destroy();
      });
    });
    relay.listen(0, "127.0.0.1");
    await once(relay, "listening");
    test.after(() => relay.close());
    const door = await openDoor(test, () => `https://127.0.0.1:${(relay.address() as AddressInfo).port}`);
    const sent = await fetch(door.url + relayPaths.ingest("a".repeat(22)), { method: "POST", body: "secret" });
    assert.equal(sent.status, 503);
    // A record of a TLS handshake begins so.
    assert.deepEqual([...(heard[0]?.subarray(0, 2) ?? [])], [0x16, 0x03]);
  });

  it("keeps names, order and repetitions of headers, the bytes of the body and the query", async test => {
    const listener = await startListener(test);
    const door = await openDoor(test, () => listener.url);
    const headers = ["Host", "quiet.example.com", "X-One", "1", "x-ONE", "2", "Content-Length", "3"];
    const { request } = await import("node:http");
    const sent = request(`${door.url}/in/abc/deep?a=1&b=%20`, { method: "POST", headers, agent: false });
    sent.end(Buffer.from([0, 255, 10]));
    const [response] = (await once(sent, "response")) as [{ statusCode: number; headers: Record<string, string> }];
    assert.equal(response.statusCode, 429);
    assert.equal(response.headers["retry-after"], "7");
    const [seen] = listener.seen;
    assert.equal(seen?.url, "/in/abc/deep?a=1&b=%20");
    // The client of the test adds one, the door none.
    assert.deepEqual(seen.rawHeaders, [...headers, "Connection", "close"]);
    assert.equal(seen.body, "\u0000\u00ff\n");
  });

  it("tells senders to come again while the relay is away, and finds it on another port", async test => {
    let relay: string | undefined;
    const door = await openDoor(test, () => relay);
    const send = async (): Promise<Response> => fetch(`${door.url}/in/abc`, { method: "POST", body: "x" });
    assert.equal((await send()).status, 503);
    relay = "http://127.0.0.1:1";
    const refused = await send();
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "5");
    relay = (await startListener(test)).url;
    assert.equal((await send()).status, 429);
  });

  it("takes the port of last time if it is free, else another", async test => {
    const first = await openDoor(test, () => undefined);
    const second = await openDoor(test, () => undefined, first.port);
    assert.notEqual(second.port, first.port);
    const { port } = first;
    first.dispose();
    const third = await openDoor(test, () => undefined, port);
    assert.equal(third.port, port);
  });
});
