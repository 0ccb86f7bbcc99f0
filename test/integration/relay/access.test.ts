import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { relayErrorCode, relayPaths } from "../../../src/protocol/relayApi.ts";
import { newReadKey } from "../../../src/relay/channelKeys.ts";
import { startChildServer } from "../../support/childServer.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, post, startTestRelay } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

/** Asks as whoever has `key`; the status, and the relay's code where it says no. */
async function ask(address: string, method: string, key: string, body?: unknown): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(address, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const code = answer.ok ? undefined : relayErrorCode(JSON.parse(text));
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
}

describe("the read key of a channel", { timeout: 60_000 }, () => {
  it("is replaced by its owner: the old one stops at once, also in open streams, and the events stay", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const address = url + relayPaths.readKey(created.channel);
    assert.equal(await post(created.ingestUrl, "before"), 200);
    const before = await RelayReader.open(url, created);
    await before.expect("hello");
    const readKey = newReadKey();
    assert.equal(await ask(address, "PUT", created.readKey, { readKey }), "204");
    assert.equal(await before.closed(), 4401);
    assert.equal(await ask(url + relayPaths.channel(created.channel), "GET", created.readKey), "401 WRONG_KEY");
    assert.equal(await ask(address, "PUT", created.readKey, { readKey: newReadKey() }), "401 WRONG_KEY");
    assert.equal(await post(created.ingestUrl, "after"), 200);
    const after = await RelayReader.open(url, { ...created, readKey });
    assert.equal((await after.expect("hello")).newest, 2);
    // Once more is no harm: whoever did not get the answer asks again.
    assert.equal(await ask(address, "PUT", readKey, { readKey }), "204");
    assert.equal((await after.expectRequest()).body.toString(), Buffer.from("before").toString());
    await after.close();
  });

  it("is 32 bytes that the editor has made, and nothing that could be guessed", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const address = url + relayPaths.readKey(created.channel);
    for (const readKey of ["", "short", "a".repeat(42), "a".repeat(200), 7, undefined]) {
      assert.equal(await ask(address, "PUT", created.readKey, { readKey }), "400 MALFORMED_READ_KEY", String(readKey));
    }
    assert.equal(await ask(address, "POST", created.readKey, {}), "405 METHOD_NOT_ALLOWED");
    assert.equal(await ask(url + relayPaths.channel(created.channel), "GET", created.readKey), "200");
  });
});

describe("a channel that is shared", { timeout: 60_000 }, () => {
  it("is read by those whom its owner names, until they are not named any more", async test => {
    const dataDir = temporaryFolder(test);
    let relay = await startChildServer(test, script, ["--data-dir", dataDir]);
    const created = await createTestChannel(relay.url);
    const [ana, ben] = [newReadKey(), newReadKey()];
    const reader = (id: string): string => relay.url + relayPaths.reader(created.channel, id);
    assert.equal(await ask(reader("ana"), "PUT", created.readKey, { readKey: ana }), "204");
    assert.equal(await ask(reader("ben"), "PUT", created.readKey, { readKey: ben }), "204");
    assert.equal(await post(`${relay.url}/in/${created.channel}`, "for all"), 200);
    const readers = await Promise.all(
      [created.readKey, ana, ben].map(async readKey => RelayReader.open(relay.url, { ...created, readKey })),
    );
    for (const each of readers) {
      await each.expect("hello");
      assert.equal(Buffer.from((await each.expectRequest()).body).toString(), "for all");
      await each.expect("live");
    }
    assert.equal(await ask(reader("ana"), "DELETE", created.readKey), "204");
    assert.equal(await readers[1]?.closed(), 4401);
    assert.equal(await ask(relay.url + relayPaths.channel(created.channel), "GET", ana), "401 WRONG_KEY");
    assert.equal(await post(`${relay.url}/in/${created.channel}`, "without Ana"), 200);
    for (const each of [readers[0], readers[2]]) {
      assert.equal(Buffer.from((await each?.expectRequest())?.body ?? []).toString(), "without Ana");
    }
    await relay.end("SIGTERM");
    for (const secret of [created.readKey, ana, ben]) {
      assert.ok(!relay.log().includes(secret));
      for (const file of readdirSync(dataDir)) assert.ok(!readFileSync(join(dataDir, file)).includes(secret), file);
    }
    relay = await startChildServer(test, script, ["--data-dir", dataDir]);
    const listed: unknown = await (
      await fetch(relay.url + relayPaths.readers(created.channel), {
        headers: { authorization: `Bearer ${created.readKey}` },
      })
    ).json();
    assert.match(JSON.stringify(listed), /^\{"readers":\[\{"id":"ben","createdAt":\d+\}\]\}$/);
    await relay.end("SIGTERM");
  });

  it("is its owner's alone: who only reads can neither replace, share, choose the answer nor delete", async test => {
    const { url } = await startTestRelay(test);
    const { channel, readKey } = await createTestChannel(url);
    const guest = newReadKey();
    assert.equal(await ask(url + relayPaths.reader(channel, "guest"), "PUT", readKey, { readKey: guest }), "204");
    assert.equal(await ask(url + relayPaths.channel(channel), "GET", guest), "200");
    const refused = [
      [relayPaths.channel(channel), "DELETE"],
      [relayPaths.channelAnswer(channel), "PUT"],
      [relayPaths.channelKey(channel), "PUT"],
      [relayPaths.readKey(channel), "PUT"],
      [relayPaths.readers(channel), "GET"],
      [relayPaths.reader(channel, "friend"), "PUT"],
      [relayPaths.reader(channel, "guest"), "DELETE"],
    ] as const;
    for (const [path, method] of refused) {
      const body = method === "PUT" ? { readKey: newReadKey() } : undefined;
      assert.equal(await ask(url + path, method, guest, body), "403 READ_ONLY_KEY", path);
    }
    assert.equal(await ask(url + relayPaths.reader(channel, "x".repeat(33)), "PUT", readKey), "400 MALFORMED_READER");
    assert.equal(await ask(url + relayPaths.channel("no-such-channel-here"), "GET", guest), "404 UNKNOWN_CHANNEL");
  });

  it("has as many readers as the relay allows, and a place for one whose key is replaced", async test => {
    const { url } = await startTestRelay(test);
    const { channel, readKey } = await createTestChannel(url);
    const add = async (id: number): Promise<string> =>
      ask(url + relayPaths.reader(channel, `r${id}`), "PUT", readKey, { readKey: newReadKey() });
    for (let id = 1; id <= 64; id++) assert.equal(await add(id), "204");
    assert.equal(await add(65), "409 TOO_MANY_READERS");
    assert.equal(await add(7), "204");
    assert.equal(await ask(url + relayPaths.reader(channel, "r1"), "DELETE", readKey), "204");
    assert.equal(await add(65), "204");
  });

  it("is no longer read at another node of the same relay either", async test => {
    const servers = await startNatsServers(test, 1);
    const args = ["--nats", servers.map(({ url }) => url).join(","), "--replicas", "1"];
    const [one, other] = [await startChildServer(test, script, args), await startChildServer(test, script, args)];
    const created = await createTestChannel(one.url);
    const guest = newReadKey();
    const reader = one.url + relayPaths.reader(created.channel, "guest");
    assert.equal(await ask(reader, "PUT", created.readKey, { readKey: guest }), "204");
    const stream = await RelayReader.open(other.url, { ...created, readKey: guest });
    await stream.expect("hello");
    assert.equal(await ask(reader, "DELETE", created.readKey), "204");
    assert.equal(await stream.closed(), 4401);
    assert.equal(await ask(other.url + relayPaths.channel(created.channel), "GET", guest), "401 WRONG_KEY");
  });
});
