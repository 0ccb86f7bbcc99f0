import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { hour } from "../../../../src/base/clock.ts";
import { type DeliverySources, deliveredSince, lastDelivery } from "../../../../src/core/recovery/deliveredChanges.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import { capturedPost, latinBody, notificationBody } from "../../../support/eventBodies.ts";
import { PlayedDeliveries, deliveryBody } from "./playedDeliveries.ts";

/** The history, and a book that knows the token of the channels `known`: `of the channel`. */
function sources(history: PlayedDeliveries, ...known: readonly string[]): DeliverySources {
  const tokens = new TokenBook();
  for (const channelId of known) tokens.learn(channelId, "of the channel");
  return { history, tokens };
}

const subject = { channelId: "1", module: "Leads" };
const noon = Date.UTC(2026, 0, 5, 12);

describe("what was delivered", () => {
  it("is each record of the deliveries since then, with Zoho's time, of the channel and the module alone", async () => {
    const history = new PlayedDeliveries();
    history.deliver("1", "insert", noon - 1);
    history.deliver("2", "update", noon);
    const both = { ids: ["3", "4"], operation: "delete", server_time: noon + 5 };
    history.add({ receivedAt: noon + hour, payload: capturedPost(notificationBody(both)) });
    assert.deepEqual(await deliveredSince(sources(history), subject, noon), [
      { recordId: "2", operation: "edit", serverTime: noon },
      { recordId: "3", operation: "delete", serverTime: noon + 5 },
      { recordId: "4", operation: "delete", serverTime: noon + 5 },
    ]);
    assert.deepEqual(history.filters, [
      [
        { key: "channel", values: ["1"], negated: false },
        { key: "module", values: ["Leads"], negated: false },
      ],
    ]);
  });

  it("includes a notification of which a byte is not UTF-8", async () => {
    const history = new PlayedDeliveries();
    history.add({ receivedAt: 1_750_102_640_000, payload: capturedPost(latinBody()) });
    const found = await deliveredSince(sources(history), { channelId: "1105420521999070702", module: "Leads" }, 0);
    assert.deepEqual(
      found.map(({ recordId }) => recordId),
      ["6756839000000575405"],
    );
  });

  it("happened when it was received where the delivery does not tell", async () => {
    const history = new PlayedDeliveries();
    const body = notificationBody({ ids: ["1"], server_time: undefined });
    history.add({ receivedAt: noon + 7, payload: capturedPost(body) });
    assert.deepEqual(await deliveredSince(sources(history), subject, noon), [
      { recordId: "1", operation: "edit", serverTime: noon + 7 },
    ]);
  });

  it("is nothing that cannot be read, and nothing that was recovered or is a gap", async () => {
    const history = new PlayedDeliveries();
    const payload = capturedPost(deliveryBody("1", "insert", noon));
    history.add({ receivedAt: noon, payload, unreadable: "no-key" });
    history.add({ receivedAt: noon, payload: new Uint8Array([1, 2, 3]) });
    history.add({ receivedAt: noon, payload: capturedPost(new Uint8Array([0xff])) });
    history.add({ receivedAt: noon, payload: capturedPost("{") });
    const entry = { receivedAt: noon, storedAt: noon, sequence: 1 };
    history.events.push({ ...entry, id: 9, source: "gap", kind: "gap", count: 1, reason: "retention" });
    assert.deepEqual(await deliveredSince(sources(history), subject, noon - hour), []);
  });

  it("is looked for page by page from the newest back, each entry once", async () => {
    const history = new PlayedDeliveries();
    for (let index = 0; index < 450; index++) history.deliver(String(index), "update", noon + index);
    const found = await deliveredSince(sources(history), subject, noon);
    assert.deepEqual(
      found.map(({ recordId }) => Number(recordId)).toSorted((a, b) => a - b),
      Array.from({ length: 450 }, (_, index) => index),
    );
    assert.deepEqual(history.offsets, [250, 50, 0]);
  });

  it("reads no page more than there are entries for", async () => {
    for (const [count, offsets] of [
      [0, []],
      [200, [0]],
      [400, [200, 0]],
    ] as const) {
      const history = new PlayedDeliveries();
      for (let index = 0; index < count; index++) history.deliver(String(index), "update", noon);
      assert.equal((await deliveredSince(sources(history), subject, noon)).length, count);
      assert.deepEqual(history.offsets, offsets);
    }
  });

  it("lets the extension host see to other things after 20 ms, also within a page", async test => {
    const history = new PlayedDeliveries();
    // What anybody posts may take much longer than what Zoho sends.
    let now = 0;
    test.mock.method(performance, "now", () => (now += 5));
    for (let index = 0; index < 100; index++) history.add({ receivedAt: noon, payload: capturedPost("{") });
    for (const read of [
      async () => deliveredSince(sources(history), subject, noon),
      async () => lastDelivery(sources(history), "1"),
    ]) {
      let [turns, isOver] = [0, false];
      const reading = read().finally(() => (isOver = true));
      for (; !isOver; turns++) await setImmediate();
      await reading;
      assert.ok(turns >= 20, `${turns} turns`);
    }
  });

  it("is nothing that becomes more than a notification has when it is decompressed", async () => {
    for (const [letters, found] of [
      [100_000, 1],
      [300_000, 0],
    ] as const) {
      const history = new PlayedDeliveries();
      const text = notificationBody({ ids: ["7"], server_time: noon, more: "m".repeat(letters) });
      history.add({ receivedAt: noon, payload: capturedPost(gzipSync(text)) });
      assert.equal((await deliveredSince(sources(history), subject, noon)).length, found);
    }
  });

  it("is looked for no longer once a whole page is older than disorder explains", async () => {
    const history = new PlayedDeliveries();
    for (let index = 0; index < 600; index++) history.deliver(String(index), "update", noon - 12 * hour - 1);
    assert.deepEqual(await deliveredSince(sources(history), subject, noon), []);
    assert.deepEqual(history.offsets, [400]);
    const mixed = new PlayedDeliveries();
    mixed.deliver("late", "update", noon);
    for (let index = 0; index < 200; index++) mixed.deliver(String(index), "update", noon - 12 * hour);
    assert.equal((await deliveredSince(sources(mixed), subject, noon)).length, 1);
  });

  it("goes on behind a page of which nothing can be read", async () => {
    const history = new PlayedDeliveries();
    history.deliver("1", "insert", noon);
    for (let index = 0; index < 200; index++) history.add({ receivedAt: noon, payload: capturedPost("{") });
    assert.equal((await deliveredSince(sources(history), subject, noon)).length, 1);
  });
});

describe("what only looks like a delivery", () => {
  const homemade = ["replayed", "test", "imported", "webhook"] as const;

  it("is what was made on this machine, whatever it says", async () => {
    const history = new PlayedDeliveries();
    const payload = capturedPost(deliveryBody("1", "insert", noon));
    for (const source of homemade) history.add({ receivedAt: noon, source, payload });
    assert.deepEqual(await deliveredSince(sources(history), subject, noon), []);
    assert.equal(await lastDelivery(sources(history), "1"), undefined);
  });

  it("is what carries another token than the channel's, or none, but for deletions, which Zoho sends without", async () => {
    const counts = async (operation: string, token: string | null): Promise<boolean> => {
      const history = new PlayedDeliveries();
      const body = notificationBody({ channel_id: "1", ids: ["7"], operation, token, server_time: noon });
      history.add({ receivedAt: noon, payload: capturedPost(body) });
      const isFound = (await deliveredSince(sources(history, "1"), subject, noon)).length > 0;
      assert.equal((await lastDelivery(sources(history, "1"), "1")) !== undefined, isFound);
      return isFound;
    };
    assert.ok(await counts("insert", "of the channel"));
    assert.ok(!(await counts("insert", "guessed")));
    assert.ok(!(await counts("delete", "guessed")));
    assert.ok(!(await counts("update", null)));
    assert.ok(await counts("delete", null));
  });
});

describe("the last delivery of a channel", () => {
  it("is when the newest one was received", async () => {
    const history = new PlayedDeliveries();
    assert.equal(await lastDelivery(sources(history), "1"), undefined);
    history.deliver("1", "insert", noon);
    history.deliver("2", "insert", noon + 5);
    const entry = { receivedAt: noon + 9, storedAt: noon, sequence: 1 };
    history.events.push({ ...entry, id: 9, source: "gap", kind: "gap", count: 1, reason: "retention" });
    assert.equal(await lastDelivery(sources(history), "1"), noon + 5);
    assert.deepEqual(history.filters.at(-1), [{ key: "channel", values: ["1"], negated: false }]);
  });

  it("is looked for from the newest page back, and no further than it is", async () => {
    const history = new PlayedDeliveries();
    for (let index = 0; index < 450; index++) history.deliver("1", "insert", noon + index);
    assert.equal(await lastDelivery(sources(history), "1"), noon + 449);
    assert.deepEqual(history.offsets, [250]);
    for (let index = 0; index < 201; index++) history.add({ receivedAt: noon + hour, source: "replayed" });
    assert.equal(await lastDelivery(sources(history), "1"), noon + 449);
  });
});
