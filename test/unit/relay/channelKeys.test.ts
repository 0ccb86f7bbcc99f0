import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bearerKey, hashKey, keyMatches, newChannelId, newReadKey } from "../../../src/relay/channelKeys.ts";

describe("keys of a channel", () => {
  it("are random, long enough, and fit into an address and a header", () => {
    const ids = new Set(Array.from({ length: 100 }, newChannelId));
    const keys = new Set(Array.from({ length: 100 }, newReadKey));
    assert.deepEqual([ids.size, keys.size], [100, 100]);
    for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{32}$/);
    for (const key of keys) assert.match(key, /^[A-Za-z0-9_-]{43}$/);
  });

  it("match their own hash only", () => {
    const key = newReadKey();
    assert.equal(keyMatches(key, hashKey(key)), true);
    assert.equal(keyMatches(`${key}x`, hashKey(key)), false);
    assert.equal(keyMatches("", hashKey(key)), false);
    assert.equal(keyMatches(key, new Uint8Array(3)), false);
  });

  it("come as a bearer token", () => {
    assert.equal(bearerKey("Bearer abc"), "abc");
    assert.equal(bearerKey("bearer  abc"), "abc");
    for (const header of [undefined, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", `Bearer ${"x".repeat(257)}`]) {
      assert.equal(bearerKey(header), undefined);
    }
  });
});
