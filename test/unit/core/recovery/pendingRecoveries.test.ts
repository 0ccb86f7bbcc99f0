import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PendingRecoveries } from "../../../../src/core/recovery/pendingRecoveries.ts";
import type { RecoveryRequest } from "../../../../src/core/recovery/recoveryService.ts";
import type { WatchedModule } from "../../../../src/core/recovery/watched.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { KeptNotes } from "./keptNotes.ts";

const leads: WatchedModule = { module: "Leads", operations: ["create"], hasCondition: false };
const deals: WatchedModule = { module: "Deals", operations: ["edit"], hasCondition: true };
const channel = { connectionId: "c", channelId: "1" };
const request: RecoveryRequest = { ...channel, watched: [leads], from: 100, to: 200 };
const ended: RecoveryRequest = { ...request, clock: "zoho" };

function open(notes = new KeptNotes()) {
  const pending = new PendingRecoveries(notes);
  let ready = 0;
  pending.onDidBecomeReady(() => ready++);
  return { notes, pending, readyCount: () => ready };
}

describe("what is still to be looked for", () => {
  it("is kept over restarts until it is settled, and says that it is there", () => {
    const { notes, pending, readyCount } = open();
    pending.add(request);
    assert.equal(readyCount(), 1);
    const after = open(notes).pending;
    assert.deepEqual(after.list(), [request]);
    after.settle(request);
    assert.deepEqual([after.list(), notes.keys("")], [[], []]);
  });

  it("stays where something was joined to it while it was looked for, at either end", () => {
    for (const more of [
      { ...request, from: 50 },
      { ...request, to: 300 },
    ]) {
      const { pending } = open();
      pending.add(request);
      pending.add(more);
      pending.settle(request);
      assert.deepEqual(pending.list(), [more]);
      pending.settle(more);
      assert.deepEqual(pending.list(), []);
    }
  });

  it("reaches from the earliest beginning to the latest end, with all that any of them watched", () => {
    const { pending } = open();
    pending.add({ ...request, watched: [leads], from: 100, to: 400 });
    pending.add({ ...request, watched: [{ ...leads, operations: ["delete", "create"] }, deals], from: 200, to: 300 });
    const watched = [{ ...leads, operations: ["create", "delete"] }, deals];
    assert.deepEqual(pending.list(), [{ ...request, watched, from: 100, to: 400 }]);
  });

  it("is apart for each channel and each connection", () => {
    const { pending } = open();
    const requests = [request, { ...request, channelId: "2" }, { ...request, connectionId: "d" }];
    for (const each of requests) pending.add(each);
    assert.deepEqual(pending.list(), requests);
    pending.forget(request);
    assert.deepEqual(pending.list(), requests.slice(1));
  });

  it("is not there before a lapse has ended, which says so then and once", () => {
    const { notes, pending, readyCount } = open();
    const subscriptions = [aSubscription({ channelId: "1" })];
    pending.begin({ ...channel, subscriptions, from: 100 });
    assert.deepEqual([pending.list(), readyCount()], [[], 0]);
    assert.deepEqual(
      pending.open("c").map(({ channelId }) => channelId),
      ["1"],
    );
    assert.deepEqual(pending.open("d"), []);
    const after = open(notes);
    after.pending.end(channel, 200);
    assert.deepEqual([after.pending.list(), after.pending.open("c"), after.readyCount()], [[ended], [], 1]);
    after.pending.end(channel, 300);
    after.pending.end({ ...channel, channelId: "2" }, 300);
    assert.deepEqual([after.pending.list(), after.readyCount()], [[ended], 1]);
  });

  it("has no end before its beginning, though the clocks of Zoho and of this machine differ", () => {
    const { pending } = open();
    pending.begin({ ...channel, subscriptions: [aSubscription()], from: 100 });
    pending.end(channel, 40);
    assert.deepEqual(pending.list(), [{ ...ended, to: 100 }]);
  });

  it("stays without an end where a gap falls into a lapse, and the other way round", () => {
    const lapse = { ...channel, subscriptions: [aSubscription()], from: 300 };
    const during = open().pending;
    during.begin(lapse);
    during.add(request);
    const before = open().pending;
    before.add(request);
    before.begin(lapse);
    for (const pending of [during, before]) {
      assert.deepEqual(pending.list(), []);
      pending.end(channel, 400);
      assert.deepEqual(pending.list(), [{ ...ended, from: 300, to: 400, gap: { from: 100, to: 200 } }]);
    }
  });

  it("keeps lapses and gaps apart, as they are by two clocks", () => {
    const lapse = (pending: PendingRecoveries, from: number, to: number) => {
      pending.begin({ ...channel, subscriptions: [aSubscription()], from });
      pending.end(channel, to);
    };
    const { pending } = open();
    lapse(pending, 300, 400);
    const first = { ...ended, from: 300, to: 400 };
    assert.deepEqual(pending.list(), [first]);
    pending.add({ ...request, from: 1100, to: 1200 });
    const both = { ...first, gap: { from: 1100, to: 1200 } };
    pending.settle(first);
    assert.deepEqual(pending.list(), [both]);
    pending.add({ ...request, from: 1000, to: 1100 });
    lapse(pending, 500, 600);
    pending.settle(both);
    const all = { ...both, to: 600, gap: { from: 1000, to: 1200 } };
    assert.deepEqual(pending.list(), [all]);
    pending.settle(all);
    assert.deepEqual(pending.list(), []);
  });

  it("is read as an earlier version wrote it: what has no end is a lapse, what has one is by this machine's clock", () => {
    const { notes, pending } = open();
    notes.set("recovery/pending/c/1", JSON.stringify({ ...request, to: undefined }));
    notes.set("recovery/pending/c/2", JSON.stringify({ ...request, channelId: "2" }));
    notes.set("recovery/pending/c/3", JSON.stringify({ ...request, channelId: "3", to: undefined }));
    pending.add({ ...request, from: 20, to: 50 });
    for (const channelId of ["1", "2", "3"]) pending.end({ ...channel, channelId }, 200);
    assert.deepEqual(pending.list(), [
      { ...ended, gap: { from: 20, to: 50 } },
      { ...request, channelId: "2" },
      { ...ended, channelId: "3" },
    ]);
    pending.settle({ ...ended, channelId: "2" });
    assert.equal(pending.list().length, 3);
  });

  it("leaves word of the last lapse when it is settled; a gap is none", () => {
    const { pending } = open();
    pending.add(request);
    assert.equal(pending.lastLapse(channel), undefined);
    pending.begin({ ...channel, subscriptions: [aSubscription()], from: 300 });
    pending.end(channel, 400);
    pending.settle({ ...ended, from: 300, to: 400, gap: { from: 100, to: 200 } });
    assert.deepEqual(pending.list(), []);
    assert.deepEqual([pending.lastLapse(channel), pending.lastLapse({ ...channel, channelId: "2" })], [300, undefined]);
  });

  it("finds the word of the last lapse where an earlier version left it", () => {
    const { notes, pending } = open();
    notes.set("recovery/lapse/c/1", "300");
    assert.equal(pending.lastLapse(channel), 300);
    pending.begin({ ...channel, subscriptions: [aSubscription()], from: 500 });
    assert.equal(notes.get("recovery/lapse/c/1"), "500");
  });

  it("is nothing that another version wrote", () => {
    const { notes, pending } = open();
    notes.set("recovery/pending/c/1", "{");
    notes.set("recovery/pending/c/2", JSON.stringify({ ...request, watched: "all" }));
    assert.deepEqual([pending.list(), pending.open("c")], [[], []]);
    pending.end(channel, 300);
    pending.add(request);
    assert.deepEqual(pending.list(), [request]);
  });

  it("tells nobody any more once it is disposed", () => {
    const { pending, readyCount } = open();
    pending.dispose();
    pending.add(request);
    assert.equal(readyCount(), 0);
  });
});
