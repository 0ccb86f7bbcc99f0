import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day } from "../../../src/base/clock.ts";
import type { StoreAppend } from "../../../src/relay/sqliteStore.ts";
import { SqliteStoreThread } from "../../../src/relay/sqliteStoreThread.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const channel = "a-channel";
const retention = { maxAge: day, maxEvents: 10_000, maxBytes: 1e9, maxStorageBytes: 1e9 };

interface Sent extends StoreAppend {
  readonly settle: () => void;
}

/** The store with one channel, and how many events each of its transactions had. */
async function open(test: TestContext): Promise<{ store: SqliteStoreThread<Sent>; transactions: number[] }> {
  const transactions: number[] = [];
  const store = await SqliteStoreThread.open<Sent>(temporaryFolder(test), retention, appends => {
    transactions.push(appends.length);
    for (const { settle } of appends) settle();
  });
  test.after(async () => store.close());
  await store.write({
    kind: "createChannel",
    record: { channel, readKeyHash: Uint8Array.of(1), createdAt: 5, readers: [] },
  });
  return { store, transactions };
}

/** Resolves when the event is on disk. */
async function append(store: SqliteStoreThread<Sent>): Promise<void> {
  const event = { channel, receivedAt: 7, scheme: 0, payload: Uint8Array.of(1) };
  return new Promise(resolve => store.append({ ...event, settle: resolve }));
}

/** A sender that posts its next event when the one before was answered. */
async function sendInTurn(store: SqliteStoreThread<Sent>, events: number): Promise<void> {
  for (let count = 0; count < events; count++) await append(store);
}

describe("the transactions of the storage thread", () => {
  it("take in all senders that repeat themselves, also those that began at different times", async test => {
    const { store, transactions } = await open(test);
    const early = Array.from({ length: 6 }, async () => sendInTurn(store, 20));
    // By the next turn the first ones are under way.
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
    const late = Array.from({ length: 6 }, async () => sendInTurn(store, 19));
    await Promise.all([...early, ...late]);
    assert.deepEqual(transactions.slice(0, 2), [6, 12]);
    assert.equal(Math.max(...transactions.slice(1)), 12);
    assert.ok(transactions.length <= 24, transactions.join(" "));
  });

  it("begin without those that do not come again", async test => {
    const { store, transactions } = await open(test);
    await Promise.all(Array.from({ length: 10 }, async () => append(store)));
    await append(store);
    assert.equal(await store.write({ kind: "setPublicKey", channel: "another", publicKey: "" }), false);
    assert.deepEqual(transactions, [10, 1]);
  });
});
