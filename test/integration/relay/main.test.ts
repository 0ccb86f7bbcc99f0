import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runToExit, startChildServer } from "../../support/childServer.ts";
import { fatalBody } from "../../support/failingStoreThread.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, post } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

describe("the relay as a program", () => {
  it("answers who it is, and ends with 0 on SIGTERM after telling its editors", async test => {
    const server = await startChildServer(test, script, ["--data-dir", temporaryFolder(test)]);
    const health: unknown = await (await fetch(`${server.url}/healthz`)).json();
    assert.ok(typeof health === "object" && health !== null && "service" in health && health.service === "relay");
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const reader = await RelayReader.open(server.url, await createTestChannel(server.url));
    await reader.expect("hello");
    await reader.expect("live");
    assert.equal(await server.end("SIGTERM"), 0);
    assert.equal((await reader.expect("goodbye")).reason, "restart");
    assert.equal(await reader.closed(), 1012);
  });

  it("lets no second process have its data directory: that one ends with 75 and says so", async test => {
    const dataDir = temporaryFolder(test);
    const server = await startChildServer(test, script, ["--data-dir", dataDir]);
    const second = await runToExit(script, ["--data-dir", dataDir]);
    assert.equal(second.code, 75);
    assert.match(second.stderr, /^Another process uses the data directory .+\n$/);
    assert.equal(second.stdout, "");
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  });

  it("writes where it listens into server.json, ends itself when unused, and takes the file with it", async test => {
    const dataDir = temporaryFolder(test);
    const server = await startChildServer(test, script, ["--data-dir", dataDir, "--exit-when-unused", "1"]);
    const written: unknown = JSON.parse(readFileSync(join(dataDir, "server.json"), "utf8"));
    assert.ok(typeof written === "object" && written !== null && "url" in written && "pid" in written);
    assert.deepEqual([written.url, written.pid], [server.url, server.pid]);
    const lease = get(`${server.url}/lease`, { agent: false });
    await new Promise<void>((resolve, reject) => {
      lease.on("error", reject);
      lease.on("response", response => response.once("data", () => resolve()));
    });
    lease.destroy();
    assert.equal(await server.exited, 0);
    assert.throws(() => readFileSync(join(dataDir, "server.json")), { code: "ENOENT" });
  });

  it("takes another port where it may, and otherwise says that the port is taken", async test => {
    const first = await startChildServer(test, script, ["--data-dir", temporaryFolder(test)]);
    const { port } = new URL(first.url);
    const args = ["--data-dir", temporaryFolder(test), "--port", port];
    const refused = await runToExit(script, args);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /EADDRINUSE/);
    const second = await startChildServer(test, script, [...args, "--port-or-any"]);
    assert.notEqual(second.url, first.url);
  });

  it("says which option it cannot use and ends with 64", async () => {
    const bad = await runToExit(script, ["--port", "70000"]);
    assert.equal(bad.code, 64);
    assert.match(bad.stderr, /--port is a whole number from 0 to 65535\./);
    assert.equal((await runToExit(script, ["--no-such-option"])).code, 64);
    assert.equal((await runToExit(script, [], { ZCN_RELAY_WINDOW: "none" })).code, 64);
  });

  it("hands out addresses under its public URL, and channels to holders of the create key only", async test => {
    const args = ["--data-dir", temporaryFolder(test), "--public-url", "https://relay.example.com/zcn/"];
    const server = await startChildServer(test, script, args, {
      ZCN_RELAY_CREATE_KEY: "open sesame".replace(" ", "-"),
    });
    assert.equal((await fetch(`${server.url}/v1/channels`, { method: "POST" })).status, 401);
    const headers = { authorization: "Bearer open-sesame" };
    const created: unknown = await (await fetch(`${server.url}/v1/channels`, { method: "POST", headers })).json();
    assert.ok(typeof created === "object" && created !== null && "ingestUrl" in created && "channel" in created);
    assert.equal(created.ingestUrl, `https://relay.example.com/zcn/in/${String(created.channel)}`);
  });

  it("ends with 70 when its storage thread breaks, refuses what was under way, and keeps what it had accepted", async test => {
    const dataDir = temporaryFolder(test);
    const preload = new URL("../../support/failingStoreThread.ts", import.meta.url).href;
    const environment = { NODE_OPTIONS: `--import=${preload}` };
    const server = await startChildServer(test, script, ["--data-dir", dataDir], environment);
    const created = await createTestChannel(server.url);
    assert.equal(await post(created.ingestUrl, "accepted"), 200);
    assert.equal(await post(created.ingestUrl, fatalBody), 503);
    assert.equal(await server.exited, 70);
    assert.match(server.log(), /storage failed/);
    const again = await startChildServer(test, script, ["--data-dir", dataDir]);
    const reader = await RelayReader.open(again.url, created);
    await reader.expect("hello");
    // What got 503 may be there all the same: it was not promised.
    assert.match(Buffer.from((await reader.expect("event")).payload).toString(), /accepted$/);
    await reader.close();
    await again.end("SIGTERM");
  });

  it("writes neither payloads nor keys nor channel addresses into its log, and no read key to disk", async test => {
    const dataDir = temporaryFolder(test);
    const server = await startChildServer(test, script, ["--data-dir", dataDir]);
    const created = await createTestChannel(server.url);
    assert.equal(await post(`${created.ingestUrl}/marker-path?marker-query`, "marker-body"), 200);
    const reader = await RelayReader.open(server.url, created);
    await reader.expect("hello");
    await reader.close();
    await server.end("SIGTERM");
    assert.match(server.log(), /stream opened/);
    for (const secret of [created.channel, created.readKey, "marker"]) assert.ok(!server.log().includes(secret));
    assert.ok(!readFileSync(join(dataDir, "relay.db")).includes(created.readKey));
  });
});
