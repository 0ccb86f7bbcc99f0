import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compactJson, indentJson, sortJson } from "../../../src/base/formatJson.ts";

describe("forms of a JSON text", () => {
  it("change nothing but white space, of any value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), text => {
        const indented = indentJson(text) ?? assert.fail();
        assert.equal(compactJson(indented), compactJson(text));
        assert.equal(indented, JSON.stringify(JSON.parse(text), undefined, 2));
      }),
    );
  });

  it("keep digits, escapes, and keys that come twice", () => {
    const text = '{"id":6756839000000575405,"amount":1.10,"a":"\\u0041\\/ , : {","b":[],"b":{},"deep":[[1,{"x":-0}]]}';
    const indented = indentJson(` ${text}\n`, { margin: "  " }) ?? assert.fail();
    assert.equal(compactJson(indented), text);
    assert.match(indented, /^\{\n {4}"id": 6756839000000575405,\n {4}"amount": 1\.10,\n/);
    assert.match(indented, /"b": \[\],\n {4}"b": \{\},/);
  });

  it("sort members by their keys at every level, and keep what comes twice in its order", () => {
    const sorted = sortJson('{"b":[{"z":1,"a":2}],"a":10000000000000000001,"b":0}');
    assert.equal(sorted, '{"a":10000000000000000001,"b":[{"a":2,"z":1}],"b":0}');
  });

  it("take any depth and length", () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    assert.equal(sortJson(deep), deep);
    assert.equal(compactJson(deep), deep);
    const long = `"${"\\\\x".repeat(2_000_000)}"`;
    assert.equal(indentJson(long), long);
  });

  it("are undefined for what is no JSON", () => {
    for (const text of ["", "{", "{a:1}", "[1,]", "NaN", "'x'"]) {
      assert.deepEqual([compactJson(text), indentJson(text), sortJson(text)], [undefined, undefined, undefined]);
    }
  });
});
