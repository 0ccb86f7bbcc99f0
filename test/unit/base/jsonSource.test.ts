import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type JsonFaultKind, mostValues } from "../../../src/base/jsonScanner.ts";
import { JsonSource } from "../../../src/base/jsonSource.ts";

function parse(text: string): JsonSource {
  const parsed = JsonSource.parse(text);
  assert.ok(parsed.ok, parsed.ok ? "" : JSON.stringify(parsed.error));
  return parsed.value;
}

function literals(source: JsonSource): [string | undefined, string][] {
  return [...source.children(source.root)].map(node => [source.keyOf(node), source.literal(node)]);
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
    const source = parse('{"b":1,"a":2,"b":3,"__proto__":4,"constructor":5,"":6,"10":7}');
    assert.deepEqual(
      literals(source).map(([key]) => key),
      ["b", "a", "b", "__proto__", "constructor", "", "10"],
    );
    assert.equal(source.literal(source.member(source.root, "b") ?? source.root), "3");
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
    assert.ok(list !== undefined);
    assert.deepEqual(
      [...source.children(list)].map(node => [source.keyOf(node), source.kindOf(node), source.textOf(node)]),
      [
        [undefined, "number", "1"],
        [undefined, "string", "\\"],
        [undefined, "object", "{ }"],
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
    assert.equal(source.countOf(source.root), 1);
    assert.equal(source.size, depth);
    assert.equal(source.parentOf(depth - 1), depth - 2);
  });

  it("has no children in scalars, and no members in arrays", () => {
    const source = parse("[1]");
    assert.deepEqual([...source.children(1)], []);
    assert.equal(source.member(source.root, "0"), undefined);
    assert.equal(source.parentOf(source.root), undefined);
  });

  it("finds the value that a place in the text belongs to; a key belongs to its value", () => {
    const text = '{"a": {"bc": [10, 20]} , "d":1}';
    const source = parse(text);
    const at = (part: string): string => source.literal(source.nodeAt(text.indexOf(part)));
    assert.equal(at("10"), "10");
    assert.equal(at("0]"), "20");
    assert.equal(at('bc"'), "[10, 20]");
    assert.equal(at("} ,"), '{"bc": [10, 20]}');
    assert.equal(at(" , "), text);
    assert.equal(at("d"), "1");
    assert.equal(at("{"), text);
  });

  it("gives a part of a long literal", () => {
    const source = parse(JSON.stringify("x".repeat(1_000)));
    assert.equal(source.literal(source.root, 5), '"xxxx');
    assert.equal(source.lengthOf(source.root), 1_002);
  });

  it("is read in pieces, however long a string in it is", () => {
    const reading = JsonSource.read(`["${"x".repeat(1_000_000)}","${"\\n".repeat(200_000)}"]`);
    let pieces = 1;
    let piece = reading.next();
    for (; piece.done !== true; piece = reading.next()) pieces++;
    assert.ok(pieces > 20);
    assert.ok(piece.value.ok);
    assert.equal(piece.value.value.countOf(0), 2);
  });
});

describe("a text that is not JSON", () => {
  const faults: readonly (readonly [text: string, kind: JsonFaultKind, position: number])[] = [
    ["", "end", 0],
    ["  ", "end", 2],
    ["[1", "end", 2],
    ['{"a":1,}', "key", 7],
    ["{a:1}", "key", 1],
    ['{"a" 1}', "colon", 5],
    ["[1 2]", "comma", 3],
    ["[1}", "comma", 2],
    ['{"a":1]', "comma", 6],
    ["[1,]", "character", 3],
    ["[1] x", "rest", 4],
    ['"abc', "string-end", 4],
    ['"a\nb"', "string-control", 2],
    ['"\\x"', "escape", 1],
    ['"\\u12g4"', "escape", 1],
    ["01", "number", 1],
    ["1.", "number", 1],
    ["+1", "number", 0],
    ["nul", "number", 0],
    ["truex", "number", 4],
    ["NaN", "number", 0],
    ["'a'", "character", 0],
  ];

  for (const [text, kind, position] of faults) {
    it(`is told with the place of the fault: ${JSON.stringify(text)}`, () => {
      const parsed = JsonSource.parse(text);
      assert.deepEqual(parsed.ok ? undefined : parsed.error, { kind, position });
      assert.throws(() => JSON.parse(text), SyntaxError);
    });
  }

  it("is no text that JSON.parse takes", () => {
    const texts = ["[]", " [ ] ", '{"a":{}}', '"\\ud800"', "1e5", "-0.0E+1", '{"":[null,true,false,"\\/"]}'];
    for (const text of texts) {
      assert.doesNotThrow(() => JSON.parse(text));
      assert.equal(JsonSource.parse(text).ok, true, text);
    }
  });
});

describe("a text with very many values", () => {
  it("is read up to a number of them, and not called broken beyond it", () => {
    assert.ok(JsonSource.parse(`[${"0,".repeat(mostValues - 2)}0]`).ok);
    const parsed = JsonSource.parse(`[${"0,".repeat(mostValues - 1)}0]`);
    assert.deepEqual(parsed.ok ? undefined : parsed.error, { kind: "too-many" });
  });
});

function rebuild(source: JsonSource, node = source.root): unknown {
  const kind = source.kindOf(node);
  const children = [...source.children(node)];
  if (kind === "array") return children.map(child => rebuild(source, child));
  if (kind !== "object") return JSON.parse(source.literal(node));
  return Object.fromEntries(children.map(child => [source.keyOf(child), rebuild(source, child)]));
}
