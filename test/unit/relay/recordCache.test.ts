import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChannelRecord } from "../../../src/relay/eventLog.ts";
import { RecordCache } from "../../../src/relay/recordCache.ts";

function record(channel: string, body?: string): ChannelRecord {
  const answer = body === undefined ? undefined : { status: 200, headers: [], body };
  return { channel, readKeyHash: new Uint8Array(32), createdAt: 0, answer };
}

function known(cache: RecordCache): string {
  return ["a", "b", "c", "d", "e", "f"].filter(channel => cache.get(channel) !== undefined).join("");
}

describe("the records in memory", () => {
  it("are as many as there is room for, and the one remembered longest ago goes first", () => {
    const cache = new RecordCache(3);
    for (const channel of "abc") cache.set(record(channel));
    cache.set(record("a"));
    cache.set(record("d"));
    assert.equal(known(cache), "acd");
    cache.delete("c");
    cache.delete("c");
    cache.set(record("e"));
    assert.equal(known(cache), "ade");
  });

  it("are fewer where they have answers", () => {
    const cache = new RecordCache(20);
    for (const channel of "abcd") cache.set(record(channel));
    cache.set(record("e", "x".repeat(4_000)));
    assert.equal(known(cache), "abcde");
    cache.set(record("f", "x".repeat(4_000)));
    assert.equal(known(cache), "f");
    for (const channel of "abcd") cache.set(record(channel));
    assert.equal(known(cache), "abcdf");
  });

  it("are believed until their time is up", () => {
    const cache = new RecordCache(3);
    cache.set(record("a"), 1_000);
    assert.ok(cache.get("a", 999));
    assert.equal(cache.get("a", 1_000), undefined);
  });
});
