import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { relayPaths } from "../../../src/protocol/relayApi.ts";
import { hashKey } from "../../../src/relay/channelKeys.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";

/** As the first relay made it. */
const firstSchema = `
  CREATE TABLE channel (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, read_key_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL, next_sequence INTEGER NOT NULL) STRICT;
  CREATE TABLE event (arrival INTEGER PRIMARY KEY, channel INTEGER NOT NULL, sequence INTEGER NOT NULL,
    received_at INTEGER NOT NULL, scheme INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
  CREATE UNIQUE INDEX event_by_sequence ON event (channel, sequence);
  PRAGMA user_version = 1;
`;

describe("a database of the first relay", () => {
  it("is taken over with its channels and events, and counts the bytes that it had", async test => {
    const dataDir = temporaryFolder(test);
    const [channel, readKey] = ["channel-of-the-first-relay", "key-of-the-first-relay"];
    const database = new DatabaseSync(join(dataDir, "relay.db"));
    database.exec(firstSchema);
    database.prepare("INSERT INTO channel VALUES (1, ?, ?, 1, 6)").run(channel, hashKey(readKey));
    const insert = database.prepare("INSERT INTO event VALUES (?, 1, ?, ?, 0, ?)");
    for (let sequence = 1; sequence <= 5; sequence++)
      insert.run(sequence, sequence, Date.now(), Buffer.alloc(30_000, 32));
    database.close();
    const { url } = await startTestRelay(test, { dataDir, maxChannelBytes: 100_000 });
    const ingestUrl = `${url}/in/${channel}`;
    assert.equal(await post(ingestUrl, "one more"), 200);
    const reader = await RelayReader.open(url, { channel, readKey, ingestUrl });
    assert.deepEqual((({ oldest, newest }) => [oldest, newest])(await reader.expect("hello")), [3, 6]);
    await reader.close();
    // What no release before knew: its senders get the relay's own answer until another is chosen.
    const address = url + relayPaths.channelAnswer(channel);
    const headers = { authorization: `Bearer ${readKey}` };
    assert.deepEqual(await (await fetch(address, { headers })).json(), { answer: null });
    const body = JSON.stringify({ answer: { status: 202 } });
    assert.equal((await fetch(address, { method: "PUT", headers, body })).status, 200);
    assert.equal(await post(ingestUrl, "and another"), 202);
  });
});
