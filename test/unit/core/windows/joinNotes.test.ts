import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { joinedNote } from "../../../../src/core/windows/joinNotes.ts";

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
      const text = joinedNote("recovery/pending/c/1", JSON.stringify(one), JSON.stringify(other));
      assert.doesNotMatch(text, /"to"/, "one has not ended");
    }
  });

  it("is the window's where the file's cannot be read", () => {
    for (const key of ["renewal/channel/c/1", "recovery/pending/c/1"]) {
      assert.equal(joinedNote(key, "{", '{"failures":1}'), '{"failures":1}');
    }
  });
});
