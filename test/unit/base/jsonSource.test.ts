import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonSource } from "../../../src/base/jsonSource.ts";

function parse(text: string): JsonSource {
  const parsed = JsonSource.parse(text);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.error);
  return parsed.value;
}

function literals(source: JsonSource): [string, string][] {
  return source.entries(source.root).map(({ label, node }) => [label, source.literal(node)]);
}

describe("a JSON text read as it is written", () => {
  it("keeps numbers to the digit", () => {
    const text = '{"id":6756839000000575405,"amount":1.10,"tiny":1E-400,"minus":-0}';
    assert.deepEqual(literals(parse(text)), [
      ["id", "6756839000000575405"],
      ["amount", "1.10"],
      ["tiny", "1E-400"],
      ["minus", "-0"],
    ]);
  });

  it("keeps order and repetition of keys, and takes peculiar ones as they are", () => {
    const text = '{"b":1,"a":2,"b":3,"__proto__":4,"constructor":5,"":6,"10":7}';
    assert.deepEqual(
      literals(parse(text)).map(([label]) => label),
      ["b", "a", "b", "__proto__", "constructor", "", "10"],
    );
    assert.equal(parse(text).literal(parse(text).member(parse(text).root, "b") ?? parse(text).root), "3");
  });

  it("is not confused by brackets, commas and quotes inside strings, or by white space", () => {
    const text = ' {\n"a" : "]},\\"{" ,\t"b": [ 1 , "\\\\" , { } ] , "c\\u0041" : null } ';
    const source = parse(text);
    assert.deepEqual(literals(source), [
      ["a", '"]},\\"{"'],
      ["b", '[ 1 , "\\\\" , { } ]'],
      ["cA", "null"],
    ]);
    const list = source.member(source.root, "b");
    assert.ok(list);
    assert.deepEqual(
      source.entries(list).map(entry => [entry.label, entry.node.kind, source.textOf(entry.node)]),
      [
        ["0", "number", "1"],
        ["1", "string", "\\"],
        ["2", "object", "{ }"],
      ],
    );
  });

  it("agrees with JSON.parse about every kind of value", () => {
    for (const text of ["true", "false", "null", "-12.5e3", '"x"', "[]", "{}", "[[[]],{}]", '[{"a":[{"b":{}}]}]']) {
      assert.deepEqual(rebuild(parse(text)), JSON.parse(text), text);
    }
  });

  it("reads any depth without overflowing", () => {
    const depth = 200_000;
    const source = parse("[".repeat(depth) + "]".repeat(depth));
    assert.equal(source.entries(source.root).length, 1);
  });

  it("has no entries in scalars, and no members in arrays", () => {
    const source = parse("[1]");
    const [first] = source.entries(source.root);
    assert.ok(first);
    assert.deepEqual(source.entries(first.node), []);
    assert.equal(source.member(source.root, "0"), undefined);
  });
});

describe("a text that is not JSON", () => {
  it("is told with the place of the fault", () => {
    const parsed = JsonSource.parse('{\n  "a": 1,\n  b\n}');
    assert.ok(!parsed.ok);
    assert.match(parsed.error, /at line 3, column 3$/);
  });

  it("is told without repeating the text", () => {
    const parsed = JsonSource.parse("secret=1");
    assert.ok(!parsed.ok);
    assert.doesNotMatch(parsed.error, /secret/);
  });
});

function rebuild(source: JsonSource, node = source.root): unknown {
  if (node.kind === "array") return source.entries(node).map(entry => rebuild(source, entry.node));
  if (node.kind !== "object") return JSON.parse(source.literal(node));
  return Object.fromEntries(source.entries(node).map(entry => [entry.label, rebuild(source, entry.node)]));
}
