import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { day, minute } from "../../../src/base/clock.ts";
import { type StoreAppend, SqliteStore } from "../../../src/relay/sqliteStore.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const retention = { maxAge: day, maxEvents: 1_000_000, maxBytes: 1e9, maxStorageBytes: 1e9 };
const channel = "a-channel";
const event: StoreAppend = { channel, receivedAt: 7, scheme: 0, payload: new Uint8Array(1_500) };
const mebibyte = 1024 * 1024;

function open(test: TestContext, clock = new FakeClock()): { store: SqliteStore; logBytes: () => number } {
  const directory = temporaryFolder(test);
  const store = new SqliteStore(directory, retention, clock);
  store.transaction(() => store.createChannel({ channel, readKeyHash: Uint8Array.of(1), createdAt: 5 }));
  const file = join(directory, "relay.db-wal");
  return { store, logBytes: () => (existsSync(file) ? statSync(file).size : 0) };
}

describe("the write-ahead log of the store", () => {
  it("stays about two megabytes however many events are written, one at a time or together", test => {
    const { store, logBytes } = open(test);
    const longest = { single: 0, together: 0 };
    for (let count = 0; count < 1_000; count++) {
      store.transaction(() => store.append([event]));
      store.tidy();
      longest.single = Math.max(longest.single, logBytes());
    }
    for (let count = 0; count < 40; count++) {
      store.transaction(() => store.append(Array.from({ length: 100 }, () => event)));
      store.tidy();
      longest.together = Math.max(longest.together, logBytes());
    }
    assert.ok(longest.single > 1.2 * mebibyte && longest.single < 3 * mebibyte, `${longest.single}`);
    assert.ok(longest.together < 3 * mebibyte, `${longest.together}`);
    assert.equal(store.bounds(channel)?.newest, 5_000);
    store.close();
  });

  it("is brought in by no commit, only in between", test => {
    const { store, logBytes } = open(test);
    for (let count = 0; count < 20; count++) {
      store.transaction(() => store.append(Array.from({ length: 200 }, () => event)));
    }
    assert.ok(logBytes() > 5 * mebibyte, `${logBytes()}`);
    store.tidy();
    assert.equal(logBytes(), 0);
    store.close();
  });

  it("is empty once nothing was written for a while, and gone when the store is closed", test => {
    const clock = new FakeClock();
    const { store, logBytes } = open(test, clock);
    store.transaction(() => store.append([event]));
    assert.ok(logBytes() > 0);
    clock.advance(minute);
    assert.equal(logBytes(), 0);
    store.transaction(() => store.append([event]));
    store.close();
    assert.equal(logBytes(), 0);
    assert.equal(clock.pending, 0);
  });
});

describe("the pages of the database", () => {
  const ten = Array.from({ length: 10 }, () => event);
  const smallRetention = { ...retention, maxStorageBytes: mebibyte };

  /** How many events the store takes until its file is as large as it may be, and what the file is like then. */
  function fill(directory: string): { events: number; pageBytes: unknown; fileBytes: number } {
    const store = new SqliteStore(directory, smallRetention, new FakeClock());
    store.transaction(() => store.createChannel({ channel, readKeyHash: Uint8Array.of(1), createdAt: 5 }));
    let events = 0;
    assert.throws(
      () => {
        for (; events < 1_000; events += 10) store.transaction(() => store.append(ten));
      },
      { message: /full/ },
    );
    store.close();
    const database = new DatabaseSync(join(directory, "relay.db"), { readOnly: true });
    const pageBytes = database.prepare("PRAGMA page_size").get()?.["page_size"];
    database.close();
    return { events, pageBytes, fileBytes: statSync(join(directory, "relay.db")).size };
  }

  it("are larger in a new file, where more events find room, and as they were in a file of an earlier relay", test => {
    const earlier = temporaryFolder(test);
    const database = new DatabaseSync(join(earlier, "relay.db"));
    database.exec("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE made_before (x)");
    database.close();
    const [now, before] = [fill(temporaryFolder(test)), fill(earlier)];
    assert.deepEqual([now.pageBytes, before.pageBytes], [8_192, 4_096]);
    assert.ok(now.events > before.events, `${now.events} and ${before.events}`);
    for (const { fileBytes } of [now, before]) {
      assert.ok(fileBytes > 0.9 * mebibyte && fileBytes <= mebibyte, `${fileBytes}`);
    }
  });
});
