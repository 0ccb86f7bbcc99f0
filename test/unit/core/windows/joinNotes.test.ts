import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PendingRecoveries } from "../../../../src/core/recovery/pendingRecoveries.ts";
import { joinedNote } from "../../../../src/core/windows/joinNotes.ts";
import { KeptNotes } from "../recovery/keptNotes.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

function joined(key: string, file: unknown, memory: unknown): unknown {
  return JSON.parse(joinedNote(key, JSON.stringify(file), JSON.stringify(memory)));
}

describe("a note that the file and a window that could not read it both have", () => {
  it("is the window's, which is newer, but a loan the file's, which knows how the channel was before", () => {
    assert.equal(joinedNote("renewal/mode/c", "file", "memory"), "memory");
    assert.equal(joinedNote("borrow/c/1", "file", "memory"), "file");
  });

  it("of a renewal keeps what the person chose and what failed, as long as the channel has the same end", () => {
    const problem = { kind: "scope", code: "X", message: "", remedy: "none" };
    const file = { expiresAt: 7, grantedAt: 1, renewedAt: 1, stopped: true, failures: 2, retryAt: 5, problem };
    assert.deepEqual(joined("renewal/channel/c/1", file, { expiresAt: 7, failures: 0 }), file);
    const memory = { expiresAt: 9, failures: 0, grantedAt: 8 };
    assert.deepEqual(joined("renewal/channel/c/1", file, memory), { ...memory, renewedAt: 1, stopped: true });
  });

  it("of a renewal lets the window's own word count", () => {
    const memory = { expiresAt: 7, failures: 0, stopped: false };
    assert.deepEqual(joined("renewal/channel/c/1", { expiresAt: 7, failures: 0, stopped: true }, memory), memory);
  });

  it("of what is to be recovered reaches from the earlier beginning to the later end, for all that either watches", () => {
    const row = { connectionId: "c", channelId: "1" };
    const leads = { module: "Leads", operations: ["create"], hasCondition: false };
    const file = { ...row, watched: [leads, { ...leads, module: "Deals" }], from: 1, to: 3 };
    const memory = { ...row, watched: [{ ...leads, operations: ["edit"] }], from: 8, to: 9 };
    assert.deepEqual(joined("recovery/pending/c/1", file, memory), {
      ...row,
      watched: [
        { ...leads, operations: ["create", "edit"] },
        { ...leads, module: "Deals" },
      ],
      from: 1,
      to: 9,
    });
    for (const [one, other] of [
      [file, { ...memory, to: undefined }],
      [{ ...file, to: undefined }, memory],
    ]) {
      const lapse = joined("recovery/pending/c/1", one, other);
      assert.ok(typeof lapse === "object" && lapse !== null && !("to" in lapse), "one has not ended");
    }
  });

  it("of what is to be recovered keeps the times of each clock apart, as when one file had both all the time", () => {
    const who = { connectionId: "c", channelId: "1" };
    const watched = [{ module: "Leads", operations: ["create" as const], hasCondition: false }];
    const subscriptions = [aSubscription()];
    const gap = (from: number) => (pending: PendingRecoveries) => pending.add({ ...who, watched, from, to: from + 10 });
    const lapse = (from: number) => (pending: PendingRecoveries) => {
      pending.begin({ ...who, subscriptions, from });
      pending.end(who, from + 10);
    };
    for (const [first, second] of [
      [[gap(100), lapse(500)], [lapse(700)]],
      [[lapse(500)], [gap(100)]],
      [[gap(100)], [lapse(500)]],
    ] as const) {
      const [open, file, memory] = [new KeptNotes(), new KeptNotes(), new KeptNotes()];
      for (const note of [...first, ...second]) note(new PendingRecoveries(open));
      for (const note of first) note(new PendingRecoveries(file));
      for (const note of second) note(new PendingRecoveries(memory));
      const key = "recovery/pending/c/1";
      file.set(key, joinedNote(key, file.get(key) ?? "", memory.get(key) ?? ""));
      assert.deepEqual(new PendingRecoveries(file).list(), new PendingRecoveries(open).list());
    }
  });

  it("is the window's where the file's cannot be read", () => {
    for (const key of ["renewal/channel/c/1", "recovery/pending/c/1"]) {
      assert.equal(joinedNote(key, "{", '{"failures":1}'), '{"failures":1}');
    }
  });
});
