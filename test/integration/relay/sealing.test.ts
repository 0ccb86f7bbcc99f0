import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { ensureChannelKey, setChannelKey } from "../../../src/core/relay/channelKey.ts";
import { type RelayChannel, createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { RelaySession } from "../../../src/core/relay/relaySession.ts";
import { decodeCapturedRequest, encodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import type { ChannelCreated } from "../../../src/protocol/relayApi.ts";
import { plainPayload, sealedPayload } from "../../../src/protocol/relayFrames.ts";
import { type SealingKeyPair, generateSealingKeyPair } from "../../../src/protocol/sealing.ts";
import { startChildServer } from "../../support/childServer.ts";
import { MemorySink } from "../../support/memorySink.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

async function newChannel(url: string): Promise<RelayChannel> {
  const created = await createRelayChannel(url);
  assert.ok(created.ok);
  return created.value;
}

function currentKey({ keys: [newest] }: RelayChannel): SealingKeyPair {
  assert.ok(newest !== undefined);
  return newest;
}

/** What an editor makes of all that the relay has for the channel. */
async function readAll(test: TestContext, channel: RelayChannel): Promise<MemorySink> {
  const sink = new MemorySink();
  const session = new RelaySession({ channel, sink, clock: systemClock, random: () => 0, logger: silentLogger });
  test.after(() => session.dispose());
  const live = new Promise<void>(resolve => session.onDidChangeState(({ kind }) => kind === "live" && resolve()));
  session.start();
  await live;
  session.dispose();
  return sink;
}

function bodiesOf(sink: MemorySink): (string | undefined)[] {
  return sink.batches.flat().map(({ payload, unreadable }) => {
    const decoded = unreadable === undefined ? decodeCapturedRequest(payload) : undefined;
    return decoded?.ok === true ? Buffer.from(decoded.value.body).toString() : unreadable;
  });
}

async function ask(
  url: string,
  method: string,
  body?: string,
  key?: string,
): Promise<{ status: number; body: unknown }> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, body: await response.json() };
}

interface Engine {
  readonly name: string;
  /** Where the engine writes, and how the relay is told to use it. */
  readonly start: (test: TestContext) => Promise<{ readonly folder: string; readonly args: readonly string[] }>;
}

const engines: readonly Engine[] = [
  {
    name: "SQLite",
    start: async test => {
      const folder = temporaryFolder(test);
      return Promise.resolve({ folder, args: ["--data-dir", folder] });
    },
  },
  {
    name: "JetStream",
    start: async test => {
      const [server] = await startNatsServers(test, 1);
      assert.ok(server);
      return { folder: server.dataDir, args: ["--nats", server.url, "--replicas", "1"] };
    },
  },
];

for (const { name, start } of engines) {
  it(`a relay on ${name} writes nothing of what was sent, and the editor reads all of it`, async test => {
    const { folder: dataDir, args } = await start(test);
    const server = await startChildServer(test, script, args);
    const channel = await newChannel(server.url);
    const marker = { body: randomUUID(), header: randomUUID(), path: randomUUID(), query: randomUUID() };
    for (let count = 0; count < 20; count++) {
      const address = `${channel.ingestUrl}/${marker.path}?q=${marker.query}`;
      const response = await fetch(address, {
        method: "POST",
        headers: { "x-marker": marker.header },
        body: marker.body.repeat(1 + count * 10),
      });
      assert.equal(response.status, 200);
    }
    const secrets = [...Object.values(marker), channel.readKey, currentKey(channel).privateKey, "x-marker"];
    assertNowhere(dataDir, server.log(), secrets);
    const plain = await createTestChannel(server.url);
    assert.equal(await post(plain.ingestUrl, "what is in the clear is found by this search"), 200);
    assert.throws(() => assertNowhere(dataDir, "", ["in the clear is found"]));
    const sink = await readAll(test, channel);
    assert.equal(sink.sequences.length, 20);
    for (const { payload } of sink.batches.flat()) {
      for (const secret of Object.values(marker)) assert.ok(Buffer.from(payload).includes(secret));
    }
    assert.equal(await server.end("SIGTERM"), 0);
    assertNowhere(dataDir, server.log(), secrets);
  });
}

describe("a relay whose channel has a key", { timeout: 60_000 }, () => {
  it("can be killed and started again: what it sealed before opens after", async test => {
    const dataDir = temporaryFolder(test);
    const first = await startChildServer(test, script, ["--data-dir", dataDir]);
    const channel = await newChannel(first.url);
    assert.equal(await post(channel.ingestUrl, "before"), 200);
    await first.end("SIGKILL");
    const second = await startChildServer(test, script, ["--data-dir", dataDir]);
    const moved = { ...channel, relayUrl: second.url };
    assert.equal(await post(`${second.url}/in/${channel.channel}`, "after"), 200);
    assert.deepEqual(bodiesOf(await readAll(test, moved)), ["before", "after"]);
  });

  it("seals to another key from the moment that it is given one; the editor opens both with both", async test => {
    const { url } = await startTestRelay(test);
    const channel = await newChannel(url);
    const next = await generateSealingKeyPair();
    assert.equal(await post(channel.ingestUrl, "to the first"), 200);
    assert.ok((await setChannelKey(channel, next.publicKey)).ok);
    assert.equal(await post(channel.ingestUrl, "to the second"), 200);
    const both = { ...channel, keys: [next, currentKey(channel)] };
    assert.deepEqual(bodiesOf(await readAll(test, both)), ["to the first", "to the second"]);
    assert.deepEqual(bodiesOf(await readAll(test, channel)), ["to the first", "no-key"]);
    assert.deepEqual(bodiesOf(await readAll(test, { ...channel, keys: [next] })), ["no-key", "to the second"]);
  });

  it("has its key set anew by the editor when it is not the newest, and not otherwise", async test => {
    const { url } = await startTestRelay(test);
    const channel = await newChannel(url);
    assert.deepEqual(await ensureChannelKey(channel), { ok: true, value: false });
    const rotated = { ...channel, keys: [await generateSealingKeyPair(), ...channel.keys] };
    assert.deepEqual(await ensureChannelKey(rotated), { ok: true, value: true });
    assert.deepEqual(await ensureChannelKey(rotated), { ok: true, value: false });
  });
});

describe("the key of a channel over HTTP", { timeout: 60_000 }, () => {
  it("wants the read key, and an X25519 key that something can be sealed to", async test => {
    const { url } = await startTestRelay(test);
    const channel = await newChannel(url);
    const address = `${url}/v1/channels/${channel.channel}/key`;
    const good = JSON.stringify({ publicKey: (await generateSealingKeyPair()).publicKey });
    assert.equal((await ask(address, "PUT", good)).status, 401);
    assert.equal((await ask(address, "PUT", good, "not-the-key-of-this-channel")).status, 401);
    assert.equal((await ask(`${url}/v1/channels/no-such-channel-here/key`, "PUT", good, channel.readKey)).status, 404);
    assert.equal((await ask(address, "POST", good, channel.readKey)).status, 405);
    const zero = Buffer.alloc(32).toString("base64url");
    const bad = ["", "{", "[]", "{}", '{"publicKey":1}', '{"publicKey":"short"}', JSON.stringify({ publicKey: zero })];
    for (const body of bad) {
      const answer = await ask(address, "PUT", body, channel.readKey);
      assert.equal(answer.status, 400, body);
      assert.match(JSON.stringify(answer.body), /MALFORMED_PUBLIC_KEY/);
    }
    assert.equal((await ask(address, "PUT", "x".repeat(2000), channel.readKey)).status, 413);
    assert.deepEqual(await ensureChannelKey(channel), { ok: true, value: false }, "none of that changed the key");
    assert.equal((await ask(address, "PUT", good, channel.readKey)).status, 200);
  });

  it("is refused with the channel when malformed, and may be wanted by the operator", async test => {
    const { url } = await startTestRelay(test, { requirePublicKey: true });
    const address = `${url}/v1/channels`;
    assert.match(JSON.stringify((await ask(address, "POST")).body), /PUBLIC_KEY_REQUIRED/);
    assert.match(JSON.stringify((await ask(address, "POST", "{}")).body), /PUBLIC_KEY_REQUIRED/);
    assert.match(JSON.stringify((await ask(address, "POST", "no json")).body), /MALFORMED_PUBLIC_KEY/);
    assert.ok((await createRelayChannel(url)).ok);
  });
});

describe("a channel without a key", { timeout: 60_000 }, () => {
  it("is kept in the clear until it is given one; then the editor has both", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    assert.equal(created.keyId, undefined);
    assert.equal(await post(created.ingestUrl, "plain"), 200);
    const channel = { ...created, relayUrl: url, keys: [await generateSealingKeyPair()] };
    assert.deepEqual(await ensureChannelKey(channel), { ok: true, value: true });
    assert.equal(await post(created.ingestUrl, "sealed"), 200);
    assert.deepEqual(bodiesOf(await readAll(test, channel)), ["plain", "sealed"]);
    const reader = await RelayReader.open(url, created);
    await reader.expect("hello");
    assert.equal((await reader.expect("event")).scheme, plainPayload);
    assert.equal((await reader.expect("event")).scheme, sealedPayload);
    await reader.close();
  });

  it("of a relay's database from before sealing is taken over with its events", async test => {
    const dataDir = temporaryFolder(test);
    const created = makeDatabaseOfBefore(dataDir);
    const { url } = await startTestRelay(test, { dataDir });
    const channel = { ...created, relayUrl: url, keys: [await generateSealingKeyPair()] };
    assert.deepEqual(await ensureChannelKey(channel), { ok: true, value: true });
    assert.equal(await post(`${url}/in/${created.channel}`, "new"), 200);
    assert.deepEqual(bodiesOf(await readAll(test, channel)), ["old", "new"]);
  });
});

/** A relay's database as the version before sealing made it, with one channel and one event. */
function makeDatabaseOfBefore(directory: string): ChannelCreated {
  const created = { channel: "channel-of-before", readKey: "key-of-the-channel", ingestUrl: "http://127.0.0.1/in/x" };
  const request = { method: "POST", path: "", query: "", headers: [], body: Buffer.from("old") };
  const database = new DatabaseSync(join(directory, "relay.db"));
  database.exec(`
    CREATE TABLE channel (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, read_key_hash BLOB NOT NULL, created_at INTEGER NOT NULL,
      next_sequence INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE event (
      arrival INTEGER PRIMARY KEY, channel INTEGER NOT NULL, sequence INTEGER NOT NULL, received_at INTEGER NOT NULL,
      scheme INTEGER NOT NULL, payload BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX event_by_sequence ON event (channel, sequence);
    PRAGMA user_version = 1;
  `);
  const hash = createHash("sha256").update(created.readKey).digest();
  database.prepare("INSERT INTO channel VALUES (1, ?, ?, ?, 2)").run(created.channel, hash, Date.now());
  const event = "INSERT INTO event (channel, sequence, received_at, scheme, payload) VALUES (1, 1, ?, 0, ?)";
  database.prepare(event).run(Date.now(), encodeCapturedRequest(request));
  database.close();
  return created;
}

/** Looks through every byte that the relay has written: database, write-ahead log, whatever else, and its log. */
function assertNowhere(directory: string, log: string, secrets: readonly string[]): void {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const files = entries.map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name))] as const);
  assert.ok(
    files.some(([, bytes]) => bytes.byteLength > 20_000),
    "the events are somewhere",
  );
  for (const [name, bytes] of [...files, ["the log", Buffer.from(log)] as const]) {
    for (const secret of secrets) assert.equal(bytes.includes(secret), false, `${name} has ${secret}`);
  }
}
