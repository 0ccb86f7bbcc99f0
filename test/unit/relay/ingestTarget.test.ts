import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseIngestTarget } from "../../../src/relay/ingestTarget.ts";

describe("the target of an ingest request", () => {
  it("is taken apart without decoding or normalising anything", () => {
    const cases = [
      ["/in/abc", "abc", "", ""],
      ["/in/abc/", "abc", "/", ""],
      ["/in/abc//x/../y%2F;p=1", "abc", "//x/../y%2F;p=1", ""],
      ["/in/abc?", "abc", "", ""],
      ["/in/abc?a=1?b=2", "abc", "", "a=1?b=2"],
      ["/in/abc/d?x=/in/other", "abc", "/d", "x=/in/other"],
      ["http://relay.example.com/in/abc/d?x", "abc", "/d", "x"],
      ["HTTPS://relay.example.com:8443/in/A_b-9", "A_b-9", "", ""],
    ] as const;
    for (const [target, channel, path, query] of cases) {
      assert.deepEqual(parseIngestTarget(target), { channel, path, query }, target);
    }
  });

  it("is none without a channel", () => {
    const targets = ["", "/", "*", "/in", "/in/", "/in/?x", "/in//abc", "/IN/abc", "/in/a.b", "/in/a%62c", "x/in/abc"];
    for (const target of [...targets, `/in/${"a".repeat(129)}`, "/in/../in/abc", "/in/abc;v=1", "ftp://h/in/abc"]) {
      assert.equal(parseIngestTarget(target), undefined, target);
    }
  });
});
